import { join } from "node:path";
import { makeIso } from "../../src/build/iso.ts";
import { writeTestTree } from "../guest/modules/catalogue.ts";
import { moduleCrash, moduleSuite } from "../guest/modules/suite.ts";
import { QemuShell } from "./pocket-rocket.ts";

const BUILD = join(import.meta.dirname, "../../build");
const ISO = join(BUILD, "test/modules-qemu.iso");

describe("Pocket Rocket's module loader in QEMU", () => {
	before(() => {
		const tree = join(BUILD, "test/modules-tree-qemu");
		writeTestTree(join(BUILD, "iso-tree"), tree);
		makeIso(tree, join(BUILD, "boot/eltorito.bin"), ISO);
	});
	moduleSuite(() => QemuShell.boot(ISO));
	moduleCrash(() => QemuShell.boot(ISO));
});

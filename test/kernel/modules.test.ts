import { join } from "node:path";
import { makeIso } from "../../src/build/iso.ts";
import { GantryShell } from "../guest/kernel/gantry-shell.ts";
import { writeTestTree } from "../guest/modules/catalogue.ts";
import { moduleCrash, moduleSuite } from "../guest/modules/suite.ts";

const BUILD = join(import.meta.dirname, "../../build");
const OUT = join(BUILD, "test/modules-gantry");
const ISO = join(OUT, "test.iso");

describe("Pocket Rocket's module loader", () => {
	before(() => {
		writeTestTree(join(BUILD, "iso-tree"), join(OUT, "tree"));
		makeIso(join(OUT, "tree"), join(BUILD, "boot/eltorito.bin"), ISO);
	});
	moduleSuite(() => GantryShell.boot(ISO));
	moduleCrash(() => GantryShell.boot(ISO));
});

// A Multiboot kernel on the whole machine.

import { expect } from "chai";
import { boot } from "../../src/cli/api.ts";
import { buildMultibootGuest } from "../harness/multiboot-guest.ts";

/** What the kernel says after its command line; QEMU 7.2's -kernel makes it say the same. */
const FACTS = `magic 2badb002
protected, no paging 00000001
flags 00000002
ring 00000000
bss is zero 00000001
memory, command line, modules, map 0000004d
lower memory over 600 KiB 00000001
map has what mem_upper says 00000001
`;

describe("a Multiboot kernel", function () {
	this.timeout(60000);
	let kernel: string;
	before(() => {
		kernel = buildMultibootGuest();
	});

	it("starts as the specification says, with its command line and modules, and ends the run", async () => {
		const modules = [{ commandLine: "mod.a y=1", file: new TextEncoder().encode("ABCDEFG") }];
		const session = await boot({ kernel, append: "root=0 x", modules });
		expect(await session.run(5)).to.deep.equal({ kind: "exit", value: 5 });
		expect(session.serial.text).to.equal(
			`${FACTS}command line ${kernel} root=0 x\nmodule mod.a y=1\n` +
				"  on a page 00000001\n  behind the kernel 00000001\n  size 00000007\n  first bytes 44434241\n",
		);
		session.close();
	});

	it("is known by its contents when it is the file to boot", async () => {
		const session = await boot({ file: kernel, memory: 16 });
		expect(await session.run(5)).to.deep.equal({ kind: "exit", value: 5 });
		expect(session.serial.text).to.equal(`${FACTS}command line ${kernel}\n`);
		session.close();
	});
});

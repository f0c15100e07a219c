// A kernel's file alone, without a disc: one is made around it.

import { join } from "node:path";
import { expect } from "chai";
import { boot } from "../../src/cli/api.ts";
import { buildDirectory } from "../../src/cli/node-host.ts";
import { findMultibootHeader } from "../../src/machine/multiboot.ts";
import { InputError } from "../../src/script/host.ts";
import { multibootGuest } from "../harness/multiboot-guest.ts";
import { PROMPT } from "../harness/rocket-sessions.ts";

const KERNEL = join(buildDirectory(), "kernel/kernel.elf");

describe("a kernel by the Limine boot protocol", function () {
	this.timeout(60000);

	it("is booted by its file, with the modules that are named beside it", async () => {
		const modules = [
			{ commandLine: "dir/hello.txt greeting", file: new TextEncoder().encode("hello there\n") },
		];
		const session = await boot({ file: KERNEL, append: "quiet", modules });
		await session.serial.expect(PROMPT);
		await session.keyboard.type("cat /boot/hello.txt /boot/boot.conf\n");
		expect(await session.serial.expect(/hello there\s+cmdline=quiet/)).to.contain("quiet");
		expect(session.symbols.named("main")?.image).to.equal("kernel");
		session.close();
	});

	it("has to be for x86-64, if it has no Multiboot header", async () => {
		const file = multibootGuest();
		file.fill(0, findMultibootHeader(file)!.offset, findMultibootHeader(file)!.offset + 4);
		const error = await boot({ file }).catch((e: Error) => e);
		expect(error).to.be.instanceOf(InputError);
		expect((error as Error).message).to.equal(
			"the image is neither a Multiboot kernel nor an ELF file for x86-64",
		);
	});
});

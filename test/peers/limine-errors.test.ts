import { readFileSync } from "node:fs";
import { expect } from "chai";
import { writeIso } from "../../src/image/iso-writer.ts";
import { viewOf } from "../../src/image/iso9660.ts";
import { iso, kernel, text } from "./limine-kernel.ts";
import { type BootOptions, bootQemu, make } from "./qemu.ts";

/** Boots what cannot start, and returns the first line on COM1. */
async function failure(image: Uint8Array, options: BootOptions = {}): Promise<string> {
	return (await bootQemu(image, { ...options, until: /\n/ })).serial;
}

describe("boot loader under QEMU with SeaBIOS", () => {
	before(() => {
		make("firmware/boot");
		make("test/guest/limine");
	});

	describe("says in one line what is wrong:", () => {
		/** Offsets of Elf64_Ehdr and of the first Elf64_Phdr, gABI chapters 4 and 5. */
		const E = { class: 4, type: 16, machine: 18, phoff: 32, phentsize: 54, phnum: 56 };
		const P = { offset: 0x48, vaddr: 0x50, filesz: 0x60, memsz: 0x68 };
		const patched = (patch: (view: DataView, bytes: Uint8Array) => void) => {
			const bytes = kernel("revision3");
			patch(viewOf(bytes), bytes);
			return bytes;
		};
		const find = (bytes: Uint8Array, ...words: bigint[]) => {
			for (let at = 0; at + 8 * words.length <= bytes.length; at += 8) {
				if (words.every((word, i) => viewOf(bytes).getBigUint64(at + 8 * i, true) === word)) return at;
			}
			throw new Error("the request is not in the kernel");
		};
		const cases: [string, () => Uint8Array, string, BootOptions?][] = [
			["no kernel", () => iso(undefined), "/boot/kernel.elf: not found on the CD"],
			["not ELF", () => iso(text("#!/bin/sh\n")), "/boot/kernel.elf: not an ELF file"],
			["an empty kernel", () => iso(new Uint8Array()), "/boot/kernel.elf: not an ELF file"],
			[
				"half a header",
				() => iso(kernel("revision3").subarray(0, 40)),
				"/boot/kernel.elf: truncated in its header",
			],
			[
				"half the program headers",
				() => iso(kernel("revision3").subarray(0, 100)),
				"/boot/kernel.elf: truncated in its program headers",
			],
			[
				"half a kernel",
				() => iso(kernel("revision3").subarray(0, 5000)),
				"/boot/kernel.elf: truncated in segment 0",
			],
			[
				"a 32-bit kernel",
				() => iso(patched((view) => view.setUint8(E.class, 1))),
				"/boot/kernel.elf: not for x86-64",
			],
			[
				"another machine",
				() => iso(patched((view) => view.setUint16(E.machine, 183, true))),
				"/boot/kernel.elf: not for x86-64",
			],
			[
				"an object file",
				() => iso(patched((view) => view.setUint16(E.type, 1, true))),
				"/boot/kernel.elf: not an executable (ELF type 1)",
			],
			[
				"odd program headers",
				() => iso(patched((view) => view.setUint16(E.phentsize, 32, true))),
				"/boot/kernel.elf: program headers of 32 bytes, not 56",
			],
			[
				"no segments",
				() => iso(patched((view) => view.setUint16(E.phnum, 0, true))),
				"/boot/kernel.elf: nothing to load",
			],
			[
				"wild program headers",
				() => iso(patched((view) => view.setBigUint64(E.phoff, ~0n, true))),
				"/boot/kernel.elf: truncated in its program headers",
			],
			[
				"a wild segment",
				() => iso(patched((view) => view.setBigUint64(P.offset, ~0n, true))),
				"/boot/kernel.elf: truncated in segment 0",
			],
			[
				"a segment of negative bss",
				() => iso(patched((view) => view.setBigUint64(P.memsz, 1n, true))),
				"/boot/kernel.elf: segment 0 has more bytes in the file than in memory",
			],
			[
				"a lower-half kernel",
				() => iso(patched((view) => view.setBigUint64(P.vaddr, 0x100000n, true))),
				"/boot/kernel.elf: segment 0 is at 100000, below ffffffff80000000",
			],
			[
				"a huge segment",
				() => iso(patched((view) => view.setBigUint64(P.memsz, 0x7ffff000n, true))),
				"/boot/kernel.elf: segment 0 ends at fffffffffffff000, more than 1 GiB above ffffffff80000000",
			],
			[
				"too little memory",
				() => iso(patched((view) => view.setBigUint64(P.memsz, 0x20000000n, true))),
				"not enough memory for the kernel's image: 524288 KiB",
			],
			[
				"too little memory for the kernel's file",
				() => iso(kernel("revision3"), [{ path: "boot/big.bin", bytes: new Uint8Array(40 << 20) }]),
				"not enough memory for /boot/big.bin: 40960 KiB",
				{ memory: 32 },
			],
			[
				"a request twice",
				() =>
					iso(
						patched((view, bytes) => {
							const at = find(bytes, 0x95a67b819a1b857en, 0xa0b61b723b6a73e0n);
							view.setBigUint64(at, 0xc5e77b6b397e7b43n, true);
							view.setBigUint64(at + 8, 0x27637845accdcf3cn, true);
						}),
					),
				"the kernel has the request c5e77b6b397e7b43 27637845accdcf3c twice",
			],
			[
				"a kernel that needs 5-level paging",
				() =>
					iso(
						patched((view, bytes) =>
							view.setBigUint64(find(bytes, 0x95c1a0edab0944cbn, 0xa4e5cb3842f7488an) + 48, 1n, true),
						),
					),
				"the kernel needs 5-level paging",
			],
			[
				"a stack without measure",
				() =>
					iso(
						patched((view, bytes) =>
							view.setBigUint64(find(bytes, 0x224ef0460a8e8926n, 0xe1cb0fc25f46ea3dn) + 32, ~0n, true),
						),
					),
				"the kernel wants a stack of ffffffffffffffff bytes",
			],
			[
				"an entry point outside",
				() =>
					iso(
						patched((view, bytes) =>
							view.setBigUint64(find(bytes, 0x13d86c035a1cd3e1n, 0x2b0caa89d8f3026an) + 32, 0x1234n, true),
						),
					),
				"/boot/kernel.elf: points to 1234, outside itself",
			],
			[
				"no module that it requires",
				() =>
					writeIso([{ path: "boot/kernel.elf", bytes: kernel("revision3") }], {
						bootImage: new Uint8Array(readFileSync("build/boot/eltorito.bin")),
					}),
				"/boot/kernel.sym: not found, and the kernel needs it",
			],
			[
				"an unknown option",
				() =>
					iso(kernel("revision3"), [{ path: "boot/boot.conf", bytes: text("cmdline=x\ncommandline=y\n") }]),
				"/boot/boot.conf: do not know: commandline=y",
			],
			[
				"a bad resolution",
				() => iso(kernel("revision3"), [{ path: "boot/boot.conf", bytes: text("resolution=big\n") }]),
				"/boot/boot.conf: resolution=big is not WIDTHxHEIGHT or WIDTHxHEIGHTxBITS",
			],
			[
				"a processor without 64-bit mode",
				() => iso(kernel("revision3")),
				"this processor has no 64-bit mode",
				{ args: ["-cpu", "qemu32"] },
			],
		];
		for (const [what, image, message, options] of cases) {
			it(what, async () => expect(await failure(image(), options)).to.equal(`boot: ${message}\n`));
		}

		it("on the screen too, in text mode even after the video mode was set", async () => {
			const early = await bootQemu(iso(undefined), { until: /\n/, text: true });
			expect(early.rows).to.include("boot: /boot/kernel.elf: not found on the CD");
			const bytes = patched((view, bytes) =>
				view.setBigUint64(find(bytes, 0x13d86c035a1cd3e1n, 0x2b0caa89d8f3026an) + 32, 0x1234n, true),
			);
			const late = await bootQemu(iso(bytes), { until: /\n/, text: true });
			expect(late.rows[0]).to.equal("boot: /boot/kernel.elf: points to 1234, outside itself");
		});

		it("a CD that ends too early", async () => {
			const whole = iso(kernel("revision3"), [{ path: "boot/zzz.bin", bytes: new Uint8Array(100000) }]);
			const line = await failure(whole.subarray(0, whole.length - 20 * 2048));
			expect(line).to.match(/^boot: cannot read sector \d+ of drive e0\n$/);
		});
	});
});

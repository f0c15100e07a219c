/** The test kernels of test/guest/limine: CDs that hold them, and what they tell. */

import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type TreeFile, writeIso } from "../../src/image/iso-writer.ts";
import { type BootOptions, bootQemu } from "./qemu.ts";

export const HHDM = 0xffff800000000000n;
export const PAGE = 0x1000n;
export const text = (value: string) => new TextEncoder().encode(value);
export const kernel = (name: string) => new Uint8Array(readFileSync(`build/test/limine/${name}.elf`));

export const USABLE = 0n;
export const RESERVED = 1n;
export const RECLAIMABLE = 5n;
export const EXECUTABLE_AND_MODULES = 6n;
export const FRAMEBUFFER = 7n;

/** The test kernel's report: "NAME: VALUE ..." lines. */
export class Report {
	readonly lines: string[];
	constructor(serial: string) {
		this.lines = serial.split("\n");
	}
	all(name: string): string[] {
		return this.lines
			.filter((line) => line.startsWith(`${name}: `))
			.map((line) => line.slice(name.length + 2));
	}
	text(name: string): string {
		const [line] = this.all(name);
		if (line === undefined) throw new Error(`the kernel did not tell "${name}":\n${this.lines.join("\n")}`);
		return line;
	}
	numbers(name: string): bigint[] {
		return hex(this.text(name));
	}
	number(name: string): bigint {
		return this.numbers(name)[0];
	}
	get memory(): { base: bigint; length: bigint; type: bigint }[] {
		return this.all("memory").map((line) => {
			const [base, length, type] = hex(line);
			return { base, length, type };
		});
	}
}

function hex(line: string): bigint[] {
	return line
		.trim()
		.split(" ")
		.map((value) => BigInt(`0x${value}`));
}

/** A CD with a kernel and its kernel.sym, and further files. */
export function iso(kernelElf: Uint8Array | undefined, extra: TreeFile[] = []): Uint8Array {
	const bootImage = new Uint8Array(readFileSync("build/boot/eltorito.bin"));
	const files = [{ path: "boot/kernel.sym", bytes: text("ffffffff80000000 T main\n") }, ...extra];
	if (kernelElf) files.push({ path: "boot/kernel.elf", bytes: kernelElf });
	return writeIso(files, { bootImage });
}

/** Boots, and wants the kernel to tell everything. */
export async function report(image: Uint8Array, options: BootOptions = {}): Promise<Report> {
	const boot = await bootQemu(image, options);
	expect(boot.status, boot.serial).to.equal(1); // 0 written to the debug exit
	expect(boot.serial).to.match(/\ndone\n$/);
	return new Report(boot.serial);
}

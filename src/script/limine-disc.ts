// A disc made around a kernel that speaks the Limine boot protocol, so that the kernel alone can be booted: Gantry's boot
// loader, the kernel as /boot/kernel.elf, its command line and its modules (docs/boot.md).

import { ElfError, EM_X86_64, readElf } from "../image/elf.ts";
import { type TreeFile, writeIso } from "../image/iso-writer.ts";
import { formatKernelSym, kernelSymbols } from "../image/kernel-sym.ts";

export interface LimineDiscParts {
	kernel: Uint8Array;
	/** The boot loader's El Torito image. */
	loader: Uint8Array;
	commandLine?: string;
	modules: { name: string; bytes: Uint8Array }[];
}

/** Whether the loader can start it: an ELF64 file for x86-64. */
export function isLongModeKernel(file: Uint8Array): boolean {
	try {
		const { bits, machine } = readElf(file);
		return bits === 64 && machine === EM_X86_64;
	} catch (error) {
		if (error instanceof ElfError) return false;
		throw error;
	}
}

export function limineDisc({ kernel, loader, commandLine, modules }: LimineDiscParts): Uint8Array {
	const text = (path: string, content: string): TreeFile => ({
		path,
		bytes: new TextEncoder().encode(content),
	});
	const files: TreeFile[] = [
		{ path: "boot/kernel.elf", bytes: kernel },
		text("boot/kernel.sym", formatKernelSym(kernelSymbols(readElf(kernel)))),
		...modules.map(({ name, bytes }) => ({ path: `boot/${name}`, bytes })),
	];
	if (commandLine) files.push(text("boot/boot.conf", `cmdline=${commandLine}\n`));
	return writeIso(files, { bootImage: loader, volume: "KERNEL" });
}

// The symbols that a guest brings along: /boot/kernel.elf (else kernel.sym) and /system/modules/*.ko on its disc, and
// files that the user names. Modules get their places once the guest says where it has loaded them.

import { ElfError } from "../image/elf.ts";
import { type ElfSymbols, elfSymbols } from "./elf-symbols.ts";
import { kernelSym } from "./kernel-sym.ts";
import { ModuleWatch } from "./module-watch.ts";
import { type GuestSymbol, SymbolTable } from "./symbols.ts";

/** A disc's files. Paths have no leading slash; their case does not matter. */
export interface FileTree {
	paths(): Iterable<string>;
	read(path: string): Uint8Array;
}

const KERNEL = /^boot\/(?:kernel|vmkernel|vmlinux)(?:\.elf)?$/i;
const KERNEL_SYM = /^(?:boot\/)?kernel\.sym$/i;
const MODULE = /(?:^|\/)modules\/([^/]+)\.ko$/i;
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];

export class GuestSymbols {
	readonly table = new SymbolTable();
	readonly #modules = new Map<string, ElfSymbols>();
	readonly #watch = new ModuleWatch(this.table, this.#modules);

	/**
	 * Reads what there is; a file without symbols, or a damaged one, gives none.
	 * @param files ELF files or kernel.sym, named by the user: these come first
	 */
	static read(sources: { tree?: FileTree; files: Uint8Array[] }): GuestSymbols {
		const symbols = new GuestSymbols();
		for (const file of sources.files) symbols.#addKernel(file);
		if (sources.tree) symbols.#addTree(sources.tree);
		return symbols;
	}

	/** Looks at one line of the debug console for news of modules. */
	line(text: string): void {
		this.#watch.line(text);
	}

	#addTree(tree: FileTree): void {
		const paths = [...tree.paths()];
		const kernel = paths.find((path) => KERNEL.test(path));
		if (kernel && this.table.size === 0) this.#addKernel(tree.read(kernel));
		const list = paths.find((path) => KERNEL_SYM.test(path));
		if (list && this.table.size === 0) this.#addKernel(tree.read(list));
		for (const path of paths) {
			const name = MODULE.exec(path)?.[1];
			if (name) this.#addModule(name, tree.read(path));
		}
	}

	#addKernel(file: Uint8Array): void {
		this.table.add(kernelSymbols(file));
	}

	#addModule(name: string, file: Uint8Array): void {
		const symbols = symbolsOf(file, name);
		if (symbols) this.#modules.set(name, symbols);
	}
}

function kernelSymbols(file: Uint8Array): GuestSymbol[] {
	const isElf = ELF_MAGIC.every((byte, i) => file[i] === byte);
	if (!isElf) return kernelSym(new TextDecoder().decode(file), "kernel");
	return symbolsOf(file, "kernel")?.symbols ?? [];
}

function symbolsOf(file: Uint8Array, image: string): ElfSymbols | undefined {
	try {
		return elfSymbols(file, image);
	} catch (error) {
		if (error instanceof ElfError) return undefined;
		throw error;
	}
}

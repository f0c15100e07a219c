// Learns from the debug console where the guest has loaded its modules, so that reports name their functions.
// Pocket Rocket says so in one line: "module example: .text 0xffff... .data 0xffff..." and, when it goes,
// "module example: unloaded".

import { type ElfSymbols, placeSymbols } from "./elf-symbols.ts";
import type { SymbolTable } from "./symbols.ts";

const LOADED = /^module (\S+?)(?:\.ko)?:((?:\s+\.[\w.]+[ =]0x[0-9a-f]+)+)/i;
const UNLOADED = /^module (\S+?)(?:\.ko)?: unloaded/;
const SECTION = /(\.[\w.]+)[ =]0x([0-9a-f]+)/gi;

export class ModuleWatch {
	#symbols: SymbolTable;
	#files: ReadonlyMap<string, ElfSymbols>;

	/** @param files the modules' own symbols, by module name */
	constructor(symbols: SymbolTable, files: ReadonlyMap<string, ElfSymbols>) {
		this.#symbols = symbols;
		this.#files = files;
	}

	/** Looks at one line of the debug console. */
	line(text: string): void {
		const gone = UNLOADED.exec(text);
		if (gone) this.#symbols.remove(gone[1]);
		const loaded = LOADED.exec(text);
		if (loaded) this.#place(loaded[1], loaded[2]);
	}

	#place(name: string, sections: string): void {
		const file = this.#files.get(name);
		if (!file) return;
		const bases = new Map<string, bigint>();
		for (const [, section, address] of sections.matchAll(SECTION)) bases.set(section, BigInt(`0x${address}`));
		this.#symbols.remove(name);
		this.#symbols.add(placeSymbols(file, bases));
	}
}

// Symbols from ELF files, by elfinfo. It reads 32- and 64-bit files of either kind that matter here (ET_EXEC
// kernels, ET_REL modules), gives st_shndx, which a relocatable file's addresses need, and never throws
// for a damaged file. Given bytes it touches no file, so this also runs in a page.

import { type ELFSection, type ELFSymbol, type ELFSymbolSection, open, SymbolType } from "elfinfo";
import type { GuestSymbol, SymbolKind } from "./symbols.ts";

const SHN_UNDEF = 0;
const SHN_LORESERVE = 0xff00;

/** An ELF file's symbols, each with the name of its section. */
export interface ElfSymbols {
	/** ET_REL: values are offsets in their sections, not addresses. */
	relocatable: boolean;
	symbols: (GuestSymbol & { section: string })[];
}

/** @throws Error that says why the bytes are not an ELF file */
export async function elfSymbols(bytes: Uint8Array, image: string): Promise<ElfSymbols> {
	const result = await open(bytes);
	if (!result.success || !result.elf) throw new Error(result.errors[0] ?? "not an ELF file");
	const { sections, type } = result.elf;
	const symbols = [];
	for (const table of sections.filter(isSymbolTable)) {
		for (const symbol of table.symbols) {
			if (!names(symbol)) continue;
			const section = sections[symbol.shndx]?.name ?? "";
			symbols.push({ ...convert(symbol, image), section });
		}
	}
	return { relocatable: type === 1, symbols };
}

/**
 * A relocatable file's symbols at the addresses where a loader put its sections.
 * @param bases linear address by section name (".text")
 */
export function placeSymbols(file: ElfSymbols, bases: ReadonlyMap<string, bigint>): GuestSymbol[] {
	const placed: GuestSymbol[] = [];
	for (const { section, ...symbol } of file.symbols) {
		const base = bases.get(section);
		if (base !== undefined) placed.push({ ...symbol, address: base + symbol.address });
	}
	return placed;
}

function isSymbolTable(section: ELFSection): section is ELFSymbolSection {
	return "symbols" in section;
}

/** Whether a symbol names code or data of this file. */
function names(symbol: ELFSymbol): boolean {
	if (symbol.name === "" || symbol.shndx === SHN_UNDEF || symbol.shndx >= SHN_LORESERVE) return false;
	return symbol.type !== SymbolType.Section && symbol.type !== SymbolType.File;
}

function convert(symbol: ELFSymbol, image: string): GuestSymbol {
	return {
		name: symbol.name,
		address: BigInt(symbol.value),
		size: BigInt(symbol.size),
		kind: kind(symbol.type),
		image,
	};
}

function kind(type: SymbolType): SymbolKind {
	if (type === SymbolType.Function) return "function";
	return type === SymbolType.Object ? "object" : "label";
}

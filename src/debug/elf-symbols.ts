// Symbols from ELF files: 32- and 64-bit, linked kernels (ET_EXEC) and modules (ET_REL).
//
// They are read by src/image/elf.ts and not by the package elfinfo, which would read them as well: elfinfo requires Node's fs
// even for bytes in memory, so it can neither go into the ESM bundle nor into a page, and it answers only asynchronously;
// and the ELF reader is here anyway, for the ISO's kernel.sym. The tests hold this reader to elfinfo and to nm.

import type { ElfSymbol } from "../image/elf.ts";
import {
	ET_REL,
	readElf,
	SHN_LORESERVE,
	SHN_UNDEF,
	STT_FILE,
	STT_FUNC,
	STT_OBJECT,
	STT_SECTION,
} from "../image/elf.ts";
import type { GuestSymbol, SymbolKind } from "./symbols.ts";

/** An ELF file's symbols, each with the name of its section. */
export interface ElfSymbols {
	/** ET_REL: values are offsets in their sections, not addresses. */
	relocatable: boolean;
	symbols: (GuestSymbol & { section: string })[];
}

/** @throws ElfError that says why the bytes are not an ELF file */
export function elfSymbols(bytes: Uint8Array, image: string): ElfSymbols {
	const { type, sections, symbols } = readElf(bytes);
	return {
		relocatable: type === ET_REL,
		symbols: symbols.filter(names).map((symbol) => ({
			name: symbol.name,
			address: symbol.value,
			size: BigInt(symbol.size),
			kind: kind(symbol.type),
			image,
			section: sections[symbol.section]?.name ?? "",
		})),
	};
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

/** Whether a symbol names code or data of this file. */
function names({ name, section, type }: ElfSymbol): boolean {
	if (name === "" || section === SHN_UNDEF || section >= SHN_LORESERVE) return false;
	return type !== STT_SECTION && type !== STT_FILE;
}

function kind(type: number): SymbolKind {
	if (type === STT_FUNC) return "function";
	return type === STT_OBJECT ? "object" : "label";
}

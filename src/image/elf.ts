/**
 * ELF files, as far as loaders and symbol tables need them: header, program headers, sections, symbols (System V
 * gABI, chapters 4 and 5), both classes, little-endian.
 *
 * The npm package elfinfo reads the same and is what the tests compare with. It is not used here because it is
 * asynchronous (one await a symbol), which crash reports cannot be, and because it imports Node's fs, which a page
 * does not have.
 *
 * Not read: relocations, dynamic sections, notes, big-endian files.
 */
import { viewOf } from "./iso9660.ts";

export const ET_REL = 1;
export const ET_EXEC = 2;
export const ET_DYN = 3;
export const EM_386 = 3;
export const EM_X86_64 = 62;
export const PT_LOAD = 1;
export const SHT_SYMTAB = 2;
export const SHT_NOBITS = 8;
export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;
export const SHN_UNDEF = 0;
export const SHN_LORESERVE = 0xff00;
export const SHN_ABS = 0xfff1;
export const SHN_COMMON = 0xfff2;
export const STB_LOCAL = 0;
export const STB_GLOBAL = 1;
export const STB_WEAK = 2;
export const STT_NOTYPE = 0;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STT_FILE = 4;

const ELFDATA2LSB = 1;

/** Not ELF, or not whole. */
export class ElfError extends Error {}

export interface ElfSegment {
	type: number;
	flags: number;
	offset: number;
	vaddr: bigint;
	paddr: bigint;
	filesz: number;
	memsz: number;
	align: number;
}

export interface ElfSection {
	name: string;
	type: number;
	flags: number;
	addr: bigint;
	offset: number;
	size: number;
	link: number;
	info: number;
	entsize: number;
}

export interface ElfSymbol {
	name: string;
	value: bigint;
	size: number;
	type: number;
	binding: number;
	/** Index into `sections`, or one of SHN_*. */
	section: number;
}

export interface Elf {
	bits: 32 | 64;
	type: number;
	machine: number;
	entry: bigint;
	segments: ElfSegment[];
	sections: ElfSection[];
	/** Those of .symtab, without the null symbol. */
	symbols: ElfSymbol[];
}

/** Reads one structure's members in turn. A `word` is 4 bytes in a 32-bit file and 8 in a 64-bit one. */
class Cursor {
	#view: DataView;
	#at: number;
	#wide: boolean;

	constructor(view: DataView, at: number, wide: boolean) {
		this.#view = view;
		this.#at = at;
		this.#wide = wide;
	}

	u8 = (): number => this.#view.getUint8(this.#take(1));
	u16 = (): number => this.#view.getUint16(this.#take(2), true);
	u32 = (): number => this.#view.getUint32(this.#take(4), true);
	word = (): bigint => (this.#wide ? this.#view.getBigUint64(this.#take(8), true) : BigInt(this.u32()));
	size = (): number => Number(this.word());

	#take(bytes: number): number {
		this.#at += bytes;
		return this.#at - bytes;
	}
}

/** @throws ElfError for what is not a little-endian ELF file, or ends too early */
export function readElf(bytes: Uint8Array): Elf {
	if (bytes.length < 20 || String.fromCharCode(...bytes.subarray(0, 4)) !== "\x7fELF")
		throw new ElfError("not an ELF file");
	if (bytes[5] !== ELFDATA2LSB || (bytes[4] !== 1 && bytes[4] !== 2))
		throw new ElfError("not a little-endian ELF file");
	try {
		return readParts(bytes, bytes[4] === 2);
	} catch (error) {
		if (error instanceof RangeError) throw new ElfError("truncated ELF file");
		throw error;
	}
}

function readParts(bytes: Uint8Array, wide: boolean): Elf {
	const view = viewOf(bytes);
	const header = new Cursor(view, 16, wide);
	const [type, machine] = [header.u16(), header.u16()];
	header.u32(); // e_version
	const [entry, phoff, shoff] = [header.word(), header.size(), header.size()];
	header.u32(); // e_flags
	header.u16(); // e_ehsize
	const [phentsize, phnum, shentsize, shnum, shstrndx] = [0, 1, 2, 3, 4].map(header.u16);
	const each = <T>(offset: number, size: number, count: number, read: (cursor: Cursor) => T): T[] =>
		Array.from({ length: count }, (_, i) => read(new Cursor(view, offset + i * size, wide)));

	const segments = each(phoff, phentsize, phnum, (cursor) => readSegment(cursor, wide));
	const raw = each(shoff, shentsize, shoff ? shnum : 0, readSection);
	const names = raw[shstrndx];
	const sections = raw.map(({ nameAt, ...section }) => ({
		...section,
		name: names ? text(bytes, names, nameAt) : "",
	}));
	const symtab = sections.find((section) => section.type === SHT_SYMTAB);
	const symbols = symtab
		? each(symtab.offset, symtab.entsize, symtab.size / symtab.entsize, (cursor) =>
				readSymbol(cursor, wide),
			).slice(1)
		: [];
	const strings = symtab && sections[symtab.link];
	const named = symbols.map(({ nameAt, ...symbol }) => ({
		...symbol,
		name: strings ? text(bytes, strings, nameAt) : "",
	}));
	return { bits: wide ? 64 : 32, type, machine, entry, segments, sections, symbols: named };
}

/** The members are the same in both classes; p_flags has moved. */
function readSegment(cursor: Cursor, wide: boolean): ElfSegment {
	const type = cursor.u32();
	let flags = wide ? cursor.u32() : 0;
	const [offset, vaddr, paddr, filesz, memsz] = [
		cursor.size(),
		cursor.word(),
		cursor.word(),
		cursor.size(),
		cursor.size(),
	];
	if (!wide) flags = cursor.u32();
	return { type, flags, offset, vaddr, paddr, filesz, memsz, align: cursor.size() };
}

function readSection(cursor: Cursor): Omit<ElfSection, "name"> & { nameAt: number } {
	const [nameAt, type] = [cursor.u32(), cursor.u32()];
	const [flags, addr, offset, size] = [cursor.size(), cursor.word(), cursor.size(), cursor.size()];
	const [link, info] = [cursor.u32(), cursor.u32()];
	cursor.word(); // sh_addralign
	return { nameAt, type, flags, addr, offset, size, link, info, entsize: cursor.size() };
}

function readSymbol(cursor: Cursor, wide: boolean): Omit<ElfSymbol, "name"> & { nameAt: number } {
	const nameAt = cursor.u32();
	let [value, size] = wide ? [0n, 0] : [cursor.word(), cursor.size()];
	const info = cursor.u8();
	cursor.u8(); // st_other
	const section = cursor.u16();
	if (wide) [value, size] = [cursor.word(), cursor.size()];
	return { nameAt, value, size, type: info & 0xf, binding: info >> 4, section };
}

function text(bytes: Uint8Array, table: { offset: number; size: number }, at: number): string {
	const start = table.offset + at;
	const end = bytes.indexOf(0, start);
	if (end < 0 || at >= table.size) throw new ElfError("a name of the ELF file is outside its string table");
	return new TextDecoder().decode(bytes.subarray(start, end));
}

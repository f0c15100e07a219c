/**
 * Makes small ELF files of either class, for tests: one text, one data, one bss section, and the symbols asked for.
 */

export interface ElfRecipe {
	bits: 32 | 64;
	base: bigint;
	/**
	 * `section`: 1 .text, 2 .rodata, 3 .data, 4 .bss, 0 undefined, 0xfff1 absolute. `info` is binding << 4 | type.
	 */
	symbols: { name: string; value: bigint; info: number; section: number; size?: number }[];
}

/** Sections of 16 bytes each, 0x1000 apart in memory. */
const SECTIONS = [
	{ name: ".text", type: 1, flags: 6 },
	{ name: ".rodata", type: 1, flags: 2 },
	{ name: ".data", type: 1, flags: 3 },
	{ name: ".bss", type: 8, flags: 3 },
	{ name: ".comment", type: 1, flags: 0 },
];

class Bytes {
	readonly list: number[] = [];
	constructor(private readonly wide: boolean) {}
	put(size: number, ...values: (number | bigint)[]): this {
		for (const value of values)
			for (let i = 0; i < size; i++) this.list.push(Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
		return this;
	}
	word(...values: (number | bigint)[]): this {
		return this.put(this.wide ? 8 : 4, ...values);
	}
}

export function makeElf({ bits, base, symbols }: ElfRecipe): Uint8Array {
	const wide = bits === 64;
	const sizes = wide
		? { header: 64, segment: 56, section: 64, symbol: 24 }
		: { header: 52, segment: 32, section: 40, symbol: 16 };
	const names = ["", ...SECTIONS.map(({ name }) => name), ".symtab", ".strtab", ".shstrtab"];
	const nameTable = table(names);
	const strings = table(["", ...symbols.map(({ name }) => name)]);
	const data = sizes.header + sizes.segment;
	const symtab = data + SECTIONS.length * 16;
	const strtab = symtab + (symbols.length + 1) * sizes.symbol;
	const shstrtab = strtab + strings.bytes.length;
	const sections = shstrtab + nameTable.bytes.length;

	const out = new Bytes(wide).put(1, 0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1, 1, 0).put(8, 0);
	out
		.put(2, 2, wide ? 62 : 3)
		.put(4, 1)
		.word(base, sizes.header, sections)
		.put(4, 0);
	out.put(2, sizes.header, sizes.segment, 1, sizes.section, names.length, names.length - 1);
	if (wide) out.put(4, 1, 5).word(data, base, 0x100000, 0x20, 0x30, 0x1000);
	else out.put(4, 1, data).word(base, 0x100000, 0x20, 0x30, 5, 0x1000);
	out.put(1, ...new Array(SECTIONS.length * 16).fill(0x90));
	out.put(1, ...new Array(sizes.symbol).fill(0));
	for (const [i, { value, info, section, size = 0 }] of symbols.entries()) {
		if (wide)
			out
				.put(4, strings.at[i + 1])
				.put(1, info, 0)
				.put(2, section)
				.word(value, size);
		else
			out
				.put(4, strings.at[i + 1])
				.word(value, size)
				.put(1, info, 0)
				.put(2, section);
	}
	out.put(1, ...strings.bytes, ...nameTable.bytes, ...new Array(sizes.section).fill(0));
	const section = (
		n: number,
		type: number,
		flags: number,
		addr: bigint,
		at: number,
		size: number,
		link: number,
		entry: number,
	) => out.put(4, nameTable.at[n], type).word(flags, addr, at, size).put(4, link, 0).word(1, entry);
	for (const [i, { type, flags }] of SECTIONS.entries())
		section(i + 1, type, flags, flags ? base + BigInt(i * 0x1000) : 0n, data + i * 16, 16, 0, 0);
	const after = SECTIONS.length + 1;
	section(after, 2, 0, 0n, symtab, (symbols.length + 1) * sizes.symbol, after + 1, sizes.symbol);
	section(after + 1, 3, 0, 0n, strtab, strings.bytes.length, 0, 0);
	section(after + 2, 3, 0, 0n, shstrtab, nameTable.bytes.length, 0, 0);
	return Uint8Array.from(out.list);
}

function table(names: string[]): { bytes: number[]; at: number[] } {
	const bytes: number[] = [];
	const at = names.map((name) => {
		const start = bytes.length;
		bytes.push(...new TextEncoder().encode(name), 0);
		return start;
	});
	return { bytes, at };
}

import { expect } from "chai";
import { type ELFSymbol, open } from "elfinfo";
import { ElfError, EM_386, EM_X86_64, readElf } from "../../src/image/elf.ts";
import { formatKernelSym, kernelSymbols, parseKernelSym, placeOf } from "../../src/image/kernel-sym.ts";
import { type ElfRecipe, makeElf } from "./make-elf.ts";

const GLOBAL_FUNC = 0x12;
const GLOBAL_OBJECT = 0x11;
const LOCAL_FUNC = 0x02;
const LOCAL_OBJECT = 0x01;
const LOCAL_LABEL = 0x00;
const WEAK_FUNC = 0x22;
const WEAK_OBJECT = 0x21;

const base = 0xffffffff80000000n;
const kernel: ElfRecipe = {
	bits: 64,
	base,
	symbols: [
		{ name: "kernel.c", value: 0n, info: 0x04, section: 0xfff1 },
		{ name: "", value: base, info: 0x03, section: 1 },
		{ name: "helper", value: base + 8n, info: LOCAL_FUNC, section: 1, size: 4 },
		{ name: "isr_stub", value: base + 12n, info: LOCAL_LABEL, section: 1 },
		{ name: "counter", value: base + 0x3000n, info: LOCAL_OBJECT, section: 4, size: 8 },
		{ name: "banner", value: base + 0x1000n, info: LOCAL_OBJECT, section: 2, size: 16 },
		{ name: "VERSION", value: 5n, info: 0x10, section: 0xfff1 },
		{ name: "missing", value: 0n, info: 0x10, section: 0 },
		{ name: "note", value: 0n, info: LOCAL_OBJECT, section: 5 },
		{ name: "kmalloc", value: base + 8n, info: GLOBAL_FUNC, section: 1, size: 4 },
		{ name: "main", value: base, info: GLOBAL_FUNC, section: 1, size: 8 },
		{ name: "table", value: base + 0x2000n, info: GLOBAL_OBJECT, section: 3, size: 8 },
		{ name: "hook", value: base + 2n, info: WEAK_FUNC, section: 1 },
		{ name: "option", value: base + 0x2008n, info: WEAK_OBJECT, section: 3 },
	],
};

describe("ELF reader", () => {
	for (const bits of [32, 64] as const) {
		it(`reads sections, segments and symbols of ELF${bits} files as elfinfo does`, async () => {
			const wanted = bits === 64 ? base : 0xc0100000n;
			const bytes = makeElf({
				...kernel,
				bits,
				base: wanted,
				symbols: kernel.symbols.map((s) => ({ ...s, value: s.value & 0xffffffffn })),
			});
			const elf = readElf(bytes);
			const { elf: other } = await open(bytes);
			expect(elf).to.include({ bits, machine: bits === 64 ? EM_X86_64 : EM_386, entry: wanted });
			expect(elf.sections.slice(1).map((s) => [s.name, s.type, s.addr, s.offset, s.size])).to.deep.equal(
				other!.sections.slice(1).map((s) => [s.name, s.type, BigInt(s.addr), s.offset, s.size]),
			);
			expect(
				elf.segments.map((s) => [s.type, s.flags, s.vaddr, s.paddr, s.filesz, s.memsz, s.align]),
			).to.deep.equal(
				other!.segments.map((s) => [
					s.type,
					s.flags,
					BigInt(s.vaddr),
					BigInt(s.paddr),
					s.filesz,
					s.memsz,
					s.align,
				]),
			);
			const symbols = other!.sections
				.flatMap((s) => ("symbols" in s ? (s.symbols as ELFSymbol[]) : []))
				.slice(1);
			expect(elf.symbols.map((s) => [s.name, s.value, s.size, s.type, s.binding, s.section])).to.deep.equal(
				symbols.map((s) => [s.name, BigInt(s.value), s.size, s.type, s.binding, s.shndx]),
			);
		});
	}

	it("refuses what is not ELF, big-endian files, and files cut off anywhere", () => {
		const bytes = makeElf(kernel);
		expect(() => readElf(new TextEncoder().encode("#!/bin/sh\necho this is no kernel\n"))).to.throw(
			ElfError,
			"not an ELF file",
		);
		const big = bytes.slice();
		big[5] = 2;
		expect(() => readElf(big)).to.throw(ElfError, "not a little-endian ELF file");
		for (let length = 0; length < bytes.length; length++)
			expect(() => readElf(bytes.subarray(0, length)), `${length} bytes`).to.throw(ElfError);
	});
});

describe("kernel.sym", () => {
	it("lists what lies in loaded sections by address, then name, with nm's letters", () => {
		expect(formatKernelSym(kernelSymbols(readElf(makeElf(kernel))))).to.equal(
			[
				"ffffffff80000000 T main",
				"ffffffff80000002 W hook",
				"ffffffff80000008 t helper",
				"ffffffff80000008 T kmalloc",
				"ffffffff8000000c t isr_stub",
				"ffffffff80001000 r banner",
				"ffffffff80002000 D table",
				"ffffffff80002008 V option",
				"ffffffff80003000 b counter",
				"",
			].join("\n"),
		);
	});

	it("reads back what it writes", () => {
		const symbols = kernelSymbols(readElf(makeElf(kernel)));
		expect(parseKernelSym(formatKernelSym(symbols))).to.deep.equal(symbols);
	});

	it("turns an address into a name and an offset, and prefers a global name", () => {
		const symbols = kernelSymbols(readElf(makeElf(kernel)));
		expect(placeOf(symbols, base)).to.deep.equal({ name: "main", offset: 0n });
		expect(placeOf(symbols, base + 9n)).to.deep.equal({ name: "kmalloc", offset: 1n });
		expect(placeOf(symbols, base + 0x5000n)).to.deep.equal({ name: "counter", offset: 0x2000n });
		expect(placeOf(symbols, base - 1n)).to.equal(undefined);
	});

	it("says which line it cannot read", () => {
		expect(() => parseKernelSym("ffffffff80000000 T main\n8000 T short\n")).to.throw(
			'kernel.sym, line 2: "8000 T short"',
		);
	});
});

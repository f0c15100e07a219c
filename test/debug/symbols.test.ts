import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type ELF, type ELFSymbolSection, open as openElf } from "elfinfo";
import { elfSymbols, placeSymbols } from "../../src/debug/elf-symbols.ts";
import { GuestSymbols } from "../../src/debug/guest-symbols.ts";
import { kernelSym } from "../../src/debug/kernel-sym.ts";
import { type GuestSymbol, SymbolTable } from "../../src/debug/symbols.ts";
import { compile, link } from "../harness/compiler.ts";

function symbol(
	name: string,
	address: bigint,
	size = 0n,
	kind: GuestSymbol["kind"] = "function",
): GuestSymbol {
	return { name, address, size, kind, image: "kernel" };
}

function table(...symbols: GuestSymbol[]): SymbolTable {
	const result = new SymbolTable();
	result.add(symbols);
	return result;
}

const SOURCE = `
int table[4] = {1};
static int helper(int x) { return x + table[0]; }
int entry(int x) { return helper(x) + 1; }
`;

/** "name value size" of each symbol that lies in a section and is neither a section's nor a file's. */
async function symbolsByElfinfo(bytes: Uint8Array): Promise<string[]> {
	const { elf } = (await openElf(bytes)) as { elf: ELF };
	const tables = elf.sections.filter((section): section is ELFSymbolSection => "symbols" in section);
	const own = tables
		.flatMap(({ symbols }) => symbols)
		.filter(
			({ name, shndx, type }) => name !== "" && shndx > 0 && shndx < 0xff00 && type !== 3 && type !== 4,
		);
	return own.map(({ name, value, size }) => `${name} ${value} ${size}`);
}

describe("symbols", () => {
	let directory: string;
	before(() => {
		directory = mkdtempSync(join(tmpdir(), "gantry-symbols-"));
		writeFileSync(join(directory, "a.c"), SOURCE);
	});
	after(() => rmSync(directory, { recursive: true }));

	/** The file as an object, or linked where `linking` says how. */
	function compiled(options: string[], linking?: string[]): Uint8Array {
		const [object, output] = [join(directory, "a.o"), join(directory, "a.elf")];
		compile(join(directory, "a.c"), object, ["-O0", ...options]);
		if (linking) link([object], output, ["-e", "entry", ...linking]);
		return new Uint8Array(readFileSync(linking ? output : object));
	}

	it("name an address with the offset from the symbol that covers it", () => {
		const symbols = table(symbol("a", 0x1000n, 0x10n), symbol("b", 0x1010n, 0x20n));
		expect(symbols.describe(0x1000n)).to.equal("a (kernel)");
		expect(symbols.describe(0x102fn)).to.equal("b+0x1f (kernel)");
	});

	it("leave an address unnamed that no symbol covers", () => {
		const symbols = table(symbol("a", 0x1000n, 0x10n));
		for (const address of [0xfffn, 0x1010n]) expect(symbols.describe(address)).to.equal(undefined);
	});

	it("name a return address by the call before it, which may be a function's last instruction", () => {
		const symbols = table(symbol("caller", 0x1000n, 0x10n), symbol("next", 0x1010n, 0x10n));
		expect(symbols.describe(0x1010n, true)).to.equal("caller+0x10 (kernel)");
	});

	it("prefer the function where a label has the same address", () => {
		expect(table(symbol("f", 1n, 4n), symbol("label", 1n, 0n, "label")).describe(2n)).to.contain("f+0x1");
	});

	it("of a linked ELF file lie where the linker was told", () => {
		const bytes = compiled(["-mcmodel=kernel"], ["-Ttext=0xffffffff80001000"]);
		const symbols = table(...elfSymbols(bytes, "kernel").symbols);
		expect(symbols.describe(0xffffffff80001000n)).to.equal("helper (kernel)");
		expect(symbols.named("entry")).to.include({ kind: "function" });
		expect(symbols.named("table")).to.include({ kind: "object", size: 16n });
	});

	it("are the same as elfinfo's, for linked files and for modules", async () => {
		const files = [compiled(["-mcmodel=kernel"], []), compiled(["-mcmodel=large"]), compiled(["-m32"])];
		for (const bytes of files) {
			const ours = elfSymbols(bytes, "").symbols.map(
				({ name, address, size }) => `${name} ${address} ${size}`,
			);
			expect(ours)
				.to.have.members(await symbolsByElfinfo(bytes))
				.and.to.have.length.above(2);
		}
	});

	it("of a module lie where the guest says that it put the sections, until it is unloaded", async () => {
		const bytes = compiled(["-mcmodel=large"]);
		const tree = { paths: () => ["system/modules/demo.ko"], read: () => bytes };
		const symbols = GuestSymbols.read({ tree, files: [] });
		const helper = elfSymbols(bytes, "demo").symbols.find(({ name }) => name === "helper")!;
		symbols.line("module demo: .text 0x400000 .data 0x500000");
		expect(symbols.table.describe(0x400000n + helper.address)).to.equal("helper (demo)");
		expect(symbols.table.describe(0x500004n)).to.equal("table+0x4 (demo)");
		symbols.line("module demo: unloaded");
		expect(symbols.table.describe(0x500004n)).to.equal(undefined);
	});

	it("without a known section have no place", async () => {
		const file = elfSymbols(compiled(["-mcmodel=large"]), "demo");
		expect(placeSymbols(file, new Map([[".data", 0x10n]])).map(({ name }) => name)).to.deep.equal(["table"]);
	});

	it("of a file that is none are refused with a reason", async () => {
		expect(() => elfSymbols(new TextEncoder().encode("#!/bin/sh\n"), "x")).to.throw("not an ELF file");
		expect(GuestSymbols.read({ files: [Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 9)] }).table.size).to.equal(0);
	});

	it("of kernel.sym are nm's lines", () => {
		const symbols = table(...kernelSym("ffffffff80000000 T start\nffffffff80000040 D counters\n", "kernel"));
		expect(symbols.size).to.equal(2);
		expect(symbols.describe(0xffffffff80000044n)).to.equal("counters+0x4 (kernel)");
		expect(kernelSym("some text\n", "kernel")).to.deep.equal([]);
	});
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type ELF, type ELFSymbolSection, open as openElf } from "elfinfo";
import { elfSymbols, placeSymbols } from "../../src/debug/elf-symbols.ts";
import { GuestSymbols } from "../../src/debug/guest-symbols.ts";
import { kernelSym } from "../../src/debug/kernel-sym.ts";
import { type GuestSymbol, SymbolTable } from "../../src/debug/symbols.ts";

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

	function compile(...options: string[]): Uint8Array {
		const output = join(directory, "out");
		const common = ["-O0", "-ffreestanding", "-nostdlib", "-fno-pic", "-o", output, join(directory, "a.c")];
		execFileSync("gcc", [...options, ...common], { stdio: "pipe" });
		return new Uint8Array(readFileSync(output));
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

	it("of a linked ELF file lie where nm says", async () => {
		const bytes = compile("-static", "-no-pie", "-Wl,-e,entry,-Ttext=0xffffffff80001000", "-mcmodel=kernel");
		const lines = execFileSync("nm", [join(directory, "out")], { encoding: "utf8" });
		const symbols = table(...elfSymbols(bytes, "kernel").symbols);
		for (const name of ["helper", "entry", "table"]) {
			const address = new RegExp(`^([0-9a-f]+) . ${name}$`, "m").exec(lines)?.[1];
			expect(symbols.named(name)?.address, name).to.equal(BigInt(`0x${address}`));
		}
	});

	it("are the same as elfinfo's, for linked files and for modules", async () => {
		for (const options of [
			["-static", "-no-pie", "-mcmodel=kernel", "-Wl,-e,entry"],
			["-c", "-mcmodel=large"],
			["-m32", "-c"],
		]) {
			const bytes = compile(...options);
			const ours = elfSymbols(bytes, "").symbols.map(
				({ name, address, size }) => `${name} ${address} ${size}`,
			);
			expect(ours)
				.to.have.members(await symbolsByElfinfo(bytes))
				.and.to.have.length.above(2);
		}
	});

	it("of a module lie where the guest says that it put the sections, until it is unloaded", async () => {
		const bytes = compile("-c", "-mcmodel=large");
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
		const file = elfSymbols(compile("-c", "-mcmodel=large"), "demo");
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

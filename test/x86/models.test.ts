import { expect } from "chai";
import { cpuidLeaves, signature } from "../../src/x86/cpuid.ts";
import { closure, FEATURES, findFeature } from "../../src/x86/features.ts";
import { DEFAULT_MODEL, modelNames, parseModel } from "../../src/x86/models.ts";
import { rows } from "../../src/x86/rows/index.ts";
import { openProcessor } from "./open.ts";

const leaf = (cpu: string, number: number, subleaf = -1) =>
	cpuidLeaves(parseModel(cpu)).find((l) => l.leaf === number && l.subleaf === subleaf)?.values ?? [
		0, 0, 0, 0,
	];
const EDX = 3;
const CODE = 0x1000;
const UD = 6;

/** The vector that the instruction raises in 32-bit code; undefined where it runs. */
function raises(cpu: string, code: string): number | undefined {
	const { processor, memory } = openProcessor(1 << 20, {}, { model: parseModel(cpu) });
	memory.write(CODE, Buffer.from(`${code}f4`, "hex"));
	const registers = processor.registers();
	const flat = { selector: 8, base: 0n, limit: 0xffff_ffff, attributes: 0xc09b };
	const data = { ...flat, selector: 16, attributes: 0xc093 };
	registers.segments = [data, flat, data, data, data, data];
	registers.cr0 = 0x11n;
	registers.rip = BigInt(CODE);
	registers.general[2] = 0x2000n;
	registers.idtr = { base: 0n, limit: 0 };
	processor.setRegisters(registers);
	return processor.run(10) === "shutdown" ? processor.shutdown[0].vector : undefined;
}

describe("processor models", () => {
	it("every row's feature is in the table", () => {
		const names = new Set(FEATURES.map(({ name }) => name));
		const unknown = rows.map((row) => row[4]?.feature).filter((name) => name && !names.has(name));
		expect(unknown).to.deep.equal([]);
	});

	it("no two features have one bit", () => {
		const places = FEATURES.map(
			({ leaf, subleaf, register, bit }) => `${leaf}/${subleaf}:${register}.${bit}`,
		);
		expect(new Set(places).size).to.equal(places.length);
	});

	it("every model can be made, has only what is done, and has all that its features need", () => {
		for (const name of modelNames()) {
			const { features } = parseModel(name);
			expect([...features].filter((feature) => !findFeature(feature)!.done)).to.deep.equal([]);
			expect(closure(features)).to.deep.equal(features);
		}
	});

	it("adds and removes single features, and what depends on them", () => {
		expect(leaf("qemu64", 7, 0)[1]).to.equal(0);
		expect(leaf("qemu64,+smap,+smep", 7, 0)[1]).to.equal((1 << 20) | (1 << 7));
		expect(parseModel("x86-64-v3,-lm").features.has("SYSCALL")).to.equal(false);
	});

	it("announces what the model has", () => {
		expect(leaf("pentium3", 0x80000001)[EDX]).to.equal(0);
		expect(leaf("x86-64-v2", 0x80000001)[EDX] & (1 << 29)).to.not.equal(0);
		expect(signature(parseModel("pentium3")).toString(16)).to.equal("683");
		expect(signature(parseModel("qemu64")).toString(16)).to.equal("60fb1");
		expect(signature(parseModel(DEFAULT_MODEL)).toString(16)).to.equal("506e3");
	});

	it("refuses what it does not know, in one line", () => {
		expect(() => parseModel("486")).to.throw('unknown processor "486"; there are pentium3, qemu64');
		expect(() => parseModel("qemu64,+smaap")).to.throw('unknown processor feature "smaap"');
		expect(() => parseModel("qemu64,smap")).to.throw('"smap": a feature is added with + or removed with -');
	});

	it("a feature that the model lacks is an invalid opcode, one that it has runs", () => {
		const clac = "0f01ca";
		expect(raises("x86-64-v3", clac)).to.equal(undefined);
		expect(raises("x86-64-v3,-smap", clac)).to.equal(UD);
		expect(raises("pentium3", clac)).to.equal(UD);
	});

	it("a bit of CR4 whose feature the model lacks cannot be set", () => {
		const setSmap = "b800002000" + "0f22e0"; // mov eax, 200000h; mov cr4, eax
		expect(raises("x86-64-v3", setSmap)).to.equal(undefined);
		expect(raises("pentium3", setSmap)).to.equal(13);
	});
});

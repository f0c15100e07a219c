import { expect } from "chai";
import * as S from "../../src/core/state.ts";
import { type Mode, SLOTS, type Variant, WORLDS } from "../vectors/states.ts";
import { Bench, type Outcome } from "./bench.ts";
import { everything, openProcessor } from "./open.ts";

const UD = 6;
const NM = 7;
const GP = 13;
const MF = 16;

const MP = 2;
const EM = 4;
const TS = 8;
const CR0 = 0x8001_0021; // PG WP NE PE

const ZERO_DIVIDE = 4;
const PENDING = 0x8080 | ZERO_DIVIDE;
/** 37Fh with #Z unmasked. */
const UNMASKED = 0x37b;

const bench = new Bench(false, everything());

interface Setting {
	cr0?: number;
	fcw?: number;
	fsw?: number;
	ftw?: number;
	mode?: Mode;
	rsi?: bigint;
}

/** One instruction with the x87 in a given state. */
function run(
	code: string,
	{ cr0 = 0, fcw = 0x37f, fsw = 0, ftw = 0xff, mode = 64, rsi }: Setting = {},
): Outcome {
	const variant: Variant = { code, world: "high", setup: [] };
	bench.loadCode("high", Buffer.from(code, "hex"));
	const slots = new BigUint64Array(SLOTS);
	slots[6] = rsi ?? BigInt(WORLDS.high.data);
	return bench.execute(mode, variant, slots, 2, (saved) => {
		const view = new DataView(saved.buffer, saved.byteOffset);
		view.setBigUint64(S.CR0, BigInt((CR0 | cr0) >>> 0), true);
		view.setUint16(S.FCW, fcw, true);
		view.setUint16(S.FSW, fsw, true);
		view.setUint8(S.FTW, ftw);
	});
}

const vector = (code: string, setting?: Setting) => run(code, setting).exception?.vector;
const word = (offset: number) => new DataView(bench.processor.save().buffer).getUint16(offset, true);

const FADD = "d8c1";
const FNSTSW_AX = "dfe0";
const WAIT = "9b";
const PADDB = "0ffcc1";
const EMMS = "0f77";
const FXSAVE = "0fae06"; // [rsi]
const FXRSTOR = "0fae0e";

describe("the x87's exceptions", () => {
	it("are #NM while CR0.TS or CR0.EM is set, for every instruction of its own", () => {
		for (const cr0 of [TS, EM])
			for (const code of [FADD, FNSTSW_AX, "dbe3", "d93e"]) expect(vector(code, { cr0 })).to.equal(NM);
		expect(vector(FADD)).to.equal(undefined);
	});

	it("are #NM of WAIT only where CR0.MP and CR0.TS are both set", () => {
		expect(vector(WAIT, { cr0: TS })).to.equal(undefined);
		expect(vector(WAIT, { cr0: MP })).to.equal(undefined);
		expect(vector(WAIT, { cr0: MP | TS })).to.equal(NM);
	});

	it("are #UD of MMX instructions under CR0.EM, and #NM under CR0.TS", () => {
		for (const code of [PADDB, EMMS]) {
			expect(vector(code, { cr0: EM | TS })).to.equal(UD);
			expect(vector(code, { cr0: TS })).to.equal(NM);
			expect(vector(code)).to.equal(undefined);
		}
	});

	it("are reported as #MF by the next instruction that waits, and by WAIT", () => {
		for (const code of [FADD, WAIT, PADDB, EMMS, "d9c0", "dd26", "d92e"])
			expect(vector(code, { fcw: UNMASKED, fsw: PENDING })).to.equal(MF);
	});

	it("are not reported by those that do not wait", () => {
		for (const code of [FNSTSW_AX, "dbe2", "dbe3", "d93e", "dd3e", "d936", "dd36", FXSAVE])
			expect(vector(code, { fcw: UNMASKED, fsw: PENDING })).to.equal(undefined);
	});

	it("go to the status word, and the instruction that raises them completes", () => {
		// 0 / 0 is invalid; the registers are zero.
		expect(vector("d8f1", { fcw: 0x37e })).to.equal(undefined);
		expect(word(S.FSW) & 0x80ff).to.equal(0x8081);
	});

	it("are no longer pending after FNCLEX, FNINIT, or with their mask set", () => {
		run("dbe2", { fcw: UNMASKED, fsw: PENDING });
		expect(word(S.FSW)).to.equal(0);
		run("dbe3", { fcw: UNMASKED, fsw: PENDING });
		expect([word(S.FSW), word(S.FCW)]).to.deep.equal([0, 0x37f]);
		// FNSTENV masks them all.
		run("d936", { fcw: UNMASKED, fsw: PENDING });
		expect([word(S.FSW), word(S.FCW)]).to.deep.equal([ZERO_DIVIDE, 0x37f]);
	});

	it("become pending when FLDCW takes their mask away", () => {
		bench.writeData("high", 0, Uint8Array.of(UNMASKED & 255, UNMASKED >> 8));
		expect(vector("d92e", { fsw: ZERO_DIVIDE })).to.equal(undefined);
		expect(word(S.FSW)).to.equal(PENDING);
		bench.restore("high");
	});
});

describe("without CR0.NE, the x87's exceptions", () => {
	const NMI = 2;
	const CODE = 0x1000;
	const HANDLER = 0x3000;

	/** fninit; fldcw [2000h]; fld1; fldz; fdivp; fnop; hlt, in real-address mode. The NMI's handler is an IRET. */
	function open() {
		let errors = 0;
		const { memory, processor } = openProcessor(
			1 << 20,
			{ floatError: () => errors++ },
			{ model: everything() },
		);
		memory.write(CODE, Buffer.from("dbe3d92e0020d9e8d9eedef9d9d0f4", "hex"));
		memory.write(0x2000, Uint8Array.of(UNMASKED & 255, UNMASKED >> 8));
		memory.write(4 * NMI, Uint8Array.of(HANDLER & 255, HANDLER >> 8, 0, 0));
		memory.write(HANDLER, Uint8Array.of(0xcf));
		const registers = processor.registers();
		registers.segments[1] = { ...registers.segments[1], selector: 0, base: 0n };
		registers.general[4] = 0x800n;
		processor.setRegisters({ ...registers, rip: BigInt(CODE) });
		return { processor, errors: () => errors, stop: () => processor.run(processor.retired + 20) };
	}
	const FNOP = BigInt(CODE + 12);
	const END = BigInt(CODE + 15);

	it("are told to the world outside, and stop the processor before the next instruction that waits", () => {
		const { processor, errors, stop } = open();
		expect(stop()).to.equal("halt");
		expect({ errors: errors(), rip: processor.registers().rip }).to.deep.equal({ errors: 1, rip: FNOP });
		processor.nmi();
		expect(stop()).to.equal("halt");
		expect(processor.registers().rip).to.equal(FNOP);
	});

	it("let it go on once IGNNE# is asserted and an interrupt has come", () => {
		const { processor, errors, stop } = open();
		stop();
		processor.ignoreFloatError();
		processor.nmi();
		expect(stop()).to.equal("halt");
		expect({ errors: errors(), rip: processor.registers().rip }).to.deep.equal({ errors: 1, rip: END });
	});
});

describe("FXSAVE and FXRSTOR", () => {
	it("refuse an address that is not a multiple of 16", () => {
		for (const code of [FXSAVE, FXRSTOR])
			expect(vector(code, { rsi: BigInt(WORLDS.high.data + 8) })).to.equal(GP);
	});

	it("refuse reserved bits of MXCSR, and change nothing then", () => {
		const image = new Uint8Array(512);
		image[24 + 2] = 1;
		bench.writeData("high", 0, image);
		expect(vector(FXRSTOR, { fcw: 0x340 })).to.equal(GP);
		expect(word(S.FCW)).to.equal(0x340);
		bench.restore("high");
	});
});

describe("the x87's environment in memory", () => {
	const FIP = 0x1234_5678;
	const FDP = 0x0fed_cba9;

	/** FNSTENV in a mode, as 16-bit words; or as 32-bit ones. */
	function environment(prefix: string, mode: Mode): number[] {
		const wide = (mode === 16) === (prefix !== "");
		const code = mode === 16 ? "d934" : "d936"; // [si], [esi]
		const variant: Variant = { code: prefix + code, world: mode === 16 ? "low" : "high", setup: [] };
		bench.loadCode(variant.world, Buffer.from(variant.code, "hex"));
		const slots = new BigUint64Array(SLOTS);
		slots[6] = BigInt(WORLDS[variant.world].data);
		bench.execute(mode, variant, slots, 2, (saved) => {
			const view = new DataView(saved.buffer, saved.byteOffset);
			view.setUint16(S.FCW, 0x37f, true);
			view.setUint16(S.FSW, 0x1234, true);
			view.setUint8(S.FTW, 0);
			view.setUint16(S.FOP, 0x5a5, true);
			view.setBigUint64(S.FIP, BigInt(FIP), true);
			view.setBigUint64(S.FDP, BigInt(FDP), true);
		});
		const bytes = bench.data(variant.world).slice(0, 28);
		bench.restore(variant.world);
		const view = new DataView(bytes.buffer);
		return Array.from({ length: 7 }, (_, i) =>
			wide ? view.getUint32(4 * i, true) : view.getUint16(2 * i, true),
		);
	}

	it("has seven doublewords in 32-bit protected mode, the opcode above the selector", () => {
		const expected = [0xffff_037f, 0xffff_1234, 0xffff_ffff, FIP, 0x05a5_0000, FDP, 0xffff_0000];
		expect(environment("", 32)).to.deep.equal(expected);
		expect(environment("66", 16)).to.deep.equal(expected);
	});

	it("has seven words in 16-bit protected mode, and no opcode", () => {
		const expected = [0x037f, 0x1234, 0xffff, FIP & 0xffff, 0, FDP & 0xffff, 0];
		expect(environment("", 16)).to.deep.equal(expected);
		expect(environment("66", 32)).to.deep.equal(expected);
	});
});

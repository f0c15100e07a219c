/**
 * A small assembler: from an instruction in SDM notation ("ADD Ev, Gv" at "01 /r") to the bytes of one
 * variant of it, with registers, addressing form, prefixes and immediates drawn at random, and to the
 * setup that makes its addresses point into the data pages.
 */
import {
	AREA,
	GS_BASE,
	type Mode,
	type Random,
	type Selectors,
	type Setup,
	type Variant,
	WORLDS,
	type World,
} from "../states.ts";

export interface Row {
	/** "ADD Ev, Gv": mnemonic and operands in the opcode maps' notation. */
	name: string;
	/** "0F AF /r", "80 /0 ib", "B8+r". A leading 66, F2 or F3 is a mandatory prefix. */
	opcode: string;
	modes?: readonly Mode[];
	/** Operand sizes to record; by default those that the operands' letters allow. */
	sizes?: readonly number[];
	/** Which values of E to record. */
	e?: "reg" | "mem";
	/** LOCK is allowed with a memory destination. */
	lock?: boolean;
	/** The processor locks the bus by itself, or demands alignment: keep accesses inside a cache line. */
	aligned?: boolean;
	/** The operand size is 64 bits by default in 64-bit mode: no REX.W, and 32 bits cannot be had. */
	default64?: boolean;
	/** Prefixes one of which each variant gets: [""], ["", "f2", "f3"]. */
	prefixes?: readonly string[];
	/** Constraints besides those that addresses need; drawn for each variant. */
	setup?: (context: Context) => Setup[];
	/** Draws the immediate's bytes instead of any value. */
	immediate?: (context: Context, size: number) => number;
	/** Address sizes to choose from, by default all (in bits). */
	addressSizes?: readonly number[];
	/** Where memory operands lie, instead of in the area. */
	place?: Place;
	undefinedFlags?: (facts: Facts) => number;
	/** States whose registers and memory the manual does not settle, and processors differ in. */
	unspecified?: (facts: Facts) => boolean;
	/** SS, DS and ES are segments of the LDT with limits; addresses are offsets in them, near their ends. */
	segmented?: boolean;
	/** No prefix but those of the opcode: its length is the point. */
	anyLength?: boolean;
	world?: World;
}

export interface Context {
	random: Random;
	mode: Mode;
	size: number;
	world: World;
	addressSize: number;
	/** Linear addresses. */
	area: number;
	data: number;
	code: number;
}

/** What a rule for undefined flags may look at. */
export interface Facts {
	size: number;
	/** The shift count as the instruction has it: immediate, 1, or CL. */
	count: number;
	flagsOut: number;
	mode: Mode;
	addressSize: number;
	faulted: boolean;
}

export interface Place {
	/** Offset from the data, or an absolute address. */
	base: number;
	absolute?: boolean;
	spread: number;
}

export interface Assembled extends Variant {
	immediate: number | undefined;
	addressSize: number;
}

const RSP = 4;
const RBP = 5;

/** Bytes of ModRM and what follows, less the reg field. */
interface Operand {
	mod: number;
	rm: number;
	tail: number[];
	rexX: number;
	rexB: number;
	setup: Setup[];
	/** RIP-relative: the displacement is patched to reach this address. */
	ripTarget?: number;
	prefixes: number[];
}

const le = (value: number, bytes: number): number[] => {
	let rest = BigInt.asUintN(bytes * 8, BigInt(value));
	return Array.from({ length: bytes }, () => {
		const byte = Number(rest & 0xffn);
		rest >>= 8n;
		return byte;
	});
};

/** Which letters of the row's operands need what. */
const letters = (row: Row): string[] => row.name.split(/[ ,]+/).slice(1);

/** The operand sizes that a row has in a mode. */
export function sizesOf(row: Row, mode: Mode): readonly number[] {
	const all = mode === 64 ? [16, 32, 64] : [16, 32];
	if (row.sizes) return row.sizes.filter((size) => size <= 32 || mode === 64);
	if (row.default64 && mode === 64) return [16, 64];
	if (letters(row).some((letter) => /^([EGIMOSX-Z]v|rAX|Iz|Zv|Gz|Jz)$/.test(letter))) return all;
	if (letters(row).some((letter) => /^([EGM]y|Zy)$/.test(letter))) return all.filter((size) => size >= 32);
	return letters(row).some((letter) => /b$|^AL$/.test(letter)) ? [8] : [mode === 16 ? 16 : 32];
}

export const hasMemoryForm = (row: Row): boolean =>
	letters(row).some((letter) => /^(E[a-z]|M[a-z]*)$/.test(letter));
export const hasRegisterForm = (row: Row): boolean =>
	letters(row).some((letter) => /^[ER][a-z]$/.test(letter));

/** Assembles one variant. `memory` says whether E is memory. Drawn again where it would be longer than 15 bytes. */
export function assemble(row: Row, mode: Mode, size: number, memory: boolean, random: Random): Assembled {
	for (;;) {
		const variant = assembleOnce(row, mode, size, memory, random);
		if (row.anyLength || variant.code.length <= 30) return variant;
	}
}

function assembleOnce(row: Row, mode: Mode, size: number, memory: boolean, random: Random): Assembled {
	const addressSize = chooseAddressSize(row, mode, random);
	const world: World = row.world ?? (mode === 16 || addressSize === 16 ? "low" : "high");
	const { code: start, data } = WORLDS[world];
	const context: Context = { random, mode, size, world, addressSize, area: data + AREA, data, code: start };
	const locked = memory && row.lock === true && random.chance(3);
	const operand =
		hasMemoryForm(row) || hasRegisterForm(row) ? chooseOperand(row, context, memory, locked) : undefined;
	const setup = [...(row.setup?.(context) ?? []), ...(operand?.setup ?? [])];
	const { bytes, immediate } = encode(row, context, operand, locked);
	const code = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
	return {
		code,
		world,
		setup,
		immediate,
		addressSize,
		segments: row.segmented ? chooseSegments(random) : undefined,
	};
}

const DATA_SEGMENTS = [0x17, 0x17, 0x1f, 0x1f, 0x27, 0x2f, 0x37, 0x37, 0];
const STACK_SEGMENTS = [0x17, 0x1f, 0x27, 0x2b];
const ENDS_OF_SEGMENTS = [0xff8, 0x1000, 0x1ff8, 0x40, 0xfff8, -8];

function chooseSegments(random: Random): Selectors {
	return [random.pick(STACK_SEGMENTS), random.pick(DATA_SEGMENTS), random.pick(DATA_SEGMENTS)];
}

/** An offset at which some segment ends. */
export const nearEnd = (random: Random): Place => ({
	base: random.pick(ENDS_OF_SEGMENTS),
	absolute: true,
	spread: 12,
});

function chooseAddressSize(row: Row, mode: Mode, random: Random): number {
	const normal = mode;
	if (row.anyLength) return normal;
	const other = mode === 64 ? 32 : mode === 32 ? 16 : 32;
	const allowed = row.addressSizes ?? [normal, normal, normal, other];
	return random.pick(allowed.filter((size) => size === normal || size === other));
}

function chooseOperand(row: Row, context: Context, memory: boolean, locked: boolean): Operand {
	const place = row.segmented ? nearEnd(context.random) : row.place;
	if (memory) return chooseMemory(context, row.aligned === true || locked, place);
	const { random, mode } = context;
	const number = random.below(mode === 64 ? 16 : 8);
	return { mod: 3, rm: number & 7, tail: [], rexX: 0, rexB: number >> 3, setup: [], prefixes: [] };
}

/** The address a memory operand starts at, and over how many bytes its states may spread. */
function chooseTarget(context: Context, aligned: boolean, place?: Place): { target: number; spread: number } {
	if (place) return { target: place.base + (place.absolute ? 0 : context.data), spread: place.spread };
	if (aligned) return { target: context.area + 16 * context.random.below(7), spread: 1 };
	return { target: context.area + context.random.below(0x40), spread: 8 };
}

function chooseMemory(context: Context, aligned: boolean, place?: Place): Operand {
	const { target, spread } = chooseTarget(context, aligned, place);
	const operand =
		context.addressSize === 16 ? memory16(context, target, spread) : memory32(context, target, spread);
	return segmented(context, operand);
}

/** ES CS SS DS are flat; GS has a base in 64-bit mode. */
function segmented(context: Context, operand: Operand): Operand {
	const { random, mode } = context;
	if (!random.chance(6)) return operand;
	if (
		mode === 64 &&
		operand.setup.length > 0 &&
		operand.setup[0][2] !== 0 &&
		context.addressSize === 64 &&
		random.chance(2)
	) {
		const setup = operand.setup.map((s, i) => (i === 0 ? ([s[0], s[1], s[2] - GS_BASE, s[3]] as Setup) : s));
		return { ...operand, setup, prefixes: [0x65] };
	}
	return { ...operand, prefixes: [random.pick(mode === 64 ? [0x26, 0x2e, 0x36, 0x3e] : [0x26, 0x36, 0x3e])] };
}

const FORMS_16 = [[3, 6], [3, 7], [5, 6], [5, 7], [6], [7], [5], [3]];

/** SDM 2A, "16-Bit Addressing Forms with the ModR/M Byte". */
function memory16(context: Context, target: number, spread: number): Operand {
	const { random } = context;
	const rm = random.below(8);
	const mod = random.below(3);
	const none = { rexX: 0, rexB: 0, prefixes: [] };
	if (mod === 0 && rm === 6) return { mod, rm, tail: le(target, 2), setup: [], ...none };
	const [base, index] = FORMS_16[rm];
	const displacement = mod === 0 ? 0 : mod === 1 ? random.below(256) - 128 : random.below(65536) - 32768;
	const setup: Setup[] = [[base, 2, target - displacement, spread]];
	if (index !== undefined) setup.push([index, 2, 0, spread]);
	return { mod, rm, tail: le(displacement, mod), setup, ...none };
}

/** SDM 2A, "32-Bit Addressing Forms with the ModR/M Byte" and the SIB byte; REX extends them. */
function memory32(context: Context, target: number, spread: number): Operand {
	const { random, mode, addressSize } = context;
	const registers = mode === 64 ? 16 : 8;
	const bytes = addressSize / 8;
	const none = { rexX: 0, rexB: 0, prefixes: [] };
	const form = random.below(8);
	const fits32 = target >= -0x8000_0000 && target < 0x7fff_0000;
	if (form === 0 && fits32) {
		if (mode === 64 && random.chance(2))
			return { mod: 0, rm: 4, tail: [0x25, ...le(target, 4)], setup: [], ...none };
		const ripTarget = mode === 64 ? target : undefined;
		return { mod: 0, rm: 5, tail: le(target, 4), setup: [], ripTarget, ...none };
	}
	const base = random.below(registers);
	let mod = random.below(3);
	if (mod === 0 && (base & 7) === RBP) mod = 1;
	const displacement =
		mod === 0 ? 0 : mod === 1 ? random.below(256) - 128 : random.below(0x2000_0000) - 0x1000_0000;
	const tail = le(displacement, mod === 2 ? 4 : mod);
	if (form < 4 && (base & 7) !== RSP)
		return {
			mod,
			rm: base & 7,
			tail,
			setup: [[base, bytes, target - displacement, spread]],
			...none,
			rexB: base >> 3,
		};
	return memorySib(context, { target, spread, base, mod, displacement, tail, fits32 });
}

interface SibChoice {
	target: number;
	spread: number;
	base: number;
	mod: number;
	displacement: number;
	tail: number[];
	fits32: boolean;
}

function memorySib(context: Context, choice: SibChoice): Operand {
	const { random, mode, addressSize } = context;
	const { target, spread, base, mod, displacement, tail, fits32 } = choice;
	const bytes = addressSize / 8;
	let index = random.below(mode === 64 ? 16 : 8);
	if (index === base) index = RSP; // no index
	const scale = random.below(4);
	const indexSetup: Setup[] = index === RSP ? [] : [[index, bytes, 0, spread]];
	const fields = (b: number) => (scale << 6) | ((index & 7) << 3) | b;
	const rexX = index >> 3;
	if (fits32 && random.chance(4))
		return {
			mod: 0,
			rm: 4,
			tail: [fields(5), ...le(target, 4)],
			rexX,
			rexB: 0,
			setup: indexSetup,
			prefixes: [],
		};
	const setup: Setup[] = [[base, bytes, target - displacement, spread], ...indexSetup];
	return { mod, rm: 4, tail: [fields(base & 7), ...tail], rexX, rexB: base >> 3, setup, prefixes: [] };
}

/** The numbers that an opcode string spells: bytes, /digit or /r, +r, immediates. */
function parseOpcode(opcode: string) {
	const mandatory: number[] = [];
	const bytes: number[] = [];
	let digit = -1;
	let plus = false;
	const immediates: string[] = [];
	for (const word of opcode.split(" ")) {
		if (/^\/[0-7]$/.test(word)) digit = Number(word[1]);
		else if (/^\/r$/.test(word)) digit = 8;
		else if (/^i[bwdz]$|^iv$|^cb$|^cz$|^mo$/.test(word)) immediates.push(word);
		else if (/^[0-9A-F]{2}\+r$/.test(word)) {
			plus = true;
			bytes.push(Number.parseInt(word, 16));
		} else if (/^[0-9A-F]{2}$/.test(word)) {
			const byte = Number.parseInt(word, 16);
			if (bytes.length === 0 && [0x66, 0xf2, 0xf3].includes(byte)) mandatory.push(byte);
			else bytes.push(byte);
		} else throw new Error(`opcode word ${word} in "${opcode}"`);
	}
	return { mandatory, bytes, digit, plus, immediates };
}

function encode(row: Row, context: Context, operand: Operand | undefined, locked: boolean) {
	const { random, mode } = context;
	const { mandatory, bytes, digit, plus, immediates } = parseOpcode(row.opcode);
	const registers = mode === 64 ? 16 : 8;
	const reg = digit === 8 ? chooseReg(row, random, registers) : Math.max(digit, 0);
	const low = plus ? random.below(registers) : 0;
	const opcode = [...bytes];
	if (plus) opcode[opcode.length - 1] |= low & 7;
	const tail = operand ? [(operand.mod << 6) | ((reg & 7) << 3) | operand.rm, ...operand.tail] : [];
	let immediate: number | undefined;
	const trailing: number[] = [];
	for (const kind of immediates) {
		const length = immediateSize(kind, context);
		immediate = row.immediate ? row.immediate(context, length) : randomImmediate(random, length);
		trailing.push(...le(immediate, length));
	}
	const prefixes = choosePrefixes(row, context, mandatory, operand, locked);
	const rex = rexByte(row, context, (reg >> 3) & (digit === 8 ? 1 : 0), operand, low >> 3);
	const all = [...prefixes, ...(rex === undefined ? [] : [rex]), ...opcode, ...tail, ...trailing];
	if (operand?.ripTarget !== undefined) {
		const at = prefixes.length + (rex === undefined ? 0 : 1) + opcode.length + 1;
		all.splice(at, 4, ...le(operand.ripTarget - (context.code + all.length), 4));
	}
	return { bytes: all, immediate };
}

function chooseReg(row: Row, random: Random, registers: number): number {
	if (letters(row).includes("Sw")) return random.pick([0, 2, 3]); // ES SS DS
	return random.below(registers);
}

function immediateSize(kind: string, { size, addressSize }: Context): number {
	const sizes: Record<string, number> = { ib: 1, cb: 1, iw: 2, id: 4, mo: addressSize / 8, iv: size / 8 };
	return sizes[kind] ?? Math.min(size, 32) / 8;
}

function randomImmediate(random: Random, size: number): number {
	const choice = random.below(4);
	if (choice === 0) return random.pick([0, 1, -1, 2, 0x7f, -0x80]);
	const bits = Math.min(size * 8, 52);
	if (choice === 1) return random.pick([2 ** (bits - 1) - 1, -(2 ** (bits - 1)), 2 ** (bits - 1)]);
	return size > 4 ? random.next() * 2 ** 20 + random.below(2 ** 20) : random.next();
}

function choosePrefixes(
	row: Row,
	context: Context,
	mandatory: number[],
	operand: Operand | undefined,
	locked: boolean,
) {
	const { random, mode, size, addressSize } = context;
	const prefixes: number[] = [];
	const operand16 = size === 16 ? mode !== 16 : size === 32 ? mode === 16 : false;
	if (operand16) prefixes.push(0x66);
	else if (size === 64 && !row.default64 && random.chance(10)) prefixes.push(0x66); // REX.W wins
	if (addressSize !== mode) prefixes.push(0x67);
	prefixes.push(...(operand?.prefixes ?? []));
	const extra = row.prefixes ? random.pick(row.prefixes) : "";
	if (extra) prefixes.push(Number.parseInt(extra, 16));
	if (locked) prefixes.push(0xf0);
	return [...shuffle(random, prefixes), ...mandatory];
}

/** REX where it is needed, and now and then where it is not: it turns AH into SPL. */
function rexByte(
	row: Row,
	context: Context,
	rexR: number,
	operand: Operand | undefined,
	rexBOfOpcode: number,
) {
	const { random, mode, size } = context;
	if (mode !== 64 || row.anyLength) return undefined;
	const w = size === 64 && !row.default64 ? 8 : 0;
	const rex = 0x40 | w | (rexR << 2) | ((operand?.rexX ?? 0) << 1) | (operand?.rexB ?? 0) | rexBOfOpcode;
	return rex !== 0x40 || random.chance(4) ? rex : undefined;
}

function shuffle<T>(random: Random, items: T[]): T[] {
	for (let i = items.length - 1; i > 0; i--) {
		const j = random.below(i + 1);
		[items[i], items[j]] = [items[j], items[i]];
	}
	return items;
}

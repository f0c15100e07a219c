// Strings of bytes to decode: at random, and every encoding that the rows have.

import type { CodeSize } from "../../src/x86/disassembler/index.ts";
import { prefixIndices } from "../../src/x86/encoding.ts";
import { expand, type Slot, slots, type Variant } from "../../src/x86/expand.ts";
import { rows } from "../../src/x86/rows/index.ts";
import type { Random } from "../vectors/states.ts";

const LENGTH = 15;
const SOME_PREFIXES = [0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x64, 0x48, 0x41];

/** Random bytes; every other string has prefixes, the longer opcode maps and VEX prefixes more often than chance has them. */
export function randomBytes(random: Random): Uint8Array {
	const bytes = new Uint8Array(LENGTH);
	for (let i = 0; i < LENGTH; i++) bytes[i] = random.next();
	if (random.chance(2)) return bytes;
	let at = 0;
	while (random.chance(3) && at < 3) bytes[at++] = random.pick(SOME_PREFIXES);
	const kind = random.below(6);
	if (kind < 3) bytes[at] = 0x0f;
	if (kind === 2) bytes[at + 1] = random.pick([0x38, 0x3a]);
	if (kind === 3 || kind === 4) vexPrefix(random, bytes, at, kind === 3);
	return bytes;
}

/** A VEX prefix with a map that exists and, every other time, no register in vvvv. */
function vexPrefix(random: Random, bytes: Uint8Array, at: number, short: boolean): void {
	bytes[at] = short ? 0xc5 : 0xc4;
	bytes[at + 1] |= 0xc0;
	if (!short) bytes[at + 1] = (bytes[at + 1] & 0xe0) | (1 + random.below(3));
	if (random.chance(2)) bytes[at + (short ? 1 : 2)] |= 0x78;
}

/** Every prefix alone, and pairs that mean something or cancel each other. */
export const PREFIXES =
	" 66 67 F0 F2 F3 26 2E 36 3E 64 65 40 41 42 44 48 4F 6667 66F3 66F2 F348 6648 F066 F0F2 F266 4866".split(
		" ",
	);

const MAPS = ["", "0F", "0F38", "0F3A"];
const MANDATORY = ["", "66", "F2", "F3"];
/** VEX.pp by Slot.prefix. */
const PP = [0, 1, 3, 2];
const VEX_MAPS = 4;

/** What follows ModRM: SIB bytes without an index, with one, with no base. */
const TAILS = ["24C5887766554433221100", "8DC5887766554433221100", "E50088776655443322"];

/** ModRM.mod and rm, and reg where it is a register: some of each kind, or all but for reg. */
const SOME = { memory: [0x04, 0x05, 0x44, 0x86], register: [0xc0, 0xc5], reg: [0, 5] };
const ALL = {
	memory: Array.from({ length: 24 }, (_, i) => ((i >> 3) << 6) | (i & 7)),
	register: Array.from({ length: 8 }, (_, i) => 0xc0 | i),
	reg: [0, 5],
};

const byte = (value: number): string => value.toString(16).padStart(2, "0");

/** VEX with three bytes; vvvv names register 5 where an operand is there. */
function vexOpcode({ map, opcode, prefix, size }: Slot, { operands }: Variant, mode: CodeSize): string {
	const named = operands.some(({ kind }) => kind === "H" || kind === "B");
	const vvvv = ~(named ? 5 : 0) & 15;
	const extensions = mode === 64 ? 0xa0 : 0xe0; // register 8 and up for X, in 64-bit mode
	const last = ((size >> 1) << 7) | (vvvv << 3) | ((size & 1) << 2) | PP[prefix];
	return `c4${byte(extensions | (map - VEX_MAPS))}${byte(last)}${byte(opcode)}`;
}

/** Encodings of a variant, without prefixes: each opcode that leads to it, with registers or with memory. */
function encodingsOf(variant: Variant, mode: CodeSize, modrms: typeof SOME): string[] {
	const isVex = variant.encoding.vex !== undefined;
	const places = slots(variant).filter(
		({ long, size, prefix, reg }) =>
			(long === 1) === (mode === 64) &&
			(variant.encoding.digit !== undefined ||
				variant.encoding.exact !== undefined ||
				modrms.reg.includes(reg)) &&
			(isVex || (size === (mode === 16 ? 0 : 1) && prefix === prefixIndices(variant.encoding)[0])),
	);
	return places.flatMap((slot) => {
		const { map, opcode, prefix, reg, memory, rm } = slot;
		const lows = memory ? modrms.memory : rm === undefined ? modrms.register : [0xc0 + rm];
		const modrm = variant.encoding.modrm ? lows.map((low) => byte(low | (reg << 3))) : [""];
		if (isVex) return modrm.map((tail) => vexOpcode(slot, variant, mode) + tail);
		// REX has to stand behind a mandatory prefix, so it is not one of PREFIXES alone.
		const rexes = mode === 64 && prefix ? ["", "48", "47"] : [""];
		return rexes.flatMap((rex) =>
			modrm.map((tail) => MANDATORY[prefix] + rex + MAPS[map] + byte(opcode) + tail),
		);
	});
}

/** Every row's encodings in a mode, as whole strings without a prefix. */
export function rowStrings(mode: CodeSize, every = false): string[] {
	const modrms = every ? ALL : SOME;
	const heads = [...new Set(expand(rows).flatMap((variant) => encodingsOf(variant, mode, modrms)))];
	return heads.map((head, i) => head + TAILS[every ? i % TAILS.length : 0]);
}

/** A string behind a prefix, as bytes that an instruction may have at most. */
export const withPrefix = (prefix: string, string: string): Uint8Array =>
	Buffer.from(prefix + string, "hex").subarray(0, LENGTH);

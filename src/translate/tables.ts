/**
 * The decode tables: variants laid out for core/decode.ts, as bytes at TABLES.
 *
 *   0      u16[8 * 256]         block of each opcode, by map
 *   4112   descriptors          DESCRIPTOR_SIZE bytes each
 *   then   rm tables            u16[8] each: for opcodes that take the whole ModRM byte
 *   then   blocks               u16[BLOCK] each, block 0 is all undefined
 *   then   cases                u16[2] each: see cases.ts
 *
 * In a block, the place ((prefix * 2 + long) * 4 + size) * 16 + memory * 8 + reg holds a descriptor's
 * number, 0 where nothing is defined, or RM_TABLE + the number of an rm table.
 */

import * as D from "../core/descriptor.ts";
import { FIRST_VARIANT } from "../core/state.ts";
import { isVectorKind, type Operand, slots, type Variant } from "../x86/expand.ts";
import type { Row } from "../x86/row.ts";
import { type Case, casesOf, encodeCases } from "./cases.ts";

export interface Tables {
	/** In the order of the cases. */
	variants: Variant[];
	bytes: Uint8Array;
}

/**
 * @param has whether the processor has a feature: rows of the others keep their numbers, but no encoding leads to them, so
 *   that what they stood over (BSR under LZCNT) or #UD shows
 */
export function buildTables(rows: readonly Row[], has: (feature: string) => boolean = () => true): Tables {
	const blocks = new Blocks();
	const cases = casesOf(rows);
	const variants = cases.map(({ variant }) => variant);
	variants.forEach((variant, index) => {
		const { feature } = variant.options;
		if (feature && !has(feature)) return;
		for (const slot of slots(variant)) blocks.claim(slot, index + FIRST_VARIANT, variant);
	});
	return { variants, bytes: layOut(cases, blocks) };
}

type Slot = ReturnType<typeof slots>[number];

class Blocks {
	readonly opcodes = new Uint16Array(D.MAPS * 256);
	readonly blocks: Uint16Array[] = [new Uint16Array(D.BLOCK)];
	readonly rmTables: Uint16Array[] = [];
	#ranks = new Map<string, { rank: number; variant: Variant }>();

	claim(slot: Slot, descriptor: number, variant: Variant): void {
		const opcode = slot.map * 256 + slot.opcode;
		if (!this.opcodes[opcode]) this.opcodes[opcode] = this.blocks.push(new Uint16Array(D.BLOCK)) - 1;
		const block = this.blocks[this.opcodes[opcode]];
		const place =
			((slot.prefix * 2 + slot.long) * D.BLOCK_SIZES + slot.size) * 16 + slot.memory * 8 + slot.reg;
		if (slot.rm !== undefined) {
			this.#inRmTable(block, place)[slot.rm] = descriptor;
			return;
		}
		const known = this.#ranks.get(`${opcode} ${place}`);
		if (known && known.rank === slot.rank) {
			throw new Error(
				`rows "${known.variant.row[0]}" "${known.variant.name}" and "${variant.row[0]}" "${variant.name}" overlap`,
			);
		}
		if (known && known.rank > slot.rank) return;
		this.#ranks.set(`${opcode} ${place}`, { rank: slot.rank, variant });
		if (block[place] >= D.RM_TABLE)
			this.rmTables[block[place] - D.RM_TABLE].forEach((id, rm, table) => (table[rm] = id || descriptor));
		else block[place] = descriptor;
	}

	#inRmTable(block: Uint16Array, place: number): Uint16Array {
		if (block[place] < D.RM_TABLE) {
			const table = new Uint16Array(8).fill(block[place]);
			block[place] = D.RM_TABLE + this.rmTables.push(table) - 1;
		}
		return this.rmTables[block[place] - D.RM_TABLE];
	}
}

function immediateKind(operands: Operand[], size: number): number {
	const written = operands.map((o) => o.notation);
	if (written.includes("Ap")) return size === 16 ? D.IMMEDIATE_FAR16 : D.IMMEDIATE_FAR32;
	if (written.includes("Iw") && written.includes("Ib")) return D.IMMEDIATE_16_8;
	if (operands.some((o) => o.kind === "L")) return D.IMMEDIATE_8;
	const operand = operands.find((o) => "IJO".includes(o.kind) && o.kind !== "fixed");
	if (!operand) return D.IMMEDIATE_NONE;
	if (operand.kind === "O") return D.IMMEDIATE_OFFSET;
	const suffix = operand.notation.slice(1);
	if (suffix === "b" || suffix === "bs") return D.IMMEDIATE_8;
	if (suffix === "w") return D.IMMEDIATE_16;
	if (suffix === "z") return size === 16 ? D.IMMEDIATE_16 : D.IMMEDIATE_32;
	return size === 16 ? D.IMMEDIATE_16 : size === 32 ? D.IMMEDIATE_32 : D.IMMEDIATE_64;
}

const registerKind = (operand: Operand | undefined): number => {
	if (!operand) return D.REGISTER_NONE;
	if (operand.kind === "S") return D.REGISTER_SEGMENT;
	if ("CD".includes(operand.kind)) return D.REGISTER_NUMBER;
	if (isVectorKind(operand.kind)) return D.REGISTER_VECTOR;
	if ("PQN".includes(operand.kind)) return D.REGISTER_MMX;
	return operand.width === 8 ? D.REGISTER_BYTE : D.REGISTER_FULL;
};

/** What VEX.vvvv and the rest of an immediate name. */
function vvvvKind({ operands, encoding, options }: Variant): number {
	if (!encoding.vex) return D.VVVV_NONE;
	const has = (kind: string) => operands.some((operand) => operand.kind === kind);
	return (
		(has("H") ? D.VVVV_VECTOR : has("B") ? D.VVVV_GENERAL : D.VVVV_NONE) |
		(has("L") ? D.VVVV_IMMEDIATE : 0) |
		(options.vsib ? D.VVVV_INDEX : 0)
	);
}

function descriptor(variant: Variant, index: number): number[] {
	const { operands, options, form } = variant;
	const of = (kinds: string) => operands.find((o) => o.kind !== "fixed" && kinds.includes(o.kind));
	const relative = of("J") !== undefined;
	const inOpcode = of("Z");
	let flags = 0;
	if (variant.encoding.modrm) flags |= D.HAS_MODRM;
	if (options.ends) flags |= D.ENDS_BLOCK;
	if (options.lock && form === "memory") flags |= D.LOCKABLE;
	if (inOpcode) flags |= D.REGISTER_IN_OPCODE;
	if (relative) flags |= D.RELATIVE;
	if (of("O")) flags |= D.OFFSET_ONLY;
	const sized = options.default64 || options.force64 || options.modal || variant.encoding.vex;
	return [
		(index + FIRST_VARIANT) & 255,
		(index + FIRST_VARIANT) >> 8,
		registerKind(of("GSCDVP")),
		registerKind(inOpcode ?? (form === "register" ? of("ERWUQN") : undefined)),
		immediateKind(operands, variant.operandSize),
		flags,
		sized ? Math.log2(variant.operandSize / 8) : D.SIZE_AS_DECODED,
		vvvvKind(variant),
	];
}

function layOut(cases: Case[], { opcodes, blocks, rmTables }: Blocks): Uint8Array {
	const none = new Array(D.DESCRIPTOR_SIZE * FIRST_VARIANT).fill(0);
	const descriptors = Uint8Array.from([
		...none,
		...cases.flatMap(({ variant }, i) => descriptor(variant, i)),
	]);
	const caseTable = encodeCases(cases);
	const bytesOf = (words: Uint16Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
	const rmOffset = D.DESCRIPTORS + descriptors.length;
	const blockOffset = rmOffset + rmTables.length * 16;
	const caseOffset = blockOffset + blocks.length * D.BLOCK * 2;
	const out = new Uint8Array(caseOffset + caseTable.byteLength);
	out.set(bytesOf(opcodes), 0);
	out.set(descriptors, D.DESCRIPTORS);
	rmTables.forEach((table, i) => out.set(bytesOf(table), rmOffset + i * 16));
	blocks.forEach((block, i) => out.set(bytesOf(block), blockOffset + i * D.BLOCK * 2));
	out.set(bytesOf(caseTable), caseOffset);
	const header = new DataView(out.buffer);
	header.setUint32(D.RM_OFFSET, rmOffset, true);
	header.setUint32(D.BLOCK_OFFSET, blockOffset, true);
	header.setUint32(D.CASES_OFFSET, caseOffset, true);
	return out;
}

/**
 * Which variant an encoding is: the rows laid out by opcode, as the processor's decode tables are, but holding the
 * variants themselves. `slots` (../expand.ts) says where each belongs; the most specific claim wins.
 */
import { slots, type Variant } from "../expand.ts";

/** What the bytes before an operand say, in the terms of `Slot`. */
export interface Opcode {
	/** 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A. */
	map: number;
	opcode: number;
	/** 0 none, 1 66, 2 F2, 3 F3. */
	prefix: number;
	/** In 64-bit mode. */
	long: boolean;
	/** 0: 16, 1: 32, 2: 64; under a VEX prefix W * 2 + L. */
	size: number;
	modrm: number;
}

interface Claim {
	rank: number;
	variant: Variant;
}

export class OpcodeMap {
	/** By opcode and, below, by all that `place` packs; the second half is for whole ModRM bytes. */
	readonly #claims = new Map<number, Claim>();

	constructor(variants: readonly Variant[]) {
		for (const variant of variants)
			for (const slot of slots(variant)) {
				const at = place(slot.map, slot.opcode, slot.prefix, slot.long, slot.size, slot.memory, slot.reg);
				this.#claim(slot.rm === undefined ? at : at * 8 + slot.rm + WHOLE_BYTES, slot.rank, variant);
			}
	}

	#claim(at: number, rank: number, variant: Variant): void {
		const known = this.#claims.get(at);
		if (!known || rank > known.rank) this.#claims.set(at, { rank, variant });
	}

	find({ map, opcode, prefix, long, size, modrm }: Opcode): Variant | undefined {
		const memory = modrm < 0xc0 ? 1 : 0;
		const at = place(map, opcode, prefix, long ? 1 : 0, size, memory, (modrm >> 3) & 7);
		const whole = this.#claims.get(at * 8 + (modrm & 7) + WHOLE_BYTES);
		return (whole ?? this.#claims.get(at))?.variant;
	}
}

const WHOLE_BYTES = 2 ** 32;

function place(
	map: number,
	opcode: number,
	prefix: number,
	long: number,
	size: number,
	memory: number,
	reg: number,
): number {
	return ((((map * 256 + opcode) * 4 + prefix) * 2 + long) * 4 + size) * 16 + memory * 8 + reg;
}

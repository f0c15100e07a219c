/**
 * What random instructions work on. Some registers hold pointers into the arena most of the time and are
 * seldom written; some count loops and are left alone while they do; the rest is data.
 */
import type { Access } from "../../src/x86/row.ts";
import type { Random } from "../harness/random.ts";
import { little } from "./assembler.ts";
import type { Address, Bits, Chooser } from "./encode.ts";

interface Roles {
	pointers: number[];
	data: number[];
	/** Small numbers most of the time. */
	index: number;
	counters: number[];
}

const ROLES: Record<Bits, Roles> = {
	16: { pointers: [3, 6, 7], data: [0, 1, 2], index: 1, counters: [5] },
	32: { pointers: [3, 6, 7], data: [0, 1, 2], index: 1, counters: [5] },
	64: { pointers: [3, 6, 7, 8, 9, 10], data: [0, 1, 2, 11, 12], index: 11, counters: [5, 13, 14, 15] },
};

const SEGMENTS = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];

/** Displacements: none, a byte, all of it; often such that what is aligned stays so. */
const near = (random: Random): number =>
	random.chance(0.4) ? 16 * random.between(-3, 5) : random.between(-40, 80);

export class Operands implements Chooser {
	readonly roles: Roles;
	/** Registers that must keep what they hold. */
	readonly reserved = new Set<number>();

	constructor(
		readonly random: Random,
		private readonly bits: Bits,
		/** Whether an access may name a segment: where there are bases to be told apart. */
		private readonly segmented: boolean,
	) {
		this.roles = ROLES[bits];
	}

	register(access: Access, width: number, wide: boolean): number {
		const { random, roles } = this;
		const writes = access === "w" || access === "rw" || access === "m";
		const counters = roles.counters.filter((number) => !this.reserved.has(number));
		const kind = random.below(100);
		const from =
			kind < (writes ? 84 : 60)
				? roles.data
				: kind < (writes ? 95 : 80)
					? [...counters, roles.index]
					: kind < 97 || writes
						? roles.pointers
						: [4, 5];
		const allowed = from.filter(
			(number) =>
				(wide || number < 8) &&
				!(writes && this.reserved.has(number)) &&
				!(width === 8 && !wide && number > 3),
		);
		return allowed.length ? random.pick(allowed) : 0;
	}

	address(bits: Bits): Address {
		const address = bits === 16 ? this.#address16() : this.#address32();
		const odd = this.segmented ? 0.15 : this.bits === 64 ? 0.02 : 0.01;
		if (this.random.chance(odd)) address.segment = this.random.pick(SEGMENTS);
		return address;
	}

	/** A pointer and a vector of indices. */
	vectorAddress(): Address {
		const { random, roles } = this;
		const base = random.pick(roles.pointers);
		const index = random.below(this.bits === 64 ? 16 : 8);
		const mod = base % 8 === 5 ? 1 : random.below(2);
		const sib = (random.below(4) << 6) | ((index & 7) << 3) | (base & 7);
		const rex = (base > 7 ? 1 : 0) | (index > 7 ? 2 : 0);
		return { mod, rm: 4, rex, bytes: [sib, ...(mod ? little(near(random), 1) : [])] };
	}

	immediate(bytes: number): number[] {
		const { random } = this;
		const kind = random.below(6);
		const value =
			kind === 0
				? random.below(64)
				: kind === 1
					? random.pick([0, -1, 1, 0x7f, -0x80, 0x7fff, -0x8000, 0x7fffffff, -0x80000000])
					: random.u32();
		if (bytes <= 4) return little(value, bytes);
		return [...little(value, 4), ...little(random.chance(0.5) ? random.u32() : value < 0 ? -1 : 0, 4)];
	}

	/** SDM 2A, "16-Bit Addressing Forms": SI, DI and BX are pointers, two of them together rarely are. */
	#address16(): Address {
		const { random } = this;
		const rm = random.chance(0.93) ? random.pick([4, 5, 7]) : random.below(8);
		const displacement = near(random);
		const mod = random.below(3);
		if (mod === 0 && rm === 6) return { mod, rm, bytes: little(random.below(0x1000), 2) };
		return { mod, rm, bytes: little(displacement, mod) };
	}

	#address32(): Address {
		const { random, roles } = this;
		const wide = this.bits === 64;
		const base = random.chance(0.96) ? random.pick(roles.pointers) : random.below(wide ? 16 : 8);
		const mod = base % 8 === 5 ? 1 + random.below(2) : random.below(3);
		const bytes = mod === 0 ? [] : little(near(random), mod === 1 ? 1 : 4);
		const rex = base > 7 ? 1 : 0;
		if (base % 8 !== 4 && random.chance(0.7)) return { mod, rm: base & 7, rex, bytes };
		const index = random.chance(0.4) ? roles.index : 4;
		const scale = random.below(4);
		const sib = (scale << 6) | ((index & 7) << 3) | (base & 7);
		return { mod, rm: 4, rex: rex | (index > 7 ? 2 : 0), bytes: [sib, ...bytes] };
	}
}

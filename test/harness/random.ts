/** A seeded generator (mulberry32), so that a test that fails fails again. */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) | 0;
	}

	/** 0 .. 2^32 - 1 */
	u32(): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let t = this.#state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return (t ^ (t >>> 14)) >>> 0;
	}

	/** 0 .. below - 1 */
	below(below: number): number {
		return Math.floor((this.u32() / 2 ** 32) * below);
	}

	between(first: number, last: number): number {
		return first + this.below(last - first + 1);
	}

	chance(probability: number): boolean {
		return this.u32() < probability * 2 ** 32;
	}

	pick<T>(values: readonly T[]): T {
		return values[this.below(values.length)];
	}

	u64(): bigint {
		return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
	}

	bytes(length: number): Uint8Array {
		return Uint8Array.from({ length }, () => this.u32() & 0xff);
	}
}

/**
 * Segments in a region. Of what segment registers hold, the instructions of a region change only the base of GS (SWAPGS), so
 * bases and limits are loaded where the region is entered, and that one behind the instruction once more.
 */
import * as S from "../../core/state.ts";
import { WasmValue } from "../values.ts";
import type { Body } from "../wasm.ts";

type Field = "base" | "read" | "write";

/** What a local holds. */
interface SegmentLocal {
	local: number;
	number: number;
	field: Field;
}

const LOADS = {
	base: ["i64.load", S.SEG_BASE],
	read: ["i64.load32_u", S.SEG_READ_TOP],
	write: ["i64.load32_u", S.SEG_WRITE_TOP],
} as const;

export class RegionSegments {
	readonly #locals = new Map<string, SegmentLocal>();
	readonly #reloads: (() => void)[] = [];

	constructor(private readonly body: Body) {}

	base(number: number): WasmValue {
		const value = this.#get(number, "base");
		value.origin = { root: `s${number}`, delta: 0 };
		return value;
	}

	/** An access must not end beyond it: zero where the segment forbids it, or needs a closer look. */
	top(number: number, writes: boolean): WasmValue {
		return this.#get(number, writes ? "write" : "read");
	}

	/** Outside 64-bit mode: leaves whether the page does not lie inside the code segment. @param pageBase local with its first RIP */
	pageOutside(pageBase: number, size: 16 | 32): void {
		const { body } = this;
		body.local("local.get", pageBase);
		body.constant("i64", 0);
		body.op("i64.lt_s");
		body.local("local.get", pageBase);
		body.constant("i64", 4095);
		body.op("i64.add");
		const end = body.set("i64");
		body.get(end);
		body.local("local.get", 0);
		body.memory("i64.load32_u", S.CS + S.SEG_LIMIT);
		body.op("i64.gt_u");
		body.op("i32.or");
		if (size === 32) return;
		body.get(end);
		body.constant("i64", 0xffff);
		body.op("i64.gt_u");
		body.op("i32.or");
	}

	/** The base has changed in the state block. */
	reloadBase(number: number): void {
		const place = this.body.reserve();
		this.#reloads.push(() =>
			place(() => this.load((local) => local.number === number && local.field === "base")),
		);
	}

	/** Emits what `reloadBase` needs, all uses being known. */
	finish(): void {
		for (const fill of this.#reloads) fill();
	}

	/** For the place reserved at the region's entry. */
	load(which: (local: SegmentLocal) => boolean = () => true): void {
		for (const { local, number, field } of [...this.#locals.values()].filter(which)) {
			const [load, offset] = LOADS[field];
			this.body.local("local.get", 0);
			this.body.memory(load, S.SEGMENTS + number * S.SEGMENT_SIZE + offset);
			this.body.local("local.set", local);
		}
	}

	#get(number: number, field: Field): WasmValue {
		const key = `${number}${field}`;
		let known = this.#locals.get(key);
		if (!known) {
			known = { local: this.body.variable("i64"), number, field };
			this.#locals.set(key, known);
		}
		this.body.local("local.get", known.local);
		return WasmValue.pop(this.body, 64);
	}
}

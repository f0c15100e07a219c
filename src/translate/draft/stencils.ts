/** The stencils of all variants that drafts can hold, and of conditions, as bytes: core/stencil.ts has their form. */
import { FIRST_VARIANT } from "../../core/state.ts";
import * as T from "../../core/stencil.ts";
import type { Width } from "../../x86/builder.ts";
import type { Variant } from "../../x86/expand.ts";
import { Writer } from "../bytes.ts";
import { type Body, Module, type Stencil, type ValueType } from "../wasm.ts";
import { DraftBody } from "./body.ts";
import { CONDITION_KINDS, NotDrafted, pendingCondition, settledCondition } from "./flags.ts";
import { type DraftedVariant, draftVariant, type Effects, stencilOf } from "./frame.ts";

/** A longer one is not worth its place. */
const LONGEST = 320;
/** More temporaries of a type would be in the way of all others. */
const MOST_TEMPORARIES = 8;
/** The same where a condition comes in between, which has the temporaries behind. */
const BEFORE_CONDITION = 3;
const LONGEST_PIECE = 255;
const WIDTHS: Width[] = [8, 16, 32, 64];
const STENCILS_OF_VARIANT = 4;
const NO_EFFECTS: Effects = { access: 0, changes: 0, registers: 0, stack: 0 };

/** @param variants in the order of the cases */
export function buildStencils(variants: readonly Variant[]): Uint8Array {
	const firstCase = T.STENCIL_CASES / 4;
	const index = new Uint32Array(firstCase + (variants.length + FIRST_VARIANT) * STENCILS_OF_VARIANT);
	const out = new Writer(new Uint8Array(1 << 16));
	const add = (place: number, drafted: DraftedVariant) => {
		index[place] = index.byteLength + out.length;
		write(out, drafted);
	};
	for (const [place, stencil] of conditions()) {
		const { locals } = stencil;
		const counted = {
			...stencil,
			locals: (type: ValueType) => locals(type) && BEFORE_CONDITION + locals(type),
		};
		add(place, { properties: 0, end: T.END_NEXT, kind: 0, effects: NO_EFFECTS, stencil: counted });
	}
	const module = new Module();
	variants.forEach((variant, i) => {
		const place = firstCase + (i + FIRST_VARIANT) * STENCILS_OF_VARIANT;
		const alone = draftBoth(module, variant, false);
		const inGroup = alone && draftBoth(module, variant, true);
		[...(alone ?? []), ...(inGroup ?? [])].forEach((drafted, which) => add(place + which, drafted));
	});
	const bytes = new Uint8Array(index.byteLength + out.length);
	bytes.set(new Uint8Array(index.buffer));
	bytes.set(out.cells.subarray(0, out.length), index.byteLength);
	return bytes;
}

/** The stencil that leaves flags and the one that does not; undefined where the variant stays the interpreter's. */
function draftBoth(module: Module, variant: Variant, inGroup: boolean): DraftedVariant[] | undefined {
	try {
		const pair = [true, false].map((leavesFlags) => draftVariant(module, variant, leavesFlags, inGroup));
		return pair.every(isSmall) ? pair : undefined;
	} catch (error) {
		if (error instanceof NotDrafted) return undefined;
		throw error;
	}
}

function isSmall({ properties, stencil }: DraftedVariant): boolean {
	const { bytes, locals } = stencil;
	const most = properties & T.STENCIL_READS_FLAGS ? BEFORE_CONDITION : MOST_TEMPORARIES;
	return bytes.length <= LONGEST && locals("i32") <= most && locals("i64") <= most;
}

/** Each with its place in their part of the index. */
function conditions(): [place: number, stencil: Stencil][] {
	const all: [number, Stencil][] = [];
	const add = (kind: number, width: number, emit: (body: Body, pair: number) => void) => {
		for (let pair = 0; pair < T.CONDITION_PAIRS; pair++) {
			const body = new DraftBody();
			emit(body, pair);
			all.push([
				(kind * T.CONDITION_WIDTHS + width) * T.CONDITION_PAIRS + pair,
				stencilOf(body, BEFORE_CONDITION),
			]);
		}
	};
	WIDTHS.forEach((width, i) => {
		add(0, i, settledCondition);
		for (const kind of CONDITION_KINDS)
			add(kind, i, (body, pair) => pendingCondition(body, kind, width, pair));
	});
	return all;
}

function write(out: Writer<Uint8Array>, { properties, end, kind, effects, stencil }: DraftedVariant): void {
	const { bytes, holes, locals } = stencil;
	const { access, changes, registers, stack } = effects;
	out.append([properties, end, locals("i32"), locals("i64"), kind & 255, kind >> 8]);
	out.append([access, changes, registers & 255, registers >> 8, stack & 255]);
	let from = 0;
	const piece = (to: number, wants: number, which: number) => {
		for (; to - from > LONGEST_PIECE; from += LONGEST_PIECE) {
			out.push(LONGEST_PIECE);
			out.append(bytes.subarray(from, from + LONGEST_PIECE));
			out.append([T.HOLE_NOTHING, 0]);
		}
		out.push(to - from);
		out.append(bytes.subarray(from, to));
		out.append([wants, which]);
		from = to;
	};
	for (const { at, wants, which } of holes) piece(at, wants, which);
	piece(bytes.length, T.HOLE_END, 0);
}

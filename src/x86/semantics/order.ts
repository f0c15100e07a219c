/** Comparisons of floating-point numbers: to flags and to masks. What they take for granted is in doubt.ts. */
import type { Semantics, Value } from "../builder.ts";
import { type Floats, packed, repeat, type Vector, type VectorBuilder } from "../vector.ts";
import { areTogether, type Extent, plain, quietly, without } from "./doubt.ts";
import { howOf, merge } from "./float.ts";

/** COMIS, UCOMIS: ZF, PF and CF; the others are cleared. */
export const compareFlags = (shape: Floats, quiet: boolean): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => {
		const sure = b.sure([...plain(b, shape, "scalar", x), ...plain(b, shape, "scalar", y)]);
		const compare = (verb: "lt" | "le" | "eq") => x.compare(`${shape}.${verb}`, y);
		const number = (a: Vector) => a.lane(shape === "f64x2" ? "i64x2" : "i32x4", 0);
		const slow = () => {
			const how = b.constant(32, howOf(b, shape, "scalar") | (quiet ? 1 : 0));
			return b.computeFrom("floatCompare", 32, [x, y, how], true);
		};
		b.flags.order({ a: number(x), b: number(y), compare }, () =>
			b.either<Value>(sure, () => compare("lt").or(compare("eq").shl(ZF_BIT)), slow),
		);
	});
const ZF_BIT = 6;

/**
 * The first eight predicates are equal, less, less or equal, unordered, and their contraries. From 8 on come equal or unordered,
 * not greater or equal, not greater, never, and their contraries (SDM 2A, "CMPPD").
 */
function compared(b: VectorBuilder, shape: Floats, predicate: number, x: Vector, y: Vector): Vector {
	const kind = predicate & 3;
	const contrary = (predicate & 4) !== 0;
	const negatedIf = (negated: boolean, mask: Vector) => (negated ? mask.unary("v128.not") : mask);
	const ordered = x.binary(`${shape}.eq`, x).binary("v128.and", y.binary(`${shape}.eq`, y));
	const verb = (["eq", "lt", "le"] as const)[kind];
	if (!(predicate & 8))
		return kind === 3 ? negatedIf(!contrary, ordered) : negatedIf(contrary, x.binary(`${shape}.${verb}`, y));
	if (kind === 3) return b.vector(repeat(contrary ? -1 : 0, 64));
	if (kind === 0) return negatedIf(!contrary, without(ordered, x.binary(`${shape}.eq`, y)));
	return negatedIf(!contrary, y.binary(`${shape}.${kind === 1 ? "le" : "lt"}`, x));
}

/** CMP: all ones where the predicate holds. Without a VEX prefix there are eight predicates. */
export const compareMask = (shape: Floats, extent: Extent): Semantics =>
	packed<[Vector, Vector, Value]>((b, x, y, predicate) => {
		const which = predicate.zext(32).and(b.isVex ? 31 : 7);
		const slow = () =>
			b.computeVector("floatCompareMask", [x, y, which, b.constant(32, howOf(b, shape, extent))], true);
		if (which.known === undefined) return merge(b, shape, extent, x, slow());
		const together = areTogether(b);
		const doubts = [...quietly(b, shape, extent, x), ...quietly(b, shape, extent, y)];
		const sure = together.and(b.sure(doubts));
		const result = b.either<Vector>(sure, () => compared(b, shape, Number(which.known), x, y), slow);
		return merge(b, shape, extent, x, result);
	});

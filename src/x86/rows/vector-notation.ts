/** Options that the rows of vector instructions share, by what exists under a VEX prefix. */
import type { RowOptions, VexTwin } from "../row.ts";

/** Everything of vectors stays a call away from the interpreter's loop. */
const options = (feature: string, vex: VexTwin | undefined, more: RowOptions): RowOptions => ({
	cold: true,
	feature,
	...(vex ? { vex } : {}),
	...more,
});

/** The options of a feature's rows. */
export const feature = (name: string) => ({
	/** No twin. */
	plain: (more: RowOptions = {}) => options(name, undefined, more),
	/** 128 and 256 bits with AVX: floating point and moves. */
	avx: (more: RowOptions = {}) => options(name, "AVX", more),
	/** 128 bits with AVX, 256 with AVX2: integers. */
	avx2: (more: RowOptions = {}) => options(name, "AVX,AVX2", more),
	/** 128 bits only. */
	avx128: (more: RowOptions = {}) => options(name, "AVX 128", more),
	/** Scalars: VEX.L is ignored. */
	scalar: (more: RowOptions = {}) => options(name, "AVX LIG", more),
});

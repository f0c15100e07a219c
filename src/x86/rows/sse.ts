/** SSE and the floating point of SSE2. W is aligned in memory unless a row says otherwise; without a VEX prefix H is the destination. */
import type { Semantics } from "../builder.ts";
import type { Row, RowOptions } from "../row.ts";
import { core } from "../semantics/data.ts";
import * as f from "../semantics/float.ts";
import * as p from "../semantics/packed.ts";
import * as s from "../semantics/shuffle.ts";
import { packed, type Vector } from "../vector.ts";
import { feature } from "./vector-notation.ts";

const sse = feature("SSE");
const sse2 = feature("SSE2");
const exact = { aligned: true };
const loose = { aligned: false };
/** Between MMX and XMM registers. */
const mmx = sse.plain({ check: "requireMmx" });
const mmx2 = sse2.plain({ check: "requireMmx" });

/** One verb in its four precisions: PS, PD, SS, SD. */
const arithmetic = (opcode: string, name: string, of: (shape: "f32x4" | "f64x2", extent: f.Extent) => Semantics): Row[] => [
	[`NP 0F ${opcode} /r`, `${name}PS Vx, Hx, Wx`, "w r r", of("f32x4", "packed"), sse.avx()],
	[`66 0F ${opcode} /r`, `${name}PD Vx, Hx, Wx`, "w r r", of("f64x2", "packed"), sse2.avx()],
	[`F3 0F ${opcode} /r`, `${name}SS Vx, Hx, Wd`, "w r r", of("f32x4", "scalar"), sse.scalar()],
	[`F2 0F ${opcode} /r`, `${name}SD Vx, Hx, Wq`, "w r r", of("f64x2", "scalar"), sse2.scalar()],
];
const binary = (opcode: string, name: string, verb: "add" | "sub" | "mul" | "div"): Row[] =>
	arithmetic(opcode, name, (shape, extent) => f.arithmetic(verb, shape, extent));
const extreme = (opcode: string, name: string, verb: "min" | "max"): Row[] =>
	arithmetic(opcode, name, (shape, extent) => f.extreme(verb, shape, extent));

/** The same for singles and doubles, which differ in their lanes' width only. */
const both = (opcode: string, name: string, operands: string, access: string, of: (double: boolean) => Semantics, more?: RowOptions): Row[] => [
	[`NP 0F ${opcode}`, `${name}PS ${operands}`, access, of(false), sse.avx(more)],
	[`66 0F ${opcode}`, `${name}PD ${operands}`, access, of(true), sse2.avx(more)],
];
const logic = (opcode: string, name: string, semantics: Semantics): Row[] => both(`${opcode} /r`, name, "Vx, Hx, Wx", "w r r", () => semantics);

/** A scalar's moves: from a register it is merged, from memory it comes with zeros. */
const scalarMoves = (prefix: string, name: string, memory: string, shape: "i32x4" | "i64x2", options: RowOptions): Row[] => {
	const merge = shape === "i32x4" ? s.arrange(4, 4, 1, 2, 3) : s.arrange(8, 2, 1);
	return [
		[`${prefix} 0F 10 /r`, `${name} Vx, Hx, Ux`, "w r r", merge, options],
		[`${prefix} 0F 10 /r`, `${name} Vx, ${memory}`, "w r", s.move, { ...options, lane: true }],
		[`${prefix} 0F 11 /r`, `${name} Ux, Hx, Vx`, "w r r", merge, options],
		[`${prefix} 0F 11 /r`, `${name} ${memory}, Vx`, "w r", s.move, { ...options, lane: true }],
	];
};

/** LDMXCSR and STMXCSR touch no vector register, but go with those. */
const control = { ...sse.avx128(), vector: true };

export const sseRows: Row[] = [
	...both("10 /r",    "MOVU", "Vx, Wx",     "w r",   () => s.move, loose),
	...both("11 /r",    "MOVU", "Wx, Vx",     "w r",   () => s.move, loose),
	...both("28 /r",    "MOVA", "Vx, Wx",     "w r",   () => s.move, exact),
	...both("29 /r",    "MOVA", "Wx, Vx",     "w r",   () => s.move, exact),
	...both("2B /r",    "MOVNT", "Mx, Vx",    "w r",   () => s.move, exact),
	...both("50 /r",    "MOVMSK", "Gd, Ux",   "w r",   (double) => p.signMask(double ? "i64x2" : "i32x4"), { whole: true }),
	...scalarMoves("F3", "MOVSS", "Md", "i32x4", sse.scalar()),
	...scalarMoves("F2", "MOVSD", "Mq", "i64x2", sse2.scalar()),
	["NP 0F 12 /r",     "MOVHLPS Vx, Hx, Ux", "w r r", s.arrange(8, 3, 1), sse.avx128()],
	["NP 0F 16 /r",     "MOVLHPS Vx, Hx, Ux", "w r r", s.arrange(8, 0, 2), sse.avx128()],
	["NP 0F 12 /r",     "MOVLPS Vx, Hx, Mq",  "w r r", s.withQuadword(0),  sse.avx128()],
	["66 0F 12 /r",     "MOVLPD Vx, Hx, Mq",  "w r r", s.withQuadword(0),  sse2.avx128()],
	["NP 0F 16 /r",     "MOVHPS Vx, Hx, Mq",  "w r r", s.withQuadword(1),  sse.avx128()],
	["66 0F 16 /r",     "MOVHPD Vx, Hx, Mq",  "w r r", s.withQuadword(1),  sse2.avx128()],
	["NP 0F 13 /r",     "MOVLPS Mq, Vx",      "w r",   s.toScalar("i64x2"), sse.avx128()],
	["66 0F 13 /r",     "MOVLPD Mq, Vx",      "w r",   s.toScalar("i64x2"), sse2.avx128()],
	["NP 0F 17 /r",     "MOVHPS Mq, Vx",      "w r",   s.toScalar("i64x2", 1), sse.avx128()],
	["66 0F 17 /r",     "MOVHPD Mq, Vx",      "w r",   s.toScalar("i64x2", 1), sse2.avx128()],

	...logic("54", "AND",  p.lanes("v128.and")),
	...logic("55", "ANDN", p.andNot),
	...logic("56", "OR",   p.lanes("v128.or")),
	...logic("57", "XOR",  p.lanes("v128.xor")),
	...both("14 /r",    "UNPCKL", "Vx, Hx, Wx", "w r r", (double) => s.unpack(double ? 8 : 4, "low")),
	...both("15 /r",    "UNPCKH", "Vx, Hx, Wx", "w r r", (double) => s.unpack(double ? 8 : 4, "high")),
	["NP 0F C6 /r ib",  "SHUFPS Vx, Hx, Wx, Ib", "w r r r", s.pshufps, sse.avx()],
	["66 0F C6 /r ib",  "SHUFPD Vx, Hx, Wx, Ib", "w r r r", p.byHalf(2, s.shufpdBoth), sse2.avx({ whole: true })],

	...binary("58", "ADD", "add"),
	...binary("59", "MUL", "mul"),
	...binary("5C", "SUB", "sub"),
	...binary("5E", "DIV", "div"),
	...extreme("5D", "MIN", "min"),
	...extreme("5F", "MAX", "max"),
	...both("51 /r",    "SQRT", "Vx, Wx", "w r", (double) => f.sqrtPacked(double ? "f64x2" : "f32x4")),
	["F3 0F 51 /r",     "SQRTSS Vx, Hx, Wd",  "w r r", f.sqrtScalar("f32x4"), sse.scalar()],
	["F2 0F 51 /r",     "SQRTSD Vx, Hx, Wq",  "w r r", f.sqrtScalar("f64x2"), sse2.scalar()],
	["NP 0F 52 /r",     "RSQRTPS Vx, Wx",     "w r",   f.approximate("reciprocalRoot", "packed"), sse.avx()],
	["F3 0F 52 /r",     "RSQRTSS Vx, Hx, Wd", "w r r", f.approximate("reciprocalRoot", "scalar"), sse.scalar()],
	["NP 0F 53 /r",     "RCPPS Vx, Wx",       "w r",   f.approximate("reciprocal", "packed"), sse.avx()],
	["F3 0F 53 /r",     "RCPSS Vx, Hx, Wd",   "w r r", f.approximate("reciprocal", "scalar"), sse.scalar()],

	...both("C2 /r ib", "CMP", "Vx, Hx, Wx, Ib", "w r r r", (double) => f.compareMask(double ? "f64x2" : "f32x4", "packed")),
	["F3 0F C2 /r ib",  "CMPSS Vx, Hx, Wd, Ib", "w r r r", f.compareMask("f32x4", "scalar"), sse.scalar()],
	["F2 0F C2 /r ib",  "CMPSD Vx, Hx, Wq, Ib", "w r r r", f.compareMask("f64x2", "scalar"), sse2.scalar()],
	["NP 0F 2E /r",     "UCOMISS Vx, Wd",     "r r",   f.compareFlags("f32x4", true),  sse.scalar()],
	["66 0F 2E /r",     "UCOMISD Vx, Wq",     "r r",   f.compareFlags("f64x2", true),  sse2.scalar()],
	["NP 0F 2F /r",     "COMISS Vx, Wd",      "r r",   f.compareFlags("f32x4", false), sse.scalar()],
	["66 0F 2F /r",     "COMISD Vx, Wq",      "r r",   f.compareFlags("f64x2", false), sse2.scalar()],

	["F3 0F 2A /r",     "CVTSI2SS Vx, Hx, Ey", "w r r", f.fromInteger("f32x4"), sse.scalar()],
	["F2 0F 2A /r",     "CVTSI2SD Vx, Hx, Ey", "w r r", f.fromInteger("f64x2"), sse2.scalar()],
	["F3 0F 2C /r",     "CVTTSS2SI Gy, Wd",   "w r",   f.toInteger("f32x4", true),  sse.scalar()],
	["F2 0F 2C /r",     "CVTTSD2SI Gy, Wq",   "w r",   f.toInteger("f64x2", true),  sse2.scalar()],
	["F3 0F 2D /r",     "CVTSS2SI Gy, Wd",    "w r",   f.toInteger("f32x4", false), sse.scalar()],
	["F2 0F 2D /r",     "CVTSD2SI Gy, Wq",    "w r",   f.toInteger("f64x2", false), sse2.scalar()],
	["F3 0F 5A /r",     "CVTSS2SD Vx, Hx, Wd", "w r r", f.cvtss2sd, sse2.scalar()],
	["F2 0F 5A /r",     "CVTSD2SS Vx, Hx, Wq", "w r r", f.cvtsd2ss, sse2.scalar()],
	["NP 0F 5A /r",     "CVTPS2PD Vx, Wh",    "w r",   f.widened(f.cvtps2pd), sse2.avx({ ...loose, whole: true })],
	["66 0F 5A /r",     "CVTPD2PS Vdq, Wx",   "w r",   f.narrowed(f.cvtpd2ps), sse2.avx({ whole: true })],
	["NP 0F 5B /r",     "CVTDQ2PS Vx, Wx",    "w r",   f.cvtdq2ps,  sse2.avx()],
	["66 0F 5B /r",     "CVTPS2DQ Vx, Wx",    "w r",   f.cvtps2dq,  sse2.avx()],
	["F3 0F 5B /r",     "CVTTPS2DQ Vx, Wx",   "w r",   f.cvttps2dq, sse2.avx()],
	["F2 0F E6 /r",     "CVTPD2DQ Vdq, Wx",   "w r",   f.narrowed(f.cvtpd2dq),  sse2.avx({ whole: true })],
	["66 0F E6 /r",     "CVTTPD2DQ Vdq, Wx",  "w r",   f.narrowed(f.cvttpd2dq), sse2.avx({ whole: true })],
	["F3 0F E6 /r",     "CVTDQ2PD Vx, Wh",    "w r",   f.widened(f.cvtdq2pd), sse2.avx({ ...loose, whole: true })],

	["NP 0F 2A /r",     "CVTPI2PS Vx, Nq",    "rw r",  f.mmxToSingles(true), mmx],
	["NP 0F 2A /r",     "CVTPI2PS Vx, Mq",    "rw r",  f.mmxToSingles(false), mmx],
	["66 0F 2A /r",     "CVTPI2PD Vx, Nq",    "w r",   f.mmxToDoubles(true), mmx2],
	["66 0F 2A /r",     "CVTPI2PD Vx, Mq",    "w r",   f.mmxToDoubles(false), sse2.plain()],
	["NP 0F 2C /r",     "CVTTPS2PI Pq, Wq",   "w r",   f.toMmx("f32x4", true), mmx],
	["66 0F 2C /r",     "CVTTPD2PI Pq, Wdq",  "w r",   f.toMmx("f64x2", true), mmx2],
	["NP 0F 2D /r",     "CVTPS2PI Pq, Wq",    "w r",   f.toMmx("f32x4", false), mmx],
	["66 0F 2D /r",     "CVTPD2PI Pq, Wdq",   "w r",   f.toMmx("f64x2", false), mmx2],
	["F3 0F D6 /r",     "MOVQ2DQ Vx, Nq",     "w r",   f.movq2dq, mmx2],
	["F2 0F D6 /r",     "MOVDQ2Q Pq, Ux",     "w r",   f.movdq2q, mmx2],

	["NP 0F AE /2",     "LDMXCSR Md",         "r",     core("loadMxcsr"), control],
	["NP 0F AE /3",     "STMXCSR Md",         "w",     packed<Vector[]>((b) => b.mxcsr), control],
];

/** What SSE3, SSSE3, SSE4.1 and SSE4.2 added. */
import type { Semantics } from "../builder.ts";
import type { Row } from "../row.ts";
import * as f from "../semantics/float.ts";
import * as p from "../semantics/packed.ts";
import * as s from "../semantics/shuffle.ts";
import { feature } from "./vector-notation.ts";

const sse3 = feature("SSE3");
const ssse3 = feature("SSSE3");
const sse41 = feature("SSE4_1");
const sse42 = feature("SSE4_2");

type Options = ReturnType<typeof feature>;
const lanes = (of: Options, opcode: string, name: string, semantics: Semantics): Row =>
	[`66 0F 38 ${opcode} /r`, `${name} Vx, Hx, Wx`, "w r r", semantics, of.avx2()];
const absolute = (opcode: string, name: string, shape: "i8x16" | "i16x8" | "i32x4"): Row =>
	[`66 0F 38 ${opcode} /r`, `${name} Vx, Wx`, "w r", p.unary(`${shape}.abs`), ssse3.avx2()];

/** Each with signs (20..25) and with zeros (30..35); h, f and e are the source's fraction of the destination. */
const extensions = (sign: "s" | "u", base: string, name: string): Row[] => {
	const row = (digit: number, suffix: string, source: string, steps: p.Extension[]): Row =>
		[`66 0F 38 ${base}${digit} /r`, `${name}${suffix} Vx, W${source}`, "w r", p.extend(sign, steps), sse41.avx2({ whole: true, aligned: false })];
	return [
		row(0, "BW", "h", ["i8x16"]),
		row(1, "BD", "f", ["i8x16", "i16x8"]),
		row(2, "BQ", "e", ["i8x16", "i16x8", "i32x4"]),
		row(3, "WD", "h", ["i16x8"]),
		row(4, "WQ", "f", ["i16x8", "i32x4"]),
		row(5, "DQ", "h", ["i32x4"]),
	];
};

/** The mask is XMM0, or under a VEX prefix a register that the immediate names. */
const blendVariable = (legacy: string, vex: string, name: string, shape: "i8x16" | "i32x4" | "i64x2", more: string): Row[] => [
	[`66 0F 38 ${legacy} /r`, `${name} Vx, Wx, XMM0`, "rw r r", p.blendVariable(shape), sse41.plain()],
	[`VEX.128.66.0F3A.W0 ${vex} /r /is4`, `V${name} Vx, Hx, Wx, Lx`, "w r r r", p.blendVariable(shape), feature("AVX").plain()],
	[`VEX.256.66.0F3A.W0 ${vex} /r /is4`, `V${name} Vx, Hx, Wx, Lx`, "w r r r", p.blendVariable(shape), feature(more).plain()],
];

export const sse4Rows: Row[] = [
	["F2 0F D0 /r",         "ADDSUBPS Vx, Hx, Wx",    "w r r", f.addsub("f32x4"), sse3.avx()],
	["66 0F D0 /r",         "ADDSUBPD Vx, Hx, Wx",    "w r r", f.addsub("f64x2"), sse3.avx()],
	["F2 0F 7C /r",         "HADDPS Vx, Hx, Wx",      "w r r", f.horizontal("add", "f32x4"), sse3.avx()],
	["66 0F 7C /r",         "HADDPD Vx, Hx, Wx",      "w r r", f.horizontal("add", "f64x2"), sse3.avx()],
	["F2 0F 7D /r",         "HSUBPS Vx, Hx, Wx",      "w r r", f.horizontal("sub", "f32x4"), sse3.avx()],
	["66 0F 7D /r",         "HSUBPD Vx, Hx, Wx",      "w r r", f.horizontal("sub", "f64x2"), sse3.avx()],
	["F2 0F F0 /r",         "LDDQU Vx, Mx",           "w r",   s.move, sse3.avx({ aligned: false })],
	["F2 0F 12 /r",         "MOVDDUP Vx, Wq",         "w r",   s.rearrange(8, 0, 0), sse3.avx128()],
	["VEX.256.F2.0F 12 /r", "VMOVDDUP Vx, Wx",        "w r",   s.rearrange(8, 0, 0), feature("AVX").plain()],
	["F3 0F 12 /r",         "MOVSLDUP Vx, Wx",        "w r",   s.rearrange(4, 0, 0, 2, 2), sse3.avx()],
	["F3 0F 16 /r",         "MOVSHDUP Vx, Wx",        "w r",   s.rearrange(4, 1, 1, 3, 3), sse3.avx()],

	lanes(ssse3, "00", "PSHUFB",    s.pshufb),
	lanes(ssse3, "01", "PHADDW",    p.horizontal("i16x8.add")),
	lanes(ssse3, "02", "PHADDD",    p.horizontal("i32x4.add")),
	lanes(ssse3, "03", "PHADDSW",   p.horizontal("i16x8.add_sat_s")),
	lanes(ssse3, "04", "PMADDUBSW", p.multiplyAddBytes),
	lanes(ssse3, "05", "PHSUBW",    p.horizontal("i16x8.sub")),
	lanes(ssse3, "06", "PHSUBD",    p.horizontal("i32x4.sub")),
	lanes(ssse3, "07", "PHSUBSW",   p.horizontal("i16x8.sub_sat_s")),
	lanes(ssse3, "08", "PSIGNB",    p.sign("i8x16")),
	lanes(ssse3, "09", "PSIGNW",    p.sign("i16x8")),
	lanes(ssse3, "0A", "PSIGND",    p.sign("i32x4")),
	lanes(ssse3, "0B", "PMULHRSW",  p.multiplyRound),
	absolute("1C", "PABSB", "i8x16"),
	absolute("1D", "PABSW", "i16x8"),
	absolute("1E", "PABSD", "i32x4"),
	["66 0F 3A 0F /r ib",   "PALIGNR Vx, Hx, Wx, Ib", "w r r r", s.palignr, ssse3.avx2()],

	...blendVariable("10", "4C", "PBLENDVB", "i8x16", "AVX2"),
	...blendVariable("14", "4A", "BLENDVPS", "i32x4", "AVX"),
	...blendVariable("15", "4B", "BLENDVPD", "i64x2", "AVX"),
	["66 0F 38 17 /r",      "PTEST Vx, Wx",           "r r",   p.test(), sse41.avx({ whole: true })],
	...extensions("s", "2", "PMOVSX"),
	...extensions("u", "3", "PMOVZX"),
	["66 0F 38 2A /r",      "MOVNTDQA Vx, Mx",        "w r",   s.move, sse41.avx2({ aligned: true })],
	["66 0F 38 41 /r",      "PHMINPOSUW Vx, Wx",      "w r",   p.computed("smallestWord"), sse41.avx128()],
	lanes(sse41, "28", "PMULDQ",   p.multiplyEven("s")),
	lanes(sse41, "29", "PCMPEQQ",  p.lanes("i64x2.eq")),
	lanes(sse41, "2B", "PACKUSDW", p.lanes("i16x8.narrow_i32x4_u")),
	lanes(sse41, "38", "PMINSB",   p.lanes("i8x16.min_s")),
	lanes(sse41, "39", "PMINSD",   p.lanes("i32x4.min_s")),
	lanes(sse41, "3A", "PMINUW",   p.lanes("i16x8.min_u")),
	lanes(sse41, "3B", "PMINUD",   p.lanes("i32x4.min_u")),
	lanes(sse41, "3C", "PMAXSB",   p.lanes("i8x16.max_s")),
	lanes(sse41, "3D", "PMAXSD",   p.lanes("i32x4.max_s")),
	lanes(sse41, "3E", "PMAXUW",   p.lanes("i16x8.max_u")),
	lanes(sse41, "3F", "PMAXUD",   p.lanes("i32x4.max_u")),
	lanes(sse41, "40", "PMULLD",   p.lanes("i32x4.mul")),
	lanes(sse42, "37", "PCMPGTQ",  p.lanes("i64x2.gt_s")),

	["66 0F 3A 08 /r ib",   "ROUNDPS Vx, Wx, Ib",     "w r r",   f.roundPacked("f32x4"), sse41.avx()],
	["66 0F 3A 09 /r ib",   "ROUNDPD Vx, Wx, Ib",     "w r r",   f.roundPacked("f64x2"), sse41.avx()],
	["66 0F 3A 0A /r ib",   "ROUNDSS Vx, Hx, Wd, Ib", "w r r r", f.roundScalar("f32x4"), sse41.scalar()],
	["66 0F 3A 0B /r ib",   "ROUNDSD Vx, Hx, Wq, Ib", "w r r r", f.roundScalar("f64x2"), sse41.scalar()],
	["66 0F 3A 0C /r ib",   "BLENDPS Vx, Hx, Wx, Ib", "w r r r", p.byHalf(4, s.blendps), sse41.avx({ whole: true })],
	["66 0F 3A 0D /r ib",   "BLENDPD Vx, Hx, Wx, Ib", "w r r r", p.byHalf(2, s.blendpd), sse41.avx({ whole: true })],
	["66 0F 3A 0E /r ib",   "PBLENDW Vx, Hx, Wx, Ib", "w r r r", s.pblendw, sse41.avx2()],
	["66 0F 3A 14 /r ib",   "PEXTRB Rd, Vx, Ib",      "w r r",   s.pextrb, sse41.avx128()],
	["66 0F 3A 14 /r ib",   "PEXTRB Mb, Vx, Ib",      "w r r",   s.pextrb, sse41.avx128()],
	["66 0F 3A 15 /r ib",   "PEXTRW Rd, Vx, Ib",      "w r r",   s.pextrw, sse41.avx128()],
	["66 0F 3A 15 /r ib",   "PEXTRW Mw, Vx, Ib",      "w r r",   s.pextrw, sse41.avx128()],
	["66 0F 3A 16 /r ib",   "PEXTRD Ey, Vx, Ib",      "w r r",   s.pextrd, sse41.avx128()],
	["66 0F 3A 17 /r ib",   "EXTRACTPS Ed, Vx, Ib",   "w r r",   s.extractps, sse41.avx128()],
	["66 0F 3A 20 /r ib",   "PINSRB Vx, Hx, Rd, Ib",  "w r r r", s.pinsrb, sse41.avx128()],
	["66 0F 3A 20 /r ib",   "PINSRB Vx, Hx, Mb, Ib",  "w r r r", s.pinsrb, sse41.avx128()],
	["66 0F 3A 21 /r ib",   "INSERTPS Vx, Hx, Ux, Ib", "w r r r", s.insertpsRegister, sse41.avx128()],
	["66 0F 3A 21 /r ib",   "INSERTPS Vx, Hx, Md, Ib", "w r r r", s.insertpsMemory, sse41.avx128()],
	["66 0F 3A 22 /r ib",   "PINSRD Vx, Hx, Ey, Ib",  "w r r r", s.pinsrd, sse41.avx128()],
	["66 0F 3A 40 /r ib",   "DPPS Vx, Hx, Wx, Ib",    "w r r r", f.dotProduct("f32x4"), sse41.avx()],
	["66 0F 3A 41 /r ib",   "DPPD Vx, Hx, Wx, Ib",    "w r r r", f.dotProduct("f64x2"), sse41.avx128()],
	["66 0F 3A 42 /r ib",   "MPSADBW Vx, Hx, Wx, Ib", "w r r r", p.byHalf(3, p.sumsOfBlocks), sse41.avx2({ whole: true })],

	["66 0F 3A 60 /r ib",   "PCMPESTRM Vx, Wx, Ib",   "r r r",   p.compareStrings(true, "mask"), sse42.avx128({ aligned: false, sized: true })],
	["66 0F 3A 61 /r ib",   "PCMPESTRI Vx, Wx, Ib",   "r r r",   p.compareStrings(true, "index"), sse42.avx128({ aligned: false, sized: true })],
	["66 0F 3A 62 /r ib",   "PCMPISTRM Vx, Wx, Ib",   "r r r",   p.compareStrings(false, "mask"), sse42.avx128({ aligned: false })],
	["66 0F 3A 63 /r ib",   "PCMPISTRI Vx, Wx, Ib",   "r r r",   p.compareStrings(false, "index"), sse42.avx128({ aligned: false })],
];

/** What AVX, AVX2, FMA and F16C brought that has no form without a VEX prefix. */
import type { Row } from "../row.ts";
import * as a from "../semantics/avx.ts";
import { widened } from "../semantics/float.ts";
import * as p from "../semantics/packed.ts";
import * as s from "../semantics/shuffle.ts";
import { feature } from "./vector-notation.ts";

const avx = feature("AVX").plain();
const avx2 = feature("AVX2").plain();
const fma = feature("FMA").plain();
const f16c = feature("F16C").plain({ whole: true });
const whole = { ...avx, whole: true };
const whole2 = { ...avx2, whole: true };

/** From memory AVX has it, from a register AVX2. */
const broadcastFloat = (vex: string, opcode: string, name: string, memory: string, width: 4 | 8): Row[] => [
	[`VEX.${vex} ${opcode} /r`, `${name} Vx, ${memory}`, "w r", p.broadcastScalar(width), whole],
	[`VEX.${vex} ${opcode} /r`, `${name} Vx, Udq`,      "w r", a.broadcast(width), whole2],
];
const broadcast = (opcode: string, name: string, source: string, width: 1 | 2 | 4 | 8): Row =>
	[`VEX.66.0F38.W0 ${opcode} /r`, `${name} Vx, ${source}`, "w r", a.broadcast(width), whole2];

/** Three orders of operands, four precisions; the opcode's upper digit is the order. */
const fused = (digit: string, scalar: string | undefined, name: string, form: a.Form): Row[] =>
	([["9", "132"], ["A", "213"], ["B", "231"]] as const).flatMap(([upper, order]): Row[] => {
		const one = (opcode: string, w: 0 | 1, suffix: string, operand: string): Row =>
			[`VEX.${suffix[0] === "S" ? "LIG." : ""}66.0F38.W${w} ${upper}${opcode} /r`, `V${name}${order}${suffix} Vx, Hx, ${operand}`, "rw r r",
				a.fused(form, order, w ? "f64x2" : "f32x4", suffix[0] === "S" ? "scalar" : "packed"), fma];
		return [
			one(digit, 0, "PS", "Wx"),
			one(digit, 1, "PD", "Wx"),
			...(scalar ? [one(scalar, 0, "SS", "Wd"), one(scalar, 1, "SD", "Wq")] : []),
		];
	});

const gather = (opcode: string, w: 0 | 1, name: string, index: 4 | 8, data: 4 | 8): Row =>
	[`VEX.66.0F38.W${w} ${opcode} /r`, `${name} Vx, Mx, Hx`, "- - -", a.gather(index, data), { ...avx2, vsib: true }];

export const avxRows: Row[] = [
	["VEX.128.0F 77",              "VZEROUPPER",                "",        a.zeroUpper, { ...avx, vector: true }],
	["VEX.256.0F 77",              "VZEROALL",                  "",        a.zeroAll,   { ...avx, vector: true }],
	...broadcastFloat("66.0F38.W0", "18", "VBROADCASTSS", "Md", 4),
	...broadcastFloat("256.66.0F38.W0", "19", "VBROADCASTSD", "Mq", 8),
	["VEX.256.66.0F38.W0 1A /r",   "VBROADCASTF128 Vx, Mdq",    "w r",     a.broadcast(16), whole],
	["VEX.256.66.0F38.W0 5A /r",   "VBROADCASTI128 Vx, Mdq",    "w r",     a.broadcast(16), whole2],
	broadcast("78", "VPBROADCASTB", "Wb", 1),
	broadcast("79", "VPBROADCASTW", "Ww", 2),
	broadcast("58", "VPBROADCASTD", "Wd", 4),
	broadcast("59", "VPBROADCASTQ", "Wq", 8),

	["VEX.66.0F38.W0 0E /r",       "VTESTPS Vx, Wx",            "r r",     p.test("i32x4"), whole],
	["VEX.66.0F38.W0 0F /r",       "VTESTPD Vx, Wx",            "r r",     p.test("i64x2"), whole],
	["VEX.66.0F38.W0 0C /r",       "VPERMILPS Vx, Hx, Wx",      "w r r",   a.permuteSingles, avx],
	["VEX.66.0F38.W0 0D /r",       "VPERMILPD Vx, Hx, Wx",      "w r r",   a.permuteDoubles, avx],
	["VEX.66.0F3A.W0 04 /r ib",    "VPERMILPS Vx, Wx, Ib",      "w r r",   s.pshufd, avx],
	["VEX.66.0F3A.W0 05 /r ib",    "VPERMILPD Vx, Wx, Ib",      "w r r",   p.byHalf(2, a.permuteDoublesBoth), whole],
	["VEX.256.66.0F3A.W0 06 /r ib", "VPERM2F128 Vx, Hx, Wx, Ib", "w r r r", a.permuteHalves, whole],
	["VEX.256.66.0F3A.W0 46 /r ib", "VPERM2I128 Vx, Hx, Wx, Ib", "w r r r", a.permuteHalves, whole2],
	["VEX.256.66.0F3A.W0 18 /r ib", "VINSERTF128 Vx, Hx, Wdq, Ib", "w r r r", a.insertHalf, whole],
	["VEX.256.66.0F3A.W0 38 /r ib", "VINSERTI128 Vx, Hx, Wdq, Ib", "w r r r", a.insertHalf, whole2],
	["VEX.256.66.0F3A.W0 19 /r ib", "VEXTRACTF128 Wdq, Vx, Ib", "w r r",   a.extractHalf, whole],
	["VEX.256.66.0F3A.W0 39 /r ib", "VEXTRACTI128 Wdq, Vx, Ib", "w r r",   a.extractHalf, whole2],
	["VEX.256.66.0F3A.W1 00 /r ib", "VPERMQ Vx, Wx, Ib",        "w r r",   a.permuteQuadwords, whole2],
	["VEX.256.66.0F3A.W1 01 /r ib", "VPERMPD Vx, Wx, Ib",       "w r r",   a.permuteQuadwords, whole2],
	["VEX.256.66.0F38.W0 36 /r",   "VPERMD Vx, Hx, Wx",         "w r r",   a.permuteDoublewords, whole2],
	["VEX.256.66.0F38.W0 16 /r",   "VPERMPS Vx, Hx, Wx",        "w r r",   a.permuteDoublewords, whole2],
	["VEX.66.0F3A.W0 02 /r ib",    "VPBLENDD Vx, Hx, Wx, Ib",   "w r r r", p.byHalf(4, s.blendps), whole2],
	["VEX.66.0F38.W0 47 /r",       "VPSLLVD Vx, Hx, Wx",        "w r r",   p.shiftEach("left", false), avx2],
	["VEX.66.0F38.W1 47 /r",       "VPSLLVQ Vx, Hx, Wx",        "w r r",   p.shiftEach("left", true), avx2],
	["VEX.66.0F38.W0 45 /r",       "VPSRLVD Vx, Hx, Wx",        "w r r",   p.shiftEach("right", false), avx2],
	["VEX.66.0F38.W1 45 /r",       "VPSRLVQ Vx, Hx, Wx",        "w r r",   p.shiftEach("right", true), avx2],
	["VEX.66.0F38.W0 46 /r",       "VPSRAVD Vx, Hx, Wx",        "w r r",   p.shiftEach("signed", false), avx2],

	["VEX.66.0F38.W0 2C /r",       "VMASKMOVPS Vx, Hx, Mx",     "w r a",   a.maskedLoad(4), whole],
	["VEX.66.0F38.W0 2D /r",       "VMASKMOVPD Vx, Hx, Mx",     "w r a",   a.maskedLoad(8), whole],
	["VEX.66.0F38.W0 2E /r",       "VMASKMOVPS Mx, Hx, Vx",     "m r r",   a.maskedStore(4), whole],
	["VEX.66.0F38.W0 2F /r",       "VMASKMOVPD Mx, Hx, Vx",     "m r r",   a.maskedStore(8), whole],
	["VEX.66.0F38.W0 8C /r",       "VPMASKMOVD Vx, Hx, Mx",     "w r a",   a.maskedLoad(4), whole2],
	["VEX.66.0F38.W1 8C /r",       "VPMASKMOVQ Vx, Hx, Mx",     "w r a",   a.maskedLoad(8), whole2],
	["VEX.66.0F38.W0 8E /r",       "VPMASKMOVD Mx, Hx, Vx",     "m r r",   a.maskedStore(4), whole2],
	["VEX.66.0F38.W1 8E /r",       "VPMASKMOVQ Mx, Hx, Vx",     "m r r",   a.maskedStore(8), whole2],
	gather("90", 0, "VPGATHERDD", 4, 4),
	gather("90", 1, "VPGATHERDQ", 4, 8),
	gather("91", 0, "VPGATHERQD", 8, 4),
	gather("91", 1, "VPGATHERQQ", 8, 8),
	gather("92", 0, "VGATHERDPS", 4, 4),
	gather("92", 1, "VGATHERDPD", 4, 8),
	gather("93", 0, "VGATHERQPS", 8, 4),
	gather("93", 1, "VGATHERQPD", 8, 8),

	["VEX.66.0F38.W0 13 /r",       "VCVTPH2PS Vx, Wh",          "w r",     widened(a.cvtph2ps), f16c],
	["VEX.66.0F3A.W0 1D /r ib",    "VCVTPS2PH Wh, Vx, Ib",      "w r r",   a.cvtps2ph, f16c],

	...fused("6", undefined, "FMADDSUB", "fmaddsub"),
	...fused("7", undefined, "FMSUBADD", "fmsubadd"),
	...fused("8", "9", "FMADD", "fmadd"),
	...fused("A", "B", "FMSUB", "fmsub"),
	...fused("C", "D", "FNMADD", "fnmadd"),
	...fused("E", "F", "FNMSUB", "fnmsub"),
];

/** The integers of SSE2, with what SSSE3 and SSE4 added to them in files of their own. */
import type { Semantics } from "../builder.ts";
import type { Row } from "../row.ts";
import * as p from "../semantics/packed.ts";
import * as s from "../semantics/shuffle.ts";
import { feature } from "./vector-notation.ts";

const sse2 = feature("SSE2");
const exact = { aligned: true };
const loose = { aligned: false };

const lanes = (opcode: string, name: string, semantics: Semantics): Row =>
	[`66 0F ${opcode} /r`, `${name} Vx, Hx, Wx`, "w r r", semantics, sse2.avx2()];

/** By a register's low quadword, which is 128 bits in memory, or by an immediate in another opcode's ModRM. */
const shift = (opcode: string, group: string, name: string, operation: Parameters<typeof p.shift>[0]): Row[] => [
	[`66 0F ${opcode} /r`, `${name} Vx, Hx, Wdq`, "w r r", p.shift(operation), sse2.avx2()],
	[`66 0F ${group} ib`,  `${name} Hx, Ux, Ib`,  "w r r", p.shiftImmediate(operation), sse2.avx2()],
];

export const sse2Rows: Row[] = [
	["66 0F 6E /r",     "MOVD Vx, Ey",         "w r",    s.fromScalar, sse2.avx128()],
	["66 0F 7E /r",     "MOVD Ey, Vx",         "w r",    s.toGeneral,  sse2.avx128()],
	["F3 0F 7E /r",     "MOVQ Vx, Wq",         "w r",    s.lowQuadword, sse2.avx128()],
	["66 0F D6 /r",     "MOVQ Wq, Vx",         "w r",    s.lowQuadword, sse2.avx128()],
	["66 0F 6F /r",     "MOVDQA Vx, Wx",       "w r",    s.move, sse2.avx(exact)],
	["66 0F 7F /r",     "MOVDQA Wx, Vx",       "w r",    s.move, sse2.avx(exact)],
	["F3 0F 6F /r",     "MOVDQU Vx, Wx",       "w r",    s.move, sse2.avx(loose)],
	["F3 0F 7F /r",     "MOVDQU Wx, Vx",       "w r",    s.move, sse2.avx(loose)],
	["66 0F E7 /r",     "MOVNTDQ Mx, Vx",      "w r",    s.move, sse2.avx(exact)],
	["66 0F F7 /r",     "MASKMOVDQU Vx, Ux",   "r r",    p.maskedMove, sse2.avx128()],
	["66 0F D7 /r",     "PMOVMSKB Gd, Ux",     "w r",    p.signMask("i8x16"), sse2.avx2({ whole: true })],

	lanes("FC", "PADDB",    p.lanes("i8x16.add")),
	lanes("FD", "PADDW",    p.lanes("i16x8.add")),
	lanes("FE", "PADDD",    p.lanes("i32x4.add")),
	lanes("D4", "PADDQ",    p.lanes("i64x2.add")),
	lanes("EC", "PADDSB",   p.lanes("i8x16.add_sat_s")),
	lanes("ED", "PADDSW",   p.lanes("i16x8.add_sat_s")),
	lanes("DC", "PADDUSB",  p.lanes("i8x16.add_sat_u")),
	lanes("DD", "PADDUSW",  p.lanes("i16x8.add_sat_u")),
	lanes("F8", "PSUBB",    p.lanes("i8x16.sub")),
	lanes("F9", "PSUBW",    p.lanes("i16x8.sub")),
	lanes("FA", "PSUBD",    p.lanes("i32x4.sub")),
	lanes("FB", "PSUBQ",    p.lanes("i64x2.sub")),
	lanes("E8", "PSUBSB",   p.lanes("i8x16.sub_sat_s")),
	lanes("E9", "PSUBSW",   p.lanes("i16x8.sub_sat_s")),
	lanes("D8", "PSUBUSB",  p.lanes("i8x16.sub_sat_u")),
	lanes("D9", "PSUBUSW",  p.lanes("i16x8.sub_sat_u")),
	lanes("DB", "PAND",     p.lanes("v128.and")),
	lanes("DF", "PANDN",    p.andNot),
	lanes("EB", "POR",      p.lanes("v128.or")),
	lanes("EF", "PXOR",     p.lanes("v128.xor")),
	lanes("74", "PCMPEQB",  p.lanes("i8x16.eq")),
	lanes("75", "PCMPEQW",  p.lanes("i16x8.eq")),
	lanes("76", "PCMPEQD",  p.lanes("i32x4.eq")),
	lanes("64", "PCMPGTB",  p.lanes("i8x16.gt_s")),
	lanes("65", "PCMPGTW",  p.lanes("i16x8.gt_s")),
	lanes("66", "PCMPGTD",  p.lanes("i32x4.gt_s")),
	lanes("DA", "PMINUB",   p.lanes("i8x16.min_u")),
	lanes("DE", "PMAXUB",   p.lanes("i8x16.max_u")),
	lanes("EA", "PMINSW",   p.lanes("i16x8.min_s")),
	lanes("EE", "PMAXSW",   p.lanes("i16x8.max_s")),
	lanes("E0", "PAVGB",    p.lanes("i8x16.avgr_u")),
	lanes("E3", "PAVGW",    p.lanes("i16x8.avgr_u")),
	lanes("D5", "PMULLW",   p.lanes("i16x8.mul")),
	lanes("E5", "PMULHW",   p.multiplyHigh("s")),
	lanes("E4", "PMULHUW",  p.multiplyHigh("u")),
	lanes("F4", "PMULUDQ",  p.multiplyEven("u")),
	lanes("F5", "PMADDWD",  p.lanes("i32x4.dot_i16x8_s")),
	lanes("F6", "PSADBW",   p.sumOfDifferences),
	lanes("63", "PACKSSWB", p.lanes("i8x16.narrow_i16x8_s")),
	lanes("67", "PACKUSWB", p.lanes("i8x16.narrow_i16x8_u")),
	lanes("6B", "PACKSSDW", p.lanes("i16x8.narrow_i32x4_s")),
	lanes("60", "PUNPCKLBW",  s.unpack(1, "low")),
	lanes("61", "PUNPCKLWD",  s.unpack(2, "low")),
	lanes("62", "PUNPCKLDQ",  s.unpack(4, "low")),
	lanes("6C", "PUNPCKLQDQ", s.unpack(8, "low")),
	lanes("68", "PUNPCKHBW",  s.unpack(1, "high")),
	lanes("69", "PUNPCKHWD",  s.unpack(2, "high")),
	lanes("6A", "PUNPCKHDQ",  s.unpack(4, "high")),
	lanes("6D", "PUNPCKHQDQ", s.unpack(8, "high")),

	...shift("F1", "71 /6", "PSLLW", "i16x8.shl"),
	...shift("F2", "72 /6", "PSLLD", "i32x4.shl"),
	...shift("F3", "73 /6", "PSLLQ", "i64x2.shl"),
	...shift("D1", "71 /2", "PSRLW", "i16x8.shr_u"),
	...shift("D2", "72 /2", "PSRLD", "i32x4.shr_u"),
	...shift("D3", "73 /2", "PSRLQ", "i64x2.shr_u"),
	...shift("E1", "71 /4", "PSRAW", "i16x8.shr_s"),
	...shift("E2", "72 /4", "PSRAD", "i32x4.shr_s"),
	["66 0F 73 /7 ib",  "PSLLDQ Hx, Ux, Ib",   "w r r",  s.pslldq, sse2.avx2()],
	["66 0F 73 /3 ib",  "PSRLDQ Hx, Ux, Ib",   "w r r",  s.psrldq, sse2.avx2()],

	["66 0F 70 /r ib",  "PSHUFD Vx, Wx, Ib",   "w r r",  s.pshufd,  sse2.avx2()],
	["F2 0F 70 /r ib",  "PSHUFLW Vx, Wx, Ib",  "w r r",  s.pshuflw, sse2.avx2()],
	["F3 0F 70 /r ib",  "PSHUFHW Vx, Wx, Ib",  "w r r",  s.pshufhw, sse2.avx2()],
	["66 0F C4 /r ib",  "PINSRW Vx, Hx, Rd, Ib", "w r r r", s.pinsrw, sse2.avx128()],
	["66 0F C4 /r ib",  "PINSRW Vx, Hx, Mw, Ib", "w r r r", s.pinsrw, sse2.avx128()],
	["66 0F C5 /r ib",  "PEXTRW Gd, Ux, Ib",   "w r r",  s.pextrw, sse2.avx128()],
];

import type { Row } from "../row.ts";
import * as s from "../semantics/extensions.ts";

const of = (feature: string) => ({ cold: true, feature });

export const extensions: Row[] = [
	["F3 0F B8 /r",             "POPCNT Gv, Ev",        "w r",    s.popcnt, of("POPCNT")],
	["F3 0F BD /r",             "LZCNT Gv, Ev",         "w r",    s.lzcnt,  of("LZCNT")],
	["F3 0F BC /r",             "TZCNT Gv, Ev",         "w r",    s.tzcnt,  of("BMI1")],

	["VEX.LZ.0F38 F2 /r",       "ANDN Gy, By, Ey",      "w r r",  s.andn,   of("BMI1")],
	["VEX.LZ.0F38 F3 /1",       "BLSR By, Ey",          "w r",    s.blsr,   of("BMI1")],
	["VEX.LZ.0F38 F3 /2",       "BLSMSK By, Ey",        "w r",    s.blsmsk, of("BMI1")],
	["VEX.LZ.0F38 F3 /3",       "BLSI By, Ey",          "w r",    s.blsi,   of("BMI1")],
	["VEX.LZ.0F38 F7 /r",       "BEXTR Gy, Ey, By",     "w r r",  s.bextr,  of("BMI1")],

	["VEX.LZ.0F38 F5 /r",       "BZHI Gy, Ey, By",      "w r r",  s.bzhi,   of("BMI2")],
	["VEX.LZ.F2.0F38 F5 /r",    "PDEP Gy, By, Ey",      "w r r",  s.pdep,   of("BMI2")],
	["VEX.LZ.F3.0F38 F5 /r",    "PEXT Gy, By, Ey",      "w r r",  s.pext,   of("BMI2")],
	["VEX.LZ.F2.0F38 F6 /r",    "MULX Gy, By, Ey",      "w w r",  s.mulx,   of("BMI2")],
	["VEX.LZ.66.0F38 F7 /r",    "SHLX Gy, Ey, By",      "w r r",  s.shlx,   of("BMI2")],
	["VEX.LZ.F3.0F38 F7 /r",    "SARX Gy, Ey, By",      "w r r",  s.sarx,   of("BMI2")],
	["VEX.LZ.F2.0F38 F7 /r",    "SHRX Gy, Ey, By",      "w r r",  s.shrx,   of("BMI2")],
	["VEX.LZ.F2.0F3A F0 /r ib", "RORX Gy, Ey, Ib",      "w r r",  s.rorx,   of("BMI2")],

	["NFx 0F 38 F0 /r",         "MOVBE Gv, Mv",         "w r",    s.movbe,  of("MOVBE")],
	["NFx 0F 38 F1 /r",         "MOVBE Mv, Gv",         "w r",    s.movbe,  of("MOVBE")],
	["F2 0F 38 F0 /r",          "CRC32 Gy, Eb",         "rw r",   s.crc32,  of("SSE4_2")],
	["F2 0F 38 F1 /r",          "CRC32 Gy, Ev",         "rw r",   s.crc32,  of("SSE4_2")],
	["66 0F 38 F6 /r",          "ADCX Gy, Ey",          "rw r",   s.adcx,   of("ADX")],
	["F3 0F 38 F6 /r",          "ADOX Gy, Ey",          "rw r",   s.adox,   of("ADX")],
];

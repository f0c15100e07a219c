/** The binary format's alphabet: value types, instructions, LEB128 (WebAssembly Core Specification, 5.2 to 5.4). */

export type ScalarType = "i32" | "i64";
export type ValueType = ScalarType | "v128";

export const TYPE_CODE: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

/** Instructions by their text-format name; only those that Gantry uses. */
export const OP = {
	unreachable: 0x00,
	block: 0x02,
	loop: 0x03,
	if: 0x04,
	else: 0x05,
	end: 0x0b,
	br: 0x0c,
	br_if: 0x0d,
	br_table: 0x0e,
	return: 0x0f,
	call: 0x10,
	call_indirect: 0x11,
	return_call: 0x12,
	return_call_indirect: 0x13,
	drop: 0x1a,
	select: 0x1b,
	"local.get": 0x20,
	"local.set": 0x21,
	"local.tee": 0x22,
	"i32.load": 0x28,
	"i64.load": 0x29,
	"i32.load8_s": 0x2c,
	"i32.load8_u": 0x2d,
	"i32.load16_s": 0x2e,
	"i32.load16_u": 0x2f,
	"i64.load8_s": 0x30,
	"i64.load8_u": 0x31,
	"i64.load16_s": 0x32,
	"i64.load16_u": 0x33,
	"i64.load32_s": 0x34,
	"i64.load32_u": 0x35,
	"i32.store": 0x36,
	"i64.store": 0x37,
	"i32.store8": 0x3a,
	"i32.store16": 0x3b,
	"i64.store8": 0x3c,
	"i64.store16": 0x3d,
	"i64.store32": 0x3e,
	"i32.const": 0x41,
	"i64.const": 0x42,
	"i32.eqz": 0x45,
	"i32.eq": 0x46,
	"i32.ne": 0x47,
	"i32.lt_s": 0x48,
	"i32.lt_u": 0x49,
	"i32.gt_s": 0x4a,
	"i32.gt_u": 0x4b,
	"i32.le_s": 0x4c,
	"i32.le_u": 0x4d,
	"i32.ge_s": 0x4e,
	"i32.ge_u": 0x4f,
	"i64.eqz": 0x50,
	"i64.eq": 0x51,
	"i64.ne": 0x52,
	"i64.lt_s": 0x53,
	"i64.lt_u": 0x54,
	"i64.gt_s": 0x55,
	"i64.gt_u": 0x56,
	"i64.le_s": 0x57,
	"i64.le_u": 0x58,
	"i64.ge_s": 0x59,
	"i64.ge_u": 0x5a,
	"f32.eq": 0x5b,
	"f32.lt": 0x5d,
	"f32.le": 0x5f,
	"f64.eq": 0x61,
	"f64.lt": 0x63,
	"f64.le": 0x65,
	"i32.clz": 0x67,
	"i32.ctz": 0x68,
	"i32.popcnt": 0x69,
	"i32.add": 0x6a,
	"i32.sub": 0x6b,
	"i32.mul": 0x6c,
	"i32.div_s": 0x6d,
	"i32.div_u": 0x6e,
	"i32.and": 0x71,
	"i32.or": 0x72,
	"i32.xor": 0x73,
	"i32.shl": 0x74,
	"i32.shr_s": 0x75,
	"i32.shr_u": 0x76,
	"i32.rotl": 0x77,
	"i32.rotr": 0x78,
	"i64.clz": 0x79,
	"i64.ctz": 0x7a,
	"i64.popcnt": 0x7b,
	"i64.add": 0x7c,
	"i64.sub": 0x7d,
	"i64.mul": 0x7e,
	"i64.div_s": 0x7f,
	"i64.div_u": 0x80,
	"i64.and": 0x83,
	"i64.or": 0x84,
	"i64.xor": 0x85,
	"i64.shl": 0x86,
	"i64.shr_s": 0x87,
	"i64.shr_u": 0x88,
	"i64.rotl": 0x89,
	"i64.rotr": 0x8a,
	"i32.wrap_i64": 0xa7,
	"f32.convert_i32_s": 0xb2,
	"f32.convert_i64_s": 0xb4,
	"f64.convert_i32_s": 0xb7,
	"f64.convert_i64_s": 0xb9,
	"i64.reinterpret_f64": 0xbd,
	"i64.extend_i32_s": 0xac,
	"i64.extend_i32_u": 0xad,
	"i32.extend8_s": 0xc0,
	"i32.extend16_s": 0xc1,
	"i64.extend8_s": 0xc2,
	"i64.extend16_s": 0xc3,
	"i64.extend32_s": 0xc4,
	/** Before the opcode of a conversion that saturates. */
	saturating: 0xfc,
	/** Before the opcode of a vector instruction (simd.ts). */
	simd: 0xfd,
} as const;

export type OpName = keyof typeof OP;

/** Conversions that give the nearest integer where the number does not fit. */
export const TRUNCATE = {
	"i32.trunc_sat_f32_s": 0,
	"i32.trunc_sat_f64_s": 2,
	"i64.trunc_sat_f32_s": 4,
	"i64.trunc_sat_f64_s": 6,
} as const;

export function unsignedLeb(value: number, out: number[] = []): number[] {
	while (value > 127) {
		out.push((value % 128) | 0x80);
		value = Math.floor(value / 128);
	}
	out.push(value);
	return out;
}

export function signedLeb(value: bigint | number, out: number[] = []): number[] {
	const small = Number(value);
	if (small === (small | 0)) return smallLeb(small, out);
	let rest = BigInt(value);
	for (;;) {
		const byte = Number(rest & 0x7fn);
		rest >>= 7n;
		const done = (rest === 0n && !(byte & 0x40)) || (rest === -1n && (byte & 0x40) !== 0);
		out.push(done ? byte : byte | 0x80);
		if (done) return out;
	}
}

/** signedLeb of a 32-bit number: nearly all of them. */
function smallLeb(value: number, out: number[]): number[] {
	for (;;) {
		const byte = value & 0x7f;
		value >>= 7;
		const done = (value === 0 && !(byte & 0x40)) || (value === -1 && (byte & 0x40) !== 0);
		out.push(done ? byte : byte | 0x80);
		if (done) return out;
	}
}

// What drafts are written WebAssembly with (WebAssembly Core Specification, chapter 5).

/** Where the next byte goes. */
let top: usize = 0;

export const I32: u8 = 0x7f;
export const I64: u8 = 0x7e;

export const OP_BLOCK: u8 = 0x02;
export const OP_LOOP: u8 = 0x03;
export const OP_IF: u8 = 0x04;
export const OP_END: u8 = 0x0b;
export const OP_BR: u8 = 0x0c;
export const OP_BR_IF: u8 = 0x0d;
export const OP_RETURN: u8 = 0x0f;
export const OP_CALL: u8 = 0x10;
export const OP_RETURN_CALL: u8 = 0x12;
export const OP_LOCAL_GET: u8 = 0x20;
export const OP_LOCAL_SET: u8 = 0x21;
export const OP_LOCAL_TEE: u8 = 0x22;
export const OP_I32_LOAD: u8 = 0x28;
export const OP_I64_LOAD: u8 = 0x29;
export const OP_I32_LOAD16_U: u8 = 0x2f;
export const OP_I32_STORE: u8 = 0x36;
export const OP_I64_STORE: u8 = 0x37;
export const OP_I32_STORE16: u8 = 0x3b;
export const OP_I32_CONST: u8 = 0x41;
export const OP_I64_CONST: u8 = 0x42;
export const OP_I32_EQZ: u8 = 0x45;
export const OP_I32_EQ: u8 = 0x46;
export const OP_I32_LT_S: u8 = 0x48;
export const OP_I32_GE_S: u8 = 0x4e;
export const OP_I32_GE_U: u8 = 0x4f;
export const OP_I64_NE: u8 = 0x52;
export const OP_I64_LT_U: u8 = 0x54;
export const OP_I64_LE_U: u8 = 0x58;
export const OP_I32_ADD: u8 = 0x6a;
export const OP_I32_SUB: u8 = 0x6b;
export const OP_I32_AND: u8 = 0x71;
export const OP_I32_OR: u8 = 0x72;
export const OP_I32_SHR_U: u8 = 0x76;
export const OP_I64_ADD: u8 = 0x7c;
export const OP_I64_SUB: u8 = 0x7d;
export const OP_I64_AND: u8 = 0x83;
export const OP_I64_OR: u8 = 0x84;
export const OP_I64_XOR: u8 = 0x85;
export const OP_I64_SHL: u8 = 0x86;
export const OP_I32_WRAP_I64: u8 = 0xa7;
export const OP_I64_EXTEND_I32_U: u8 = 0xad;
export const OP_SIMD: u8 = 0xfd;
export const SIMD_I32X4_SPLAT: u32 = 0x11;
/** The type of a block that leaves nothing. */
export const NOTHING: u8 = 0x40;

@inline
export function writeAt(address: usize): void {
	top = address;
}

@inline
export function written(): usize {
	return top;
}

@inline
export function op(code: u8): void {
	store<u8>(top++, code);
}

/** Bytes as they are; up to seven more may be overwritten behind them. */
@inline
export function copy(from: usize, length: usize): void {
	for (let i: usize = 0; i < length; i += 8) store<u64>(top + i, load<u64>(from + i));
	top += length;
}

export function unsigned(value: u32): void {
	for (; value > 127; value >>= 7) op(<u8>(value | 0x80));
	op(<u8>value);
}

/** In as many bytes whatever it is, for a number that is known when what it stands before is written. */
export const WIDE_SIZE: usize = 4;

/** @param value below 2 ** 28 */
export function unsignedWide(value: u32): void {
	for (let i: usize = 1; i < WIDE_SIZE; i++, value >>= 7) op(<u8>(value | 0x80));
	op(<u8>value);
}

export function signed(value: i64): void {
	for (; value < -64 || value > 63; value >>= 7) op(<u8>(value | 0x80));
	op(<u8>(value & 0x7f));
}

export function opWith(code: u8, operand: u32): void {
	op(code);
	unsigned(operand);
}

/** A load or a store. */
export function access(code: u8, offset: u32): void {
	op(code);
	op(0);
	unsigned(offset);
}

export function constant32(value: i32): void {
	op(OP_I32_CONST);
	signed(value);
}

export function constant64(value: i64): void {
	op(OP_I64_CONST);
	signed(value);
}

export function get(local: u32): void {
	opWith(OP_LOCAL_GET, local);
}

export function set(local: u32): void {
	opWith(OP_LOCAL_SET, local);
}

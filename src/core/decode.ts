// The decoder: bytes to records, driven by the tables that translate/tables.ts makes from the rows.

import {
	BLOCK, BLOCK_OFFSET, BLOCK_SIZES, DESC_FLAGS, DESC_IMMEDIATE, DESC_REG, DESC_RM, DESC_SIZE, DESC_VVVV, DESCRIPTOR_SIZE, DESCRIPTORS, ENDS_BLOCK, HAS_MODRM,
	IMMEDIATE_16, IMMEDIATE_16_8, IMMEDIATE_32, IMMEDIATE_64, IMMEDIATE_8, IMMEDIATE_FAR16, IMMEDIATE_FAR32, IMMEDIATE_OFFSET, LOCKABLE,
	REGISTER_BYTE, REGISTER_FULL, REGISTER_IN_OPCODE, REGISTER_MMX, REGISTER_NONE, REGISTER_NUMBER, REGISTER_SEGMENT, REGISTER_VECTOR, RELATIVE, RM_OFFSET, RM_TABLE, SIZE_AS_DECODED,
	VEX_MAPS, VVVV_GENERAL, VVVV_IMMEDIATE, VVVV_INDEX, VVVV_VECTOR,
} from "./descriptor";
import {
	INFO_ADDRESS_SHIFT, INFO_LOCK, INFO_OPERAND_SHIFT, INFO_REP, INFO_REPNE, INFO_SEGMENTED, MODE_32, MODE_64, MODE_FLAT, MODE_SIZE,
	OP_UNDEFINED, PAGE_BASE, REC_BASE, REC_DISPLACEMENT, REC_IMMEDIATE, REC_INDEX, REC_INFO, REC_LENGTH, REC_LINK, REC_MASK, REC_NEXT,
	REC_HEAT, REC_IS4, REC_OP, REC_REG, REC_RM, REC_SCALE, REC_VVVV, RBP, RSI, RBX, RDI, TABLES, VECTOR_SIZE, VECTORS, X87_REGISTER_SIZE, X87_REGISTERS, ZERO,
} from "./state";

/** More bytes are needed than the page has. */
export const NEEDS_MORE: u32 = 0;
/** SDM 2A, "Instruction Prefixes": a longer one raises #GP. */
const LONGEST: u32 = 15;
const NONE: u32 = 0xff;

// The instruction under way.
let bytes: usize = 0;
let position: u32 = 0;
let available: u32 = 0;
let short: bool = false;

let rex: u32 = 0;
let operandPrefix: bool = false;
let addressPrefix: bool = false;
let repeatPrefix: u32 = 0; // 0, 0xF2 or 0xF3
let lockPrefix: bool = false;
let segmentPrefix: u32 = NONE;
let modrm: u32 = 0;
/** A VEX prefix: its pp as prefixIndex() counts, W * 2 + L, vvvv. */
let vex: bool = false;
let vexPrefix: u32 = 0;
let vexSize: u32 = 0;
let vexRegister: u32 = 0;
/** The address's index is a vector register. */
let vsib: bool = false;
let ripRelative: bool = false;
let stackBased: bool = false;

/** Whether the record that `decode` made last ends its block. */
export let endsBlock: bool = false;

function next(): u32 {
	if (position >= available) {
		short = true;
		return 0;
	}
	return load<u8>(bytes + position++);
}

function nextSigned(size: u32): i64 {
	if (position + size > available) {
		short = true;
		return 0;
	}
	const at = bytes + position;
	position += size;
	if (size == 1) return load<i8>(at);
	if (size == 2) return load<i16>(at);
	if (size == 4) return load<i32>(at);
	return load<i64>(at);
}

/** Reads prefixes and answers the first opcode byte. */
function prefixes(long: bool): u32 {
	rex = 0;
	operandPrefix = addressPrefix = lockPrefix = false;
	repeatPrefix = 0;
	segmentPrefix = NONE;
	while (true) {
		const byte = next();
		if (short) return 0;
		if (byte == 0x66) operandPrefix = true;
		else if (byte == 0x67) addressPrefix = true;
		else if (byte == 0xf0) lockPrefix = true;
		else if (byte == 0xf2 || byte == 0xf3) repeatPrefix = byte;
		else if ((byte & 0xe7) == 0x26) {
			if (!long) segmentPrefix = (byte >> 3) & 3;
		} else if (byte == 0x64 || byte == 0x65) segmentPrefix = byte - 0x60;
		else if (long && (byte & 0xf0) == 0x40) {
			rex = byte;
			continue;
		} else return byte;
		rex = 0; // a REX prefix that is not last is ignored
	}
}

/** Whether C4 or C5 is a VEX prefix: always in 64-bit mode, else where LES and LDS would name a register. */
function isVex(opcode: u32, long: bool): bool {
	if ((opcode & 0xfe) != 0xc4) return false;
	return long || (position < available && load<u8>(bytes + position) >= 0xc0);
}

// SDM 2A, "VEX Prefix Instructions". Answers the map; 0 where there is none.
function vexMap(opcode: u32, long: bool): u32 {
	const first = next();
	let map: u32 = 1;
	let last = first;
	if (opcode == 0xc4) {
		last = next();
		map = first & 31;
	}
	const pp = last & 3;
	// REX, 66, F2, F3 and LOCK may not stand before it.
	const bare = !rex && !operandPrefix && !repeatPrefix && !lockPrefix;
	vex = true;
	vexPrefix = pp == 2 ? 3 : pp == 3 ? 2 : pp;
	vexRegister = (~last >> 3) & 15;
	const inverted = ~first;
	rex = (inverted >> 5) & 4;
	vexSize = (last >> 2) & 1;
	if (opcode == 0xc4) {
		rex = ((inverted >> 5) & 7) | ((last >> 4) & 8);
		vexSize |= (last >> 6) & 2;
	}
	rex = long ? rex | 0x40 : 0;
	return map >= 1 && map <= 3 && bare ? map : 0;
}

function operandSize(mode: u32): u32 {
	if (vex) return vexSize;
	if (rex & 8) return 2;
	return ((mode & MODE_SIZE) != 0) != operandPrefix ? 1 : 0; // index of 16, 32, 64
}

/** log2 of the address size in bytes. */
function addressSize(mode: u32): u32 {
	const size = mode & MODE_SIZE;
	if (size == MODE_64) return addressPrefix ? 2 : 3;
	return (size == MODE_32) != addressPrefix ? 2 : 1;
}

function prefixIndex(): u32 {
	if (vex) return vexPrefix;
	if (repeatPrefix == 0xf3) return 3;
	if (repeatPrefix == 0xf2) return 2;
	return operandPrefix ? 1 : 0;
}

/** Address of the descriptor for an opcode, 0 where there is none. ModRM has been peeked. */
function lookUp(map: u32, opcode: u32, mode: u32, size: u32): usize {
	const block = load<u16>(TABLES + ((map * 256 + opcode) << 1));
	const long: u32 = (mode & MODE_SIZE) == MODE_64 ? 1 : 0;
	const memory: u32 = modrm < 0xc0 ? 1 : 0;
	const place = ((prefixIndex() * 2 + long) * BLOCK_SIZES + size) * 16 + memory * 8 + ((modrm >> 3) & 7);
	let number: u32 = load<u16>(TABLES + load<u32>(TABLES + BLOCK_OFFSET) + ((block * BLOCK + place) << 1));
	if (number >= RM_TABLE) number = load<u16>(TABLES + load<u32>(TABLES + RM_OFFSET) + (((number - RM_TABLE) * 8 + (modrm & 7)) << 1));
	return number ? TABLES + DESCRIPTORS + number * DESCRIPTOR_SIZE : 0;
}

function registerOffset(number: u32, kind: u32): u32 {
	if (kind == REGISTER_NUMBER) return number;
	if (kind == REGISTER_SEGMENT) return number & 7;
	if (kind == REGISTER_VECTOR) return VECTORS + number * VECTOR_SIZE;
	if (kind == REGISTER_MMX) return X87_REGISTERS + (number & 7) * X87_REGISTER_SIZE;
	if (kind == REGISTER_BYTE && !rex && number >= 4) return (number - 4) * 8 + 1; // AH CH DH BH
	return number * 8;
}

/** What address a memory operand has when nothing is said. */
function clearAddress(record: usize): void {
	store<u16>(record + REC_BASE, ZERO);
	store<u16>(record + REC_INDEX, ZERO);
	store<u8>(record + REC_SCALE, 0);
	store<i64>(record + REC_DISPLACEMENT, 0);
}

// SDM 2A, "16-Bit Addressing Forms with the ModR/M Byte"
function address16(record: usize): void {
	const mod = modrm >> 6;
	const rm = modrm & 7;
	if (mod == 0 && rm == 6) {
		store<i64>(record + REC_DISPLACEMENT, nextSigned(2));
		return;
	}
	const base: u32 = rm < 4 ? (rm & 2 ? RBP : RBX) : rm == 4 ? RSI : rm == 5 ? RDI : rm == 6 ? RBP : RBX;
	store<u16>(record + REC_BASE, <u16>base);
	if (rm < 4) store<u16>(record + REC_INDEX, <u16>(rm & 1 ? RDI : RSI));
	stackBased = base == RBP;
	if (mod) store<i64>(record + REC_DISPLACEMENT, nextSigned(mod == 1 ? 1 : 2));
}

// SDM 2A, "32-Bit Addressing Forms with the ModR/M Byte" and "... with the SIB Byte"
function address32(record: usize, long: bool): void {
	const mod = modrm >> 6;
	let base = modrm & 7;
	if (base == 4) {
		const sib = next();
		base = sib & 7;
		const index = ((sib >> 3) & 7) | ((rex & 2) << 2);
		if (index != 4 || vsib) {
			store<u16>(record + REC_INDEX, <u16>(vsib ? VECTORS + index * VECTOR_SIZE : index * 8));
			store<u8>(record + REC_SCALE, <u8>(sib >> 6));
		}
		if (base == 5 && mod == 0) {
			store<i64>(record + REC_DISPLACEMENT, nextSigned(4));
			return;
		}
	} else if (base == 5 && mod == 0) {
		store<i64>(record + REC_DISPLACEMENT, nextSigned(4));
		if (long) {
			store<u16>(record + REC_BASE, PAGE_BASE);
			ripRelative = true;
		}
		return;
	}
	const full = base | ((rex & 1) << 3);
	store<u16>(record + REC_BASE, <u16>(full * 8));
	stackBased = full == 4 || full == 5;
	if (mod) store<i64>(record + REC_DISPLACEMENT, nextSigned(mod == 1 ? 1 : 4));
}

function immediate(record: usize, kind: u32, addressShift: u32): void {
	let value: i64 = 0;
	if (kind == IMMEDIATE_8) value = nextSigned(1);
	else if (kind == IMMEDIATE_16) value = nextSigned(2);
	else if (kind == IMMEDIATE_32) value = nextSigned(4);
	else if (kind == IMMEDIATE_64) value = nextSigned(8);
	else if (kind == IMMEDIATE_OFFSET) {
		value = nextSigned(1 << addressShift);
		if (addressShift < 3) value &= addressShift == 1 ? 0xffff : 0xffffffff;
	} else if (kind == IMMEDIATE_16_8) {
		value = nextSigned(2) & 0xffff;
		value |= (nextSigned(1) & 0xff) << 16;
	} else if (kind == IMMEDIATE_FAR16 || kind == IMMEDIATE_FAR32) {
		value = kind == IMMEDIATE_FAR16 ? nextSigned(2) & 0xffff : nextSigned(4) & 0xffffffff;
		value |= (nextSigned(2) & 0xffff) << 32;
	}
	store<i64>(record + REC_IMMEDIATE, value);
}

/** Which segment, and whether its base and limit matter. */
function segmentInfo(mode: u32, descriptor: usize, memory: bool): u32 {
	const stack = memory ? stackBased : !vex && load<u8>(descriptor + DESC_SIZE) != SIZE_AS_DECODED;
	const segment = segmentPrefix != NONE ? segmentPrefix : stack ? 2 : 3;
	if ((mode & MODE_SIZE) == MODE_64) return segment >= 4 ? segment | INFO_SEGMENTED : segment;
	const flat = (mode & MODE_FLAT) != 0 && segment != 1 && segment < 4;
	return flat ? segment : segment | INFO_SEGMENTED;
}

function undefined(record: usize, tooLong: bool): u32 {
	store<u16>(record + REC_OP, OP_UNDEFINED);
	store<i64>(record + REC_IMMEDIATE, tooLong ? 1 : 0);
	store<u8>(record + REC_LENGTH, <u8>position);
	store<u16>(record + REC_INFO, 0);
	store<u16>(record + REC_HEAT, 0);
	endsBlock = true;
	return position;
}

/**
 * Decodes one instruction into `record`; all its fields but REC_LEFT are set.
 * @param at where its bytes are, `count` of them
 * @param offset of the instruction in its page
 * @returns its length, or NEEDS_MORE
 */
export function decode(record: usize, at: usize, count: u32, offset: u32, mode: u32): u32 {
	bytes = at;
	position = 0;
	available = min(count, LONGEST);
	short = false;
	const length = decodeBytes(record, offset, mode);
	if (short && available < LONGEST) return NEEDS_MORE;
	if (short) {
		position = LONGEST;
		undefined(record, true);
		store<u16>(record + REC_NEXT, <u16>(offset + LONGEST));
		return LONGEST;
	}
	store<u16>(record + REC_NEXT, <u16>(offset + length));
	return length;
}

function decodeBytes(record: usize, offset: u32, mode: u32): u32 {
	const long = (mode & MODE_SIZE) == MODE_64;
	let opcode = prefixes(long);
	let map: u32 = 0;
	vex = false;
	if (isVex(opcode, long)) {
		map = vexMap(opcode, long);
		if (!map) return undefined(record, false);
		map += VEX_MAPS;
		opcode = next();
	} else if (opcode == 0x0f) {
		map = 1;
		opcode = next();
		if (opcode == 0x38 || opcode == 0x3a) {
			map = opcode == 0x38 ? 2 : 3;
			opcode = next();
		}
	}
	const registerInOpcode = (opcode & 7) | ((rex & 1) << 3);
	// 90 is NOP, but with REX.B it is XCHG with R8; F3 90 stays PAUSE.
	if (map == 0 && opcode == 0x90 && rex & 1 && repeatPrefix != 0xf3) opcode = 0x91;
	// Where ModRM lies in the next page, nothing can be said of this encoding yet.
	const missing = position >= available;
	modrm = missing ? 0xc0 : load<u8>(bytes + position);
	const ignoresMod = map == 1 && (opcode & 0xfc) == 0x20; // MOV of control and debug registers (SDM 2B)
	if (ignoresMod) modrm |= 0xc0;
	const size = operandSize(mode);
	const descriptor = lookUp(map, opcode, mode, size);
	const flags: u32 = descriptor ? load<u8>(descriptor + DESC_FLAGS) : 0;
	const vvvv: u32 = descriptor ? load<u8>(descriptor + DESC_VVVV) : 0;
	const named = vex && vexRegister != 0 && !(vvvv & (VVVV_GENERAL | VVVV_VECTOR));
	const addressShift = addressSize(mode);
	vsib = (vvvv & VVVV_INDEX) != 0;
	const indexless = vsib && ((modrm & 7) != 4 || addressShift == 1);
	const wrong = !descriptor || named || indexless || (lockPrefix != 0 && !(flags & LOCKABLE));
	if (wrong && missing) short = true;
	if (short || wrong) return undefined(record, false);
	let memory = false;
	clearAddress(record);
	ripRelative = stackBased = false;
	if (flags & HAS_MODRM) {
		modrm = next();
		if (ignoresMod) modrm |= 0xc0;
		memory = modrm < 0xc0;
		if (memory) {
			if (addressShift == 1) address16(record);
			else address32(record, long);
		}
	}
	registers(record, descriptor, flags, registerInOpcode);
	immediate(record, load<u8>(descriptor + DESC_IMMEDIATE), addressShift);
	if (vvvv) vexRegisters(record, vvvv, long);
	// What FOP is to hold, and with ModRM.rm the register of the stack.
	if (map == 0 && (opcode & 0xf8) == 0xd8) store<i64>(record + REC_IMMEDIATE, ((opcode & 7) << 8) | modrm);

	const end = offset + position;
	if (ripRelative) store<i64>(record + REC_DISPLACEMENT, load<i64>(record + REC_DISPLACEMENT) + end);
	if (flags & RELATIVE) store<i64>(record + REC_IMMEDIATE, load<i64>(record + REC_IMMEDIATE) + end);
	const ownSize: u32 = load<u8>(descriptor + DESC_SIZE);
	let info = segmentInfo(mode, descriptor, memory);
	info |= (ownSize == SIZE_AS_DECODED ? size + 1 : ownSize) << INFO_OPERAND_SHIFT;
	info |= addressShift << INFO_ADDRESS_SHIFT;
	if (repeatPrefix) info |= repeatPrefix == 0xf3 ? INFO_REP : INFO_REPNE;
	if (lockPrefix) info |= INFO_LOCK;
	store<u16>(record + REC_INFO, <u16>info);
	store<u16>(record + REC_OP, load<u16>(descriptor));
	store<i64>(record + REC_MASK, addressShift == 3 ? -1 : addressShift == 2 ? 0xffffffff : 0xffff);
	store<u8>(record + REC_LENGTH, <u8>position);
	store<u32>(record + REC_LINK, 0);
	store<u16>(record + REC_HEAT, 0);
	endsBlock = (flags & ENDS_BLOCK) != 0;
	return position;
}

/** Registers that VEX.vvvv and the immediate name, and the vector register of a VSIB byte. */
function vexRegisters(record: usize, kind: u32, long: bool): void {
	store<u16>(record + REC_VVVV, <u16>registerOffset(vexRegister & (long ? 15 : 7), kind & VVVV_VECTOR ? REGISTER_VECTOR : REGISTER_FULL));
	if (kind & VVVV_IMMEDIATE) {
		const number = (load<u8>(record + REC_IMMEDIATE) >> 4) & (long ? 15 : 7);
		store<u16>(record + REC_IS4, <u16>registerOffset(number, REGISTER_VECTOR));
	}
}

function registers(record: usize, descriptor: usize, flags: u32, registerInOpcode: u32): void {
	const reg: u32 = load<u8>(descriptor + DESC_REG);
	const rm: u32 = load<u8>(descriptor + DESC_RM);
	const regNumber = ((modrm >> 3) & 7) | ((rex & 4) << 1);
	store<u16>(record + REC_REG, reg == REGISTER_NONE ? 0 : <u16>registerOffset(regNumber, reg));
	const rmNumber = flags & REGISTER_IN_OPCODE ? registerInOpcode : (modrm & 7) | ((rex & 1) << 3);
	store<u16>(record + REC_RM, rm == REGISTER_NONE ? 0 : <u16>registerOffset(rmNumber, rm));
}

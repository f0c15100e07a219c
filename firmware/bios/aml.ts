/**
 * A writer of ACPI machine language: the few terms a static description of a board needs (ACPI 2.0, "ACPI
 * Machine Language Specification", and "Resource Data Types for ACPI"). Each function returns bytes.
 */

export type Aml = number[];

const ZERO_OP = 0x00;
const ONE_OP = 0x01;
const NAME_OP = 0x08;
const BYTE_PREFIX = 0x0a;
const WORD_PREFIX = 0x0b;
const DWORD_PREFIX = 0x0c;
const SCOPE_OP = 0x10;
const BUFFER_OP = 0x11;
const PACKAGE_OP = 0x12;
const EXT_PREFIX = 0x5b;
const DEVICE_OP = 0x82;
const ROOT = "\\".charCodeAt(0);

export function little(value: number, bytes: number): Aml {
	return Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
}

/** A NameSeg of four characters, "_" filled; a leading "\" is kept. */
export function name4(name: string): Aml {
	const root = name.startsWith("\\") ? [ROOT] : [];
	const segment = name.slice(root.length).padEnd(4, "_");
	if (!/^[A-Z_][A-Z0-9_]{3}$/.test(segment)) throw new Error(`"${name}" is no ACPI name`);
	return [...root, ...[...segment].map((c) => c.charCodeAt(0))];
}

export function integer(value: number): Aml {
	if (value === 0) return [ZERO_OP];
	if (value === 1) return [ONE_OP];
	if (value <= 0xff) return [BYTE_PREFIX, value];
	if (value <= 0xffff) return [WORD_PREFIX, ...little(value, 2)];
	return [DWORD_PREFIX, ...little(value, 4)];
}

/** PkgLength counts itself: one byte up to 63, else four bits and one or two bytes more. */
function withLength(body: Aml): Aml {
	if (body.length + 1 < 0x40) return [body.length + 1, ...body];
	const bytes = body.length + 2 < 0x1000 ? 2 : 3;
	const total = body.length + bytes;
	return [((bytes - 1) << 6) | (total & 15), ...little(total >> 4, bytes - 1), ...body];
}

export function name(label: string, value: Aml): Aml {
	return [NAME_OP, ...name4(label), ...value];
}

export function scope(label: string, ...terms: Aml[]): Aml {
	return [SCOPE_OP, ...withLength([...name4(label), ...terms.flat()])];
}

export function device(label: string, ...terms: Aml[]): Aml {
	return [EXT_PREFIX, DEVICE_OP, ...withLength([...name4(label), ...terms.flat()])];
}

export function pack(...elements: Aml[]): Aml {
	return [PACKAGE_OP, ...withLength([elements.length, ...elements.flat()])];
}

/** "PNP0A03" as a compressed EISA id: three letters of five bits, four hexadecimal digits, big-endian. */
export function eisaId(id: string): Aml {
	const letters = [...id.slice(0, 3)].map((c) => c.charCodeAt(0) - 0x40);
	const maker = (letters[0] << 10) | (letters[1] << 5) | letters[2];
	const product = Number.parseInt(id.slice(3), 16);
	return [DWORD_PREFIX, maker >> 8, maker & 0xff, product >> 8, product & 0xff];
}

/** A resource template: the descriptors, the end tag, wrapped in a buffer. */
export function resources(...descriptors: Aml[]): Aml {
	const bytes = [...descriptors.flat(), 0x79, 0];
	return [BUFFER_OP, ...withLength([...integer(bytes.length), ...bytes])];
}

/** Fixed ports, all 16 address bits decoded. */
export function io(base: number, length: number): Aml {
	return [0x47, 0x01, ...little(base, 2), ...little(base, 2), 1, length];
}

/** One edge-triggered, unshared ISA interrupt. */
export function irq(line: number): Aml {
	return [0x22, ...little(1 << line, 2)];
}

export interface Range {
	first: number;
	last: number;
}

const PRODUCED_FIXED = 0x0c; // minimum and maximum are fixed, positive decode
const TYPE_MEMORY = 0;
const TYPE_IO = 1;
const TYPE_BUS = 2;
const IO_ENTIRE_RANGE = 3;
const MEMORY_CACHEABLE_WRITABLE = 3;
const MEMORY_WRITABLE = 1;

function word(type: number, flags: number, range: Range): Aml {
	const numbers = [0, range.first, range.last, 0, range.last - range.first + 1];
	return [0x88, ...little(13, 2), type, PRODUCED_FIXED, flags, ...numbers.flatMap((n) => little(n, 2))];
}

export const busNumbers = (range: Range): Aml => word(TYPE_BUS, 0, range);
export const ioRange = (range: Range): Aml => word(TYPE_IO, IO_ENTIRE_RANGE, range);

export function memoryRange(range: Range, cacheable: boolean): Aml {
	const numbers = [0, range.first, range.last, 0, range.last - range.first + 1];
	const flags = cacheable ? MEMORY_CACHEABLE_WRITABLE : MEMORY_WRITABLE;
	return [
		0x87,
		...little(23, 2),
		TYPE_MEMORY,
		PRODUCED_FIXED,
		flags,
		...numbers.flatMap((n) => little(n, 4)),
	];
}

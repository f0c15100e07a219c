/**
 * ISO 9660 (ECMA-119, 4th edition): the constants and fields that writer and reader share.
 *
 * A volume is a run of 2048-byte logical sectors. The first sixteen are free for boot code ("system
 * area"); volume descriptors follow, one a sector, until a terminator. Each file-system descriptor
 * holds the directory record of its own root, so a volume can carry several hierarchies over the
 * same file extents: the primary one (upper case, d-characters), and the supplementary one that
 * Joliet defines (UCS-2 names). Rock Ridge (SUSP 1.12, RRIP) adds POSIX names and modes behind the
 * primary hierarchy's directory records, in their System Use part.
 *
 * Numbers are mostly recorded twice, little-endian then big-endian ("both-byte orders", 7.2.3, 7.3.3).
 * Names below are the standard's; offsets are BP - 1.
 */
export const SECTOR = 2048;
/** The system area is sectors 0..15; the first volume descriptor is here. */
export const FIRST_DESCRIPTOR = 16;
export const STANDARD_IDENTIFIER = "CD001";

// Volume Descriptor Type, ECMA-119 "Volume Descriptor Type".
export const VD_BOOT_RECORD = 0;
export const VD_PRIMARY = 1;
export const VD_SUPPLEMENTARY = 2;
export const VD_TERMINATOR = 255;

// File Flags of a directory record, ECMA-119 "File Flags".
export const FLAG_DIRECTORY = 0x02;
export const FLAG_MULTI_EXTENT = 0x80;

/** Escape sequence of UCS-2 level 3, Joliet Specification, "SVD Escape Sequences field". */
export const JOLIET_ESCAPE = "%/E";

/** El Torito 1.0, "Boot Record Volume Descriptor": Boot System Identifier. */
export const EL_TORITO = "EL TORITO SPECIFICATION";
/** Where El Torito wants its boot record. */
export const BOOT_RECORD_SECTOR = 17;

/** Fields of a directory record, ECMA-119 "Format of a Directory Record". */
export const DR = {
	length: 0,
	extent: 2,
	dataLength: 10,
	date: 18,
	flags: 25,
	volumeSequence: 28,
	identifierLength: 32,
	identifier: 33,
} as const;

/** Fields that the primary and the supplementary descriptor have in common. */
export const VD = {
	type: 0,
	standardIdentifier: 1,
	version: 6,
	systemIdentifier: 8,
	volumeIdentifier: 40,
	volumeSpaceSize: 80,
	escapeSequences: 88,
	volumeSetSize: 120,
	volumeSequence: 124,
	blockSize: 128,
	pathTableSize: 132,
	pathTableL: 140,
	pathTableM: 148,
	rootRecord: 156,
	volumeSetIdentifier: 190,
	publisherIdentifier: 318,
	preparerIdentifier: 446,
	applicationIdentifier: 574,
	copyrightFile: 702,
	abstractFile: 739,
	bibliographicFile: 776,
	created: 813,
	modified: 830,
	expires: 847,
	effective: 864,
	fileStructureVersion: 881,
} as const;

/** What is wrong with an image or with the tree that was to become one. */
export class IsoError extends Error {}

export function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function sectors(bytes: number): number {
	return Math.ceil(bytes / SECTOR);
}

/** ECMA-119 7.2.3: a 16-bit number in both byte orders. */
export function both16(bytes: Uint8Array, at: number, value: number): void {
	const view = viewOf(bytes);
	view.setUint16(at, value, true);
	view.setUint16(at + 2, value, false);
}

/** ECMA-119 7.3.3: a 32-bit number in both byte orders. */
export function both32(bytes: Uint8Array, at: number, value: number): void {
	const view = viewOf(bytes);
	view.setUint32(at, value, true);
	view.setUint32(at + 4, value, false);
}

export function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (c) => c.charCodeAt(0) & 0x7f);
}

/** UCS-2, big-endian, as Joliet records every name. */
export function ucs2(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length * 2);
	for (let i = 0; i < text.length; i++) viewOf(bytes).setUint16(i * 2, text.charCodeAt(i), false);
	return bytes;
}

/** Orders identifiers as unsigned bytes, the shorter one padded with `pad`. */
export function compareBytes(a: Uint8Array, b: Uint8Array, pad = 0): number {
	for (let i = 0; i < Math.max(a.length, b.length); i++) {
		const difference = (a[i] ?? pad) - (b[i] ?? pad);
		if (difference) return difference;
	}
	return 0;
}

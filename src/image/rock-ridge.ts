/**
 * Rock Ridge: POSIX names and modes in the System Use part of directory records.
 *
 * SUSP (IEEE P1281) defines how entries follow each other: two letters, length, version, data. A record has at most
 * 254 bytes; what does not fit goes on in a continuation area, which a CE entry points to. RRIP (IEEE P1282)
 * defines the entries: PX is mode, links, owner and group; NM is the name, in pieces of at most 250 bytes.
 *
 * Not written: TF (times are those of the directory record), SL, PN, CL/PL/RE (trees are at most eight deep).
 */

import type { Node } from "./iso-tree.ts";
import { ascii, both32 } from "./iso9660.ts";

/** SUSP "CE": length of the entry. */
export const CE_LENGTH = 28;
/** RRIP "NM", flag CONTINUE: the name goes on in the next NM entry. */
export const NM_CONTINUE = 1;

const POSIX_DIRECTORY = 0o40555;
const POSIX_FILE = 0o100444;
const NM_PIECE = 100;

/** Which record of a directory is described: an entry, or one of the two that every directory begins with. */
export type Role = "entry" | "self" | "parent";

/** The System Use entries of a record, in order. The root's own record announces SUSP and RRIP. */
export function systemUse(node: Node, role: Role): Uint8Array[] {
	const entries = [posix(node)];
	if (role === "entry") return [...names(node.name), ...entries];
	const root = node.parent === node;
	return role === "self" && root ? [sharingProtocol(), ...entries, extensions()] : entries;
}

/** SUSP "CE": where the entries go on. */
export function continuation(sector: number, offset: number, length: number): Uint8Array {
	const bytes = entry("CE", CE_LENGTH - 4);
	both32(bytes, 4, sector);
	both32(bytes, 12, offset);
	both32(bytes, 20, length);
	return bytes;
}

function entry(signature: string, dataLength: number): Uint8Array {
	const bytes = new Uint8Array(4 + dataLength);
	bytes.set(ascii(signature));
	bytes[2] = bytes.length;
	bytes[3] = 1;
	return bytes;
}

/** SUSP "SP": check bytes, and nothing to skip. */
function sharingProtocol(): Uint8Array {
	const bytes = entry("SP", 3);
	bytes.set([0xbe, 0xef, 0], 4);
	return bytes;
}

/** SUSP "ER": which extension is used. */
function extensions(): Uint8Array {
	const texts = ["RRIP_1991A", "ROCK RIDGE: POSIX FILE SYSTEM SEMANTICS", "IEEE P1282"].map(ascii);
	const bytes = entry("ER", 4 + texts.reduce((sum, text) => sum + text.length, 0));
	bytes.set([...texts.map((text) => text.length), 1], 4);
	let at = 8;
	for (const text of texts) {
		bytes.set(text, at);
		at += text.length;
	}
	return bytes;
}

/** RRIP "PX", as of RRIP_1991A: without a serial number. */
function posix(node: Node): Uint8Array {
	const bytes = entry("PX", 32);
	const subdirectories = node.children?.filter((child) => child.children).length ?? 0;
	both32(bytes, 4, node.children ? POSIX_DIRECTORY : POSIX_FILE);
	both32(bytes, 12, node.children ? 2 + subdirectories : 1);
	return bytes;
}

function names(name: string): Uint8Array[] {
	const text = new TextEncoder().encode(name);
	const pieces: Uint8Array[] = [];
	for (let at = 0; at < text.length; at += NM_PIECE) {
		const piece = text.subarray(at, at + NM_PIECE);
		const bytes = entry("NM", 1 + piece.length);
		bytes[4] = at + NM_PIECE < text.length ? NM_CONTINUE : 0;
		bytes.set(piece, 5);
		pieces.push(bytes);
	}
	return pieces;
}

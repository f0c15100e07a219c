/**
 * The names that one tree has in the two hierarchies.
 *
 * Primary: ECMA-119 interchange level 2: A-Z 0-9 _, one dot, 30 characters and a version number.
 * Joliet: up to 64 UCS-2 code units without * / : ; ? \ and control characters; no version number.
 * What the rules do not allow becomes "_"; names that then collide are numbered, in the order of the
 * real names, so that the same tree always gets the same names.
 */
import { ascii, compareBytes, ucs2 } from "./iso9660.ts";

/** ECMA-119 level 2, "File Identifier": name and extension together. */
const PRIMARY_LENGTH = 30;
/** Joliet Specification, "Joliet Filename Length": 128 bytes. */
const JOLIET_LENGTH = 64;

/** One hierarchy's way of naming and ordering. */
export interface Naming {
	/** Identifiers for the siblings `names`, in the same order. */
	name(names: { name: string; directory: boolean }[]): Uint8Array[];
	/** The order of records in a directory and in the path table, ECMA-119 "Order of Directory Records". */
	compare(a: Uint8Array, b: Uint8Array): number;
}

export const primaryNaming: Naming = {
	name(names) {
		const taken = new Set<string>();
		return names.map((entry) => ascii(unique(taken, (suffix) => primaryName(entry, suffix))));
	},
	compare(a, b) {
		const [nameA, extensionA] = split(a);
		const [nameB, extensionB] = split(b);
		return compareBytes(nameA, nameB, 0x20) || compareBytes(extensionA, extensionB, 0x20);
	},
};

export const jolietNaming: Naming = {
	name(names) {
		const taken = new Set<string>();
		return names.map(({ name }) => {
			const [stem, extension] = splitName(name.replace(/[*/:;?\\\p{Cc}]/gu, "_"));
			return ucs2(unique(taken, (suffix) => shorten(stem, suffix, extension, JOLIET_LENGTH)));
		});
	},
	compare: (a, b) => compareBytes(a, b),
};

function primaryName({ name, directory }: { name: string; directory: boolean }, suffix: string): string {
	const upper = name.toUpperCase();
	const clean = (text: string) => text.replace(/[^A-Z0-9_]/g, "_");
	if (directory) return shorten(clean(upper), suffix, "", PRIMARY_LENGTH);
	const [stem, extension] = splitName(upper);
	return `${shorten(clean(stem), suffix, `.${clean(extension.slice(1))}`, PRIMARY_LENGTH)};1`;
}

/** "a.tar.gz" is "a.tar" and ".gz"; a name that starts with its only dot has no extension. */
function splitName(name: string): [string, string] {
	const dot = name.lastIndexOf(".");
	return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}

function shorten(stem: string, suffix: string, extension: string, length: number): string {
	const tail = extension.slice(0, length - 8);
	return stem.slice(0, length - suffix.length - tail.length) + suffix + tail;
}

function unique(taken: Set<string>, make: (suffix: string) => string): string {
	for (let i = 0; ; i++) {
		const name = make(i ? `_${i}` : "");
		if (taken.has(name)) continue;
		taken.add(name);
		return name;
	}
}

function split(identifier: Uint8Array): [Uint8Array, Uint8Array] {
	const dot = identifier.indexOf(0x2e);
	if (dot < 0) return [identifier, new Uint8Array()];
	return [identifier.subarray(0, dot), identifier.subarray(dot + 1, identifier.indexOf(0x3b))];
}

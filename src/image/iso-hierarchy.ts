/**
 * One hierarchy of a volume: its directories, path tables and root record.
 *
 * Two passes. Planning gives every node its identifier, sizes every directory and orders them as the path
 * table wants; then the writer places the extents; then everything is recorded.
 */

import type { Naming } from "./iso-names.ts";
import { type Node, pathOf } from "./iso-tree.ts";
import {
	both16,
	both32,
	compareBytes,
	DR,
	FLAG_DIRECTORY,
	IsoError,
	SECTOR,
	sectors,
	viewOf,
} from "./iso9660.ts";
import { CE_LENGTH, continuation, type Role, systemUse } from "./rock-ridge.ts";

/** The largest even length that a record's length byte can hold. */
const LARGEST_RECORD = 254;
/** 1 January 2024, 00:00 GMT: years since 1900, month, day, hour, minute, second, offset in quarter hours. */
const RECORDED = [124, 1, 1, 0, 0, 0, 0];

interface PlannedRecord {
	node: Node;
	identifier: Uint8Array;
	/** System Use entries that fit into the record. */
	inline: Uint8Array[];
	/** Those that did not, and where they go in the continuation area. */
	rest: Uint8Array[];
	restAt: number;
	length: number;
}

interface PlannedDirectory {
	node: Node;
	identifier: Uint8Array;
	/** In path-table order, counted from 1. */
	number: number;
	parent: number;
	records: PlannedRecord[];
	size: number;
	extent: number;
}

export class Hierarchy {
	readonly directories: PlannedDirectory[] = [];
	readonly pathTableSize: number;
	/** Sectors of the continuation area. */
	readonly continuationSectors: number;
	pathTableL = 0;
	pathTableM = 0;
	continuationExtent = 0;
	#naming: Naming;
	#posix: boolean;
	#identifiers = new Map<Node, Uint8Array>();
	#continued = 0;

	constructor(root: Node, naming: Naming, posix: boolean) {
		this.#naming = naming;
		this.#posix = posix;
		this.#identify(root);
		this.#order(root);
		for (const directory of this.directories) this.#plan(directory);
		this.pathTableSize = this.directories.reduce(
			(sum, { identifier }) => sum + 8 + even(identifier.length),
			0,
		);
		this.continuationSectors = sectors(this.#continued);
	}

	/** Records path tables, directories and continuation area into the image. */
	record(image: Uint8Array): void {
		image.set(this.#pathTable(true), this.pathTableL * SECTOR);
		image.set(this.#pathTable(false), this.pathTableM * SECTOR);
		for (const directory of this.directories) this.#recordDirectory(image, directory);
	}

	/** The root's record as a volume descriptor holds it: 34 bytes, without System Use. */
	rootRecord(): Uint8Array {
		const root = this.directories[0];
		return directoryRecord(Uint8Array.of(0), root.extent, root.size, FLAG_DIRECTORY, 34);
	}

	#identify(node: Node): void {
		const children = node.children!;
		const identifiers = this.#naming.name(
			children.map((child) => ({ name: child.name, directory: !!child.children })),
		);
		for (const [index, child] of children.entries()) {
			this.#identifiers.set(child, identifiers[index]);
			if (child.children) this.#identify(child);
		}
	}

	/** ECMA-119 "Order of Path Table Records": by level, then parent's number, then identifier. */
	#order(root: Node): void {
		let level = [{ node: root, parent: 1 }];
		while (level.length) {
			const next: typeof level = [];
			for (const { node, parent } of level) {
				const number = this.directories.length + 1;
				const identifier = this.#identifiers.get(node) ?? Uint8Array.of(0);
				this.directories.push({ node, identifier, number, parent, records: [], size: 0, extent: 0 });
				const below = this.#sorted(node).filter((child) => child.children);
				next.push(...below.map((child) => ({ node: child, parent: number })));
			}
			level = next;
		}
		if (this.directories.length > 0xffff) throw new IsoError("more than 65535 directories");
	}

	#sorted(node: Node): Node[] {
		const identifier = (child: Node) => this.#identifiers.get(child)!;
		return [...node.children!].sort(
			(a, b) =>
				this.#naming.compare(identifier(a), identifier(b)) || compareBytes(identifier(a), identifier(b)),
		);
	}

	#plan(directory: PlannedDirectory): void {
		const { node } = directory;
		const add = (target: Node, role: Role, identifier: Uint8Array) =>
			directory.records.push(this.#planRecord(target, role, identifier));
		add(node, "self", Uint8Array.of(0));
		add(node.parent, "parent", Uint8Array.of(1));
		for (const child of this.#sorted(node)) add(child, "entry", this.#identifiers.get(child)!);
		directory.size = layRecords(directory.records).end;
	}

	#planRecord(node: Node, role: Role, identifier: Uint8Array): PlannedRecord {
		const base = even(DR.identifier + identifier.length);
		const inline = this.#posix ? systemUse(node, role) : [];
		const rest: Uint8Array[] = [];
		const size = (entries: Uint8Array[]) => entries.reduce((sum, entry) => sum + entry.length, 0);
		if (base + size(inline) > LARGEST_RECORD) {
			while (base + size(inline) + CE_LENGTH > LARGEST_RECORD) rest.unshift(inline.pop()!);
		}
		const restAt = this.#reserve(size(rest), node);
		return {
			node,
			identifier,
			inline,
			rest,
			restAt,
			length: even(base + size(inline) + (rest.length ? CE_LENGTH : 0)),
		};
	}

	/** A place in the continuation area. SUSP "CE": an area does not cross a sector. */
	#reserve(length: number, node: Node): number {
		if (length > SECTOR) throw new IsoError(`${pathOf(node)} needs more than a sector of Rock Ridge entries`);
		if ((this.#continued % SECTOR) + length > SECTOR) this.#continued = sectors(this.#continued) * SECTOR;
		const at = this.#continued;
		this.#continued += length;
		return at;
	}

	#recordDirectory(image: Uint8Array, directory: PlannedDirectory): void {
		const { offsets } = layRecords(directory.records);
		for (const [index, planned] of directory.records.entries()) {
			image.set(this.#record(image, planned), directory.extent * SECTOR + offsets[index]);
		}
	}

	#record(image: Uint8Array, { node, identifier, inline, rest, restAt, length }: PlannedRecord): Uint8Array {
		const target = node.children ? this.directories.find((directory) => directory.node === node)! : undefined;
		const [extent, size, flags] = target
			? [target.extent, target.size, FLAG_DIRECTORY]
			: [node.extent, node.bytes.length, 0];
		const record = directoryRecord(identifier, extent, size, flags, length);
		const entries = [...inline];
		if (rest.length) {
			const bytes = concatenate(rest);
			entries.push(
				continuation(this.continuationExtent + Math.floor(restAt / SECTOR), restAt % SECTOR, bytes.length),
			);
			image.set(bytes, this.continuationExtent * SECTOR + restAt);
		}
		record.set(concatenate(entries), even(DR.identifier + identifier.length));
		return record;
	}

	/** ECMA-119 "Format of a Path Table Record"; type L is little-endian, type M big-endian. */
	#pathTable(littleEndian: boolean): Uint8Array {
		const table = new Uint8Array(this.pathTableSize);
		const view = viewOf(table);
		let at = 0;
		for (const { identifier, extent, parent } of this.directories) {
			table[at] = identifier.length;
			view.setUint32(at + 2, extent, littleEndian);
			view.setUint16(at + 6, parent, littleEndian);
			table.set(identifier, at + 8);
			at += 8 + even(identifier.length);
		}
		return table;
	}
}

function directoryRecord(
	identifier: Uint8Array,
	extent: number,
	size: number,
	flags: number,
	length: number,
): Uint8Array {
	const record = new Uint8Array(length);
	record[DR.length] = length;
	both32(record, DR.extent, extent);
	both32(record, DR.dataLength, size);
	record.set(RECORDED, DR.date);
	record[DR.flags] = flags;
	both16(record, DR.volumeSequence, 1);
	record[DR.identifierLength] = identifier.length;
	record.set(identifier, DR.identifier);
	return record;
}

/** Places records one after the other; none crosses a sector. `end` is a whole number of sectors. */
function layRecords(records: readonly PlannedRecord[]): { offsets: number[]; end: number } {
	let at = 0;
	const offsets = records.map(({ length }) => {
		if ((at % SECTOR) + length > SECTOR) at = sectors(at) * SECTOR;
		at += length;
		return at - length;
	});
	return { offsets, end: sectors(at) * SECTOR };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}

function even(length: number): number {
	return length + (length & 1);
}

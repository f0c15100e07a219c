/**
 * Reads ISO 9660 volumes: what is on them, and a file by its path, under any of the names that the volume gives.
 *
 * Not read: multi-extent files, interleaving, extended attribute records, symbolic links (listed as empty files),
 * volumes of several sessions beyond the first.
 */
import { type BootImage, readBootImage } from "./el-torito.ts";
import {
	DR,
	FIRST_DESCRIPTOR,
	FLAG_DIRECTORY,
	FLAG_MULTI_EXTENT,
	IsoError,
	SECTOR,
	STANDARD_IDENTIFIER,
	VD,
	VD_PRIMARY,
	VD_SUPPLEMENTARY,
	VD_TERMINATOR,
	viewOf,
} from "./iso9660.ts";

/** Whose names are used. */
export type Names = "rock-ridge" | "joliet" | "primary";

export interface IsoEntry {
	/** "/boot/kernel.elf" */
	path: string;
	directory: boolean;
	/** Bytes of a file's data. */
	size: number;
	/** First sector. */
	extent: number;
	/** POSIX mode, where Rock Ridge tells it. */
	mode?: number;
}

/** More continuation areas than any name needs: a loop. */
const AREAS = 16;
const NM_DOTS = 6;

interface Descriptor {
	bytes: Uint8Array;
	joliet: boolean;
}

export class Iso {
	/** Volume identifier, without its padding. */
	readonly volume: string;
	/** Which names the paths are made of. */
	readonly names: Names;
	/** What a BIOS would boot. */
	readonly boot: BootImage | undefined;
	/** Everything on the volume; a directory comes before what it holds. */
	readonly entries: readonly IsoEntry[];
	#bytes: Uint8Array;
	#skip = 0;
	#walked = new Set<number>();

	/**
	 * @param names default: the best that the volume has: Rock Ridge, then Joliet, then primary
	 * @throws IsoError if it is no ISO 9660 volume, is damaged, or does not have these names
	 */
	constructor(bytes: Uint8Array, names?: Names) {
		this.#bytes = bytes;
		const descriptors = this.#descriptors();
		const primary = descriptors.find(({ joliet }) => !joliet);
		const joliet = descriptors.find((descriptor) => descriptor.joliet);
		if (!primary) throw new IsoError("not an ISO 9660 volume");
		const skip = this.#susp(extentOf(primary.bytes, VD.rootRecord));
		this.#skip = skip ?? 0;
		this.names = names ?? (skip !== undefined ? "rock-ridge" : joliet ? "joliet" : "primary");
		if ((this.names === "rock-ridge" && skip === undefined) || (this.names === "joliet" && !joliet)) {
			throw new IsoError(`the volume has no ${this.names} names`);
		}
		this.volume = latin(primary.bytes.subarray(VD.volumeIdentifier, VD.volumeIdentifier + 32)).trimEnd();
		this.boot = readBootImage(bytes);
		const root = this.names === "joliet" ? joliet! : primary;
		this.entries = [
			...this.#walk("", extentOf(root.bytes, VD.rootRecord), sizeOf(root.bytes, VD.rootRecord)),
		];
	}

	/** The entry at a path, which may begin with "/"; undefined if there is none. */
	find(path: string): IsoEntry | undefined {
		const wanted = path.startsWith("/") ? path : `/${path}`;
		return this.entries.find((entry) => entry.path === wanted);
	}

	/** A file's bytes, a view of the image. @throws IsoError if there is no such file */
	read(path: string): Uint8Array {
		const entry = this.find(path);
		if (!entry) throw new IsoError(`${path}: no such file on the volume`);
		if (entry.directory) throw new IsoError(`${path}: is a directory`);
		return this.#slice(entry.extent * SECTOR, entry.size);
	}

	#slice(at: number, length: number): Uint8Array {
		if (at + length > this.#bytes.length) throw new IsoError("the image is truncated");
		return this.#bytes.subarray(at, at + length);
	}

	#descriptors(): Descriptor[] {
		const found: Descriptor[] = [];
		for (let sector = FIRST_DESCRIPTOR; (sector + 1) * SECTOR <= this.#bytes.length; sector++) {
			const bytes = this.#slice(sector * SECTOR, SECTOR);
			const type = bytes[VD.type];
			if (latin(bytes.subarray(1, 6)) !== STANDARD_IDENTIFIER || type === VD_TERMINATOR) break;
			const escapes = latin(bytes.subarray(VD.escapeSequences, VD.escapeSequences + 3));
			if (type === VD_PRIMARY) found.push({ bytes, joliet: false });
			if (type === VD_SUPPLEMENTARY && /^%\/[@CE]/.test(escapes)) found.push({ bytes, joliet: true });
		}
		return found;
	}

	/** SUSP "SP" in the root's own record: how many bytes to skip in every other; undefined without Rock Ridge. */
	#susp(root: number): number | undefined {
		const use = this.#slice(root * SECTOR, SECTOR).subarray(DR.identifier + 1);
		return use[0] === 0x53 && use[1] === 0x50 && use[4] === 0xbe && use[5] === 0xef ? use[6] : undefined;
	}

	*#walk(path: string, extent: number, size: number): Generator<IsoEntry> {
		if (this.#walked.has(extent)) throw new IsoError("a directory of the volume holds itself");
		this.#walked.add(extent);
		for (const record of records(this.#slice(extent * SECTOR, size))) {
			const entry = this.#entry(path, record);
			yield entry;
			if (entry.directory) yield* this.#walk(entry.path, entry.extent, entry.size);
		}
	}

	#entry(path: string, record: Uint8Array): IsoEntry {
		const identifier = record.subarray(DR.identifier, DR.identifier + record[DR.identifierLength]);
		if (record[DR.flags] & FLAG_MULTI_EXTENT) throw new IsoError(`${path} holds a file of several extents`);
		const posix = this.names === "rock-ridge" ? this.#posix(record) : {};
		const plain = this.names === "joliet" ? utf16(identifier) : latin(identifier);
		const name = posix.name ?? plain.replace(/;\d+$/, "").replace(/\.$/, "");
		const directory = (record[DR.flags] & FLAG_DIRECTORY) !== 0;
		return {
			path: `${path}/${name}`,
			directory,
			size: sizeOf(record, 0),
			extent: extentOf(record, 0),
			mode: posix.mode,
		};
	}

	#posix(record: Uint8Array): { name?: string; mode?: number } {
		const fixed = DR.identifier + record[DR.identifierLength];
		let name: number[] = [];
		let mode: number | undefined;
		let area: Uint8Array | undefined = record.subarray(fixed + (fixed & 1) + this.#skip);
		for (let areas = 0; area && areas < AREAS; areas++) {
			let next: Uint8Array | undefined;
			for (const entry of suspEntries(area)) {
				const signature = latin(entry.subarray(0, 2));
				const view = viewOf(entry);
				if (signature === "NM" && !(entry[4] & NM_DOTS)) name = name.concat([...entry.subarray(5)]);
				if (signature === "PX") mode = view.getUint32(4, true);
				if (signature === "CE") {
					const at = view.getUint32(4, true) * SECTOR + view.getUint32(12, true);
					next = this.#slice(at, view.getUint32(20, true));
				}
			}
			area = next;
		}
		return {
			name: name.length
				? new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(name))
				: undefined,
			mode,
		};
	}
}

/** The records of a directory, without its first two: itself and its parent. */
function* records(directory: Uint8Array): Generator<Uint8Array> {
	let number = 0;
	for (let at = 0; at < directory.length; ) {
		const length = directory[at];
		if (length === 0) {
			at = (Math.floor(at / SECTOR) + 1) * SECTOR;
			continue;
		}
		if (length < DR.identifier + directory[at + DR.identifierLength])
			throw new IsoError("a directory is damaged");
		if (number++ >= 2) yield directory.subarray(at, at + length);
		at += length;
	}
}

function* suspEntries(area: Uint8Array): Generator<Uint8Array> {
	for (let at = 0; at + 4 <= area.length && area[at + 2] >= 4; at += area[at + 2]) {
		const entry = area.subarray(at, at + area[at + 2]);
		if (latin(entry.subarray(0, 2)) === "ST") return;
		yield entry;
	}
}

function extentOf(bytes: Uint8Array, at: number): number {
	return viewOf(bytes).getUint32(at + DR.extent, true);
}

function sizeOf(bytes: Uint8Array, at: number): number {
	return viewOf(bytes).getUint32(at + DR.dataLength, true);
}

function latin(bytes: Uint8Array): string {
	return String.fromCharCode(...bytes);
}

function utf16(bytes: Uint8Array): string {
	const view = viewOf(bytes);
	return Array.from({ length: bytes.length >> 1 }, (_, i) =>
		String.fromCharCode(view.getUint16(i * 2, false)),
	).join("");
}

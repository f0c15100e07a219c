// What a user names as a disk, a disc or a kernel: a path, bytes or an image; and what it turns out to be.

import { findMultibootHeader } from "../machine/multiboot.ts";
import type { BlockImage } from "../machine/types.ts";
import { type Host, type HostFile, InputError } from "./host.ts";

export type Source = string | Uint8Array | BlockImage;

export type ImageKind = "iso" | "kernel" | "elf" | "disk";

/** ECMA-119, "Volume Descriptor Set": the first one, in sector 16. */
const VOLUME_DESCRIPTOR = 16 * 2048;
const STANDARD_IDENTIFIER = "CD001";
const SECTOR = 512;
const MBR_SIGNATURE = [0x55, 0xaa];
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];

/** Files that the machine keeps open; all are closed together. */
export class Media {
	readonly #host: Host;
	readonly #open: HostFile[] = [];

	constructor(host: Host) {
		this.#host = host;
	}

	/** Anything, unseen. */
	open(source: Source): BlockImage {
		return this.#image(source, false);
	}

	/** A disc for the CD-ROM drive. @throws InputError where it is none */
	disc(source: Source): BlockImage {
		const image = this.#image(source, false);
		if (kindOf(image) !== "iso") throw new InputError(`${nameOf(source)} is not an ISO image`);
		return image;
	}

	/**
	 * A hard disk's image.
	 * @param keepWrites false: what the guest writes is kept in memory and forgotten
	 * @throws InputError where it is empty
	 */
	disk(source: Source, keepWrites: boolean): BlockImage {
		const image = this.#image(source, keepWrites);
		if (image.size < SECTOR) throw new InputError(`${nameOf(source)} is smaller than one sector`);
		return keepWrites && image.write ? image : overlay(image);
	}

	/** Any of the kinds. @throws InputError where it is none of them */
	detect(source: Source): { kind: ImageKind; image: BlockImage } {
		const image = this.#image(source, false);
		const kind = kindOf(image);
		if (!kind) throw new InputError(`${nameOf(source)} is no ISO image, no kernel and no disk image`);
		return { kind, image };
	}

	close(): void {
		for (const file of this.#open.splice(0)) file.close();
	}

	#image(source: Source, writable: boolean): BlockImage {
		if (source instanceof Uint8Array) return bytesImage(source);
		if (typeof source !== "string") return source;
		const file = this.#host.openFile(source, writable);
		this.#open.push(file);
		return {
			size: file.size,
			read: (offset, length) => padded(file.read(offset, length), length),
			write: writable ? (offset, bytes) => file.write(offset, bytes) : undefined,
		};
	}
}

/** An image in memory, which the guest may write. */
export function bytesImage(bytes: Uint8Array): BlockImage {
	return {
		size: bytes.length,
		read: (offset, length) => padded(bytes.slice(offset, offset + length), length),
		write: (offset, data) => bytes.set(data, offset),
	};
}

/** Writes stay in memory, by sector; the image below is not touched. */
export function overlay(below: BlockImage): BlockImage {
	const written = new Map<number, Uint8Array>();
	const sector = (number: number) => written.get(number) ?? below.read(number * SECTOR, SECTOR);
	return {
		size: below.size,
		read(offset, length) {
			const bytes = below.read(offset, length);
			forSectors(offset, length, (number, at, from, count) => {
				const data = written.get(number);
				if (data) bytes.set(data.subarray(from, from + count), at);
			});
			return bytes;
		},
		write(offset, bytes) {
			forSectors(offset, bytes.length, (number, at, from, count) => {
				const data = Uint8Array.from(sector(number));
				data.set(bytes.subarray(at, at + count), from);
				written.set(number, data);
			});
		},
	};
}

/** What the contents say. */
export function kindOf(image: BlockImage): ImageKind | undefined {
	const start = image.read(0, Math.min(image.size, 8192));
	if (image.size > VOLUME_DESCRIPTOR + SECTOR) {
		const identifier = image.read(VOLUME_DESCRIPTOR + 1, STANDARD_IDENTIFIER.length);
		if (String.fromCharCode(...identifier) === STANDARD_IDENTIFIER) return "iso";
	}
	if (findMultibootHeader(start)) return "kernel";
	if (starts(start, 0, ELF_MAGIC)) return "elf";
	return starts(start, SECTOR - 2, MBR_SIGNATURE) ? "disk" : undefined;
}

function starts(bytes: Uint8Array, at: number, wanted: number[]): boolean {
	return wanted.every((byte, i) => bytes[at + i] === byte);
}

/** A disk image need not end on a sector boundary; what is missing reads as zeros. */
function padded(bytes: Uint8Array, length: number): Uint8Array {
	if (bytes.length === length) return bytes;
	const whole = new Uint8Array(length);
	whole.set(bytes);
	return whole;
}

type SectorPart = (sector: number, at: number, from: number, count: number) => void;

/** Calls `part` for each sector in the range: its number, where it lies in the range, and which of its bytes. */
function forSectors(offset: number, length: number, part: SectorPart): void {
	for (let at = 0; at < length; ) {
		const from = (offset + at) % SECTOR;
		const count = Math.min(SECTOR - from, length - at);
		part(Math.floor((offset + at) / SECTOR), at, from, count);
		at += count;
	}
}

export function nameOf(source: Source): string {
	return typeof source === "string" ? source : "the image";
}

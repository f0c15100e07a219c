// Multiboot 1 kernels as files (Multiboot Specification 0.6.96, "The layout of Multiboot header"): where the header
// is, what it asks for, and which bytes go where. A kernel is placed by its ELF program headers, or by
// the addresses in its header where bit 16 of its flags says so.

import { type Elf, ElfError, type ElfSegment, EM_386, EM_X86_64, PT_LOAD, readElf } from "../image/elf.ts";

const MAGIC = 0x1badb002;
/** The header lies whole within this much of the file, 4-byte aligned. */
const SEARCHED = 8192;
const HEADER = {
	magic: 0,
	flags: 4,
	checksum: 8,
	header: 12,
	load: 16,
	loadEnd: 20,
	bssEnd: 24,
	entry: 28,
} as const;
/** Bits 0..15 are demands; of these it is known how to meet alignment, memory and video information. */
const UNKNOWN_DEMANDS = 0xfff8;
const HAS_ADDRESSES = 1 << 16;

/** A piece of the kernel in physical memory; `size` beyond the bytes is zeroed. */
export interface LoadSegment {
	address: number;
	bytes: Uint8Array;
	size: number;
}

export interface MultibootImage {
	segments: LoadSegment[];
	/** Physical address of the first instruction. */
	entry: number;
}

/** The kernel cannot be loaded; the message says why. */
export class MultibootError extends Error {}

/** The header's offset and flags, if there is one. */
export function findMultibootHeader(file: Uint8Array): { offset: number; flags: number } | undefined {
	const view = viewOf(file);
	for (let offset = 0; offset + 12 <= Math.min(file.length, SEARCHED); offset += 4) {
		if (view.getUint32(offset + HEADER.magic, true) !== MAGIC) continue;
		const flags = view.getUint32(offset + HEADER.flags, true);
		if ((MAGIC + flags + view.getUint32(offset + HEADER.checksum, true)) >>> 0 === 0)
			return { offset, flags };
	}
	return undefined;
}

/** @throws MultibootError */
export function readMultibootImage(file: Uint8Array): MultibootImage {
	const header = findMultibootHeader(file);
	if (!header) throw new MultibootError("it has no Multiboot header in its first 8 KiB");
	if (header.flags & UNKNOWN_DEMANDS) {
		throw new MultibootError(
			`its header demands features that are not known: flags 0x${header.flags.toString(16)}`,
		);
	}
	return header.flags & HAS_ADDRESSES ? byAddresses(file, header.offset) : byProgramHeaders(file);
}

function byAddresses(file: Uint8Array, offset: number): MultibootImage {
	if (offset + 32 > file.length) throw new MultibootError("its header ends behind the end of the file");
	const view = viewOf(file);
	const field = (at: number) => view.getUint32(offset + at, true);
	const load = field(HEADER.load);
	const start = offset - (field(HEADER.header) - load);
	const loaded = field(HEADER.loadEnd) === 0 ? file.length - start : field(HEADER.loadEnd) - load;
	if (start < 0 || loaded < 0 || start + loaded > file.length) {
		throw new MultibootError("its header's addresses lie outside the file");
	}
	const size = Math.max(loaded, field(HEADER.bssEnd) === 0 ? 0 : field(HEADER.bssEnd) - load);
	const segment = { address: load, bytes: file.subarray(start, start + loaded), size };
	return { segments: [segment], entry: field(HEADER.entry) };
}

/** What may be entered in 32-bit protected mode; EM_X86_64 as GRUB takes it. */
const MACHINES = [EM_386, EM_X86_64];

function byProgramHeaders(file: Uint8Array): MultibootImage {
	const { machine, segments, entry } = elfOf(file);
	if (!MACHINES.includes(machine)) throw new MultibootError("it is not for an x86 processor");
	const loaded = segments.filter((segment) => segment.type === PT_LOAD && segment.memsz > 0);
	if (loaded.length === 0) throw new MultibootError("its ELF file has nothing to load");
	return { segments: loaded.map((segment) => segmentOf(file, segment)), entry: physicalEntry(loaded, entry) };
}

function elfOf(file: Uint8Array): Elf {
	try {
		return readElf(file);
	} catch (error) {
		if (error instanceof ElfError) throw new MultibootError(error.message);
		throw error;
	}
}

function segmentOf(file: Uint8Array, { offset, filesz, memsz, paddr }: ElfSegment): LoadSegment {
	if (offset + filesz > file.length) throw new MultibootError("the file is truncated");
	const bytes = file.subarray(offset, offset + filesz);
	return { address: Number(paddr), bytes, size: Math.max(memsz, filesz) };
}

/** e_entry is a virtual address; a kernel linked high is still entered where it was placed. */
function physicalEntry(segments: ElfSegment[], entry: bigint): number {
	const home = segments.find(({ vaddr, memsz }) => entry >= vaddr && entry < vaddr + BigInt(memsz));
	return Number(home ? entry - home.vaddr + home.paddr : entry);
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

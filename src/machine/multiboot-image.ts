// Multiboot 1 kernels as files (Multiboot Specification 0.6.96, "The layout of Multiboot header"): where the header
// is, what it asks for, and which bytes go where. A kernel is placed by its ELF program headers, or by
// the addresses in its header where bit 16 of its flags says so.

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

const ELF_MAGIC = 0x464c457f;
const ELFCLASS64 = 2;
const PT_LOAD = 1;
const MACHINES = new Map([
	[1, 3], // ELFCLASS32: EM_386
	[2, 62], // ELFCLASS64: EM_X86_64, as GRUB takes it
]);

interface ProgramHeader {
	offset: number;
	virtual: bigint;
	physical: number;
	fileSize: number;
	memorySize: number;
}

function byProgramHeaders(file: Uint8Array): MultibootImage {
	const view = viewOf(file);
	const elfClass = file[4];
	if (file.length < 64 || view.getUint32(0, true) !== ELF_MAGIC)
		throw new MultibootError("it is not an ELF file");
	if (MACHINES.get(elfClass) !== view.getUint16(18, true))
		throw new MultibootError("it is not for an x86 processor");
	const headers = elfClass === ELFCLASS64 ? headers64(view) : headers32(view);
	if (headers.length === 0) throw new MultibootError("its ELF file has nothing to load");
	const entry = elfClass === ELFCLASS64 ? view.getBigUint64(24, true) : BigInt(view.getUint32(24, true));
	return { segments: headers.map((header) => segmentOf(file, header)), entry: physicalEntry(headers, entry) };
}

function headers32(view: DataView): ProgramHeader[] {
	return programHeaders(
		view,
		view.getUint32(28, true),
		view.getUint16(42, true),
		view.getUint16(44, true),
		(at) => ({
			offset: view.getUint32(at + 4, true),
			virtual: BigInt(view.getUint32(at + 8, true)),
			physical: view.getUint32(at + 12, true),
			fileSize: view.getUint32(at + 16, true),
			memorySize: view.getUint32(at + 20, true),
		}),
	);
}

function headers64(view: DataView): ProgramHeader[] {
	const word = (at: number) => Number(view.getBigUint64(at, true));
	return programHeaders(view, word(32), view.getUint16(54, true), view.getUint16(56, true), (at) => ({
		offset: word(at + 8),
		virtual: view.getBigUint64(at + 16, true),
		physical: word(at + 24),
		fileSize: word(at + 32),
		memorySize: word(at + 40),
	}));
}

function programHeaders(
	view: DataView,
	start: number,
	entrySize: number,
	count: number,
	read: (at: number) => ProgramHeader,
): ProgramHeader[] {
	if (start + entrySize * count > view.byteLength)
		throw new MultibootError("its program headers lie outside the file");
	const places = Array.from({ length: count }, (_, i) => start + i * entrySize);
	const loaded = places.filter((at) => view.getUint32(at, true) === PT_LOAD).map(read);
	return loaded.filter((header) => header.memorySize > 0);
}

function segmentOf(file: Uint8Array, header: ProgramHeader): LoadSegment {
	if (header.offset + header.fileSize > file.length) throw new MultibootError("the file is truncated");
	const bytes = file.subarray(header.offset, header.offset + header.fileSize);
	return { address: header.physical, bytes, size: Math.max(header.memorySize, header.fileSize) };
}

/** e_entry is a virtual address; a kernel linked high is still entered where it was placed. */
function physicalEntry(headers: ProgramHeader[], entry: bigint): number {
	const home = headers.find(
		(header) => entry >= header.virtual && entry < header.virtual + BigInt(header.memorySize),
	);
	return home ? Number(entry - home.virtual) + home.physical : Number(entry);
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

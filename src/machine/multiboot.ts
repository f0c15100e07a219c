// Starting a Multiboot 1 kernel without a boot loader (`-kernel`). The BIOS runs first, so that the kernel finds the
// machine as a boot loader would leave it: interrupt controllers, video and memory map are set up. It boots a disc made
// here, whose few bytes of code ask INT 15h for the memory map and end the run through port F4h. Then the kernel and its modules are placed,
// the information structure is written, and the processor is put where the specification wants it
// (Multiboot Specification 0.6.96, "I386 machine state" and "Boot information format").

import type { Registers, Segment } from "../bus/processor.ts";
import { writeIso } from "../image/iso-writer.ts";
import { type LoadSegment, MultibootError, readMultibootImage } from "./multiboot-image.ts";
import type { Machine } from "./types.ts";

export { findMultibootHeader, MultibootError } from "./multiboot-image.ts";

export interface MultibootModule {
	/** Its name and arguments. */
	commandLine: string;
	bytes: Uint8Array;
}

export interface MultibootOptions {
	commandLine: string;
	modules: MultibootModule[];
}

const BOOT_ADDRESS = 0x7c00;
const MAP_ADDRESS = 0x8000;
const MAP_ENTRY = 20;
/** Where the information structure goes, followed by the text and tables that it points to. */
const INFO_ADDRESS = 0x9000;
const INFO_LIMIT = 0x80000;
const PAGE = 0x1000;
const RDI = 7;

// biome-ignore format: one instruction a line
const HANDOFF_CODE = Uint8Array.of(
	0x31, 0xc0,                          //      xor  ax, ax
	0x8e, 0xc0,                          //      mov  es, ax
	0x66, 0x31, 0xdb,                    //      xor  ebx, ebx
	0xbf, 0x00, 0x80,                    //      mov  di, 8000h
	0x66, 0xb8, 0x20, 0xe8, 0x00, 0x00,  // next mov  eax, 0000e820h
	0x66, 0xb9, 0x14, 0x00, 0x00, 0x00,  //      mov  ecx, 20
	0x66, 0xba, 0x50, 0x41, 0x4d, 0x53,  //      mov  edx, "SMAP"
	0xcd, 0x15,                          //      int  15h
	0x72, 0x08,                          //      jc   done
	0x83, 0xc7, 0x14,                    //      add  di, 20
	0x66, 0x85, 0xdb,                    //      test ebx, ebx
	0x75, 0xe2,                          //      jnz  next
	0xfa,                                // done cli
	0xe6, 0xf4,                          //      out  f4h, al
);

/** The disc from which the BIOS boots before a kernel is placed. */
export function handoffDisc(): Uint8Array {
	const bootImage = new Uint8Array(2048);
	bootImage.set(HANDOFF_CODE);
	return writeIso([], { bootImage, volume: "HANDOFF" });
}

/** Whether the processor is at the end of the disc's code. */
export function atHandoff(registers: Registers): boolean {
	return registers.rip + registers.segments[1].base === BigInt(BOOT_ADDRESS + HANDOFF_CODE.length);
}

/**
 * Places a kernel in a machine that has stopped at the hand-off, ready to run.
 * @throws MultibootError where the kernel is none, or does not fit
 */
export function startMultiboot(machine: Machine, kernel: Uint8Array, options: MultibootOptions): void {
	const map = memoryMap(machine);
	const { segments, entry } = readMultibootImage(kernel);
	for (const segment of segments) placeSegment(machine, segment, map);
	const top = Math.max(...segments.map((segment) => segment.address + segment.size));
	const modules = placeModules(machine, options.modules, top, map);
	machine.memory.write(INFO_ADDRESS, new Information(map, options.commandLine, modules).bytes());
	enter(machine, entry);
}

interface MapEntry {
	base: number;
	length: number;
	/** 1 is RAM. */
	type: number;
	raw: Uint8Array;
}

interface PlacedModule {
	start: number;
	end: number;
	commandLine: string;
}

/** What INT 15h, AX=E820h answered. */
function memoryMap(machine: Machine): MapEntry[] {
	const end = Number(machine.processor.registers().general[RDI] & 0xffffn);
	const entries: MapEntry[] = [];
	for (let at = MAP_ADDRESS; at < end; at += MAP_ENTRY) {
		const raw = machine.memory.read(at, MAP_ENTRY);
		const view = new DataView(raw.buffer, raw.byteOffset);
		const base = Number(view.getBigUint64(0, true));
		entries.push({ base, length: Number(view.getBigUint64(8, true)), type: view.getUint32(16, true), raw });
	}
	return entries;
}

function placeSegment(machine: Machine, segment: LoadSegment, map: MapEntry[]): void {
	const { address, bytes, size } = segment;
	if (!isRam(map, address, size)) {
		const range = `0x${address.toString(16)} to 0x${(address + size).toString(16)}`;
		throw new MultibootError(
			`it wants to lie at ${range}, where there is no free memory; give the machine more with -m`,
		);
	}
	if (address < INFO_LIMIT && address + size > INFO_ADDRESS) {
		throw new MultibootError(`it wants to lie at 0x${address.toString(16)}, where the boot information goes`);
	}
	machine.memory.write(address, bytes);
	if (size > bytes.length) machine.memory.write(address + bytes.length, new Uint8Array(size - bytes.length));
}

function placeModules(
	machine: Machine,
	modules: MultibootModule[],
	top: number,
	map: MapEntry[],
): PlacedModule[] {
	let next = top;
	return modules.map(({ bytes, commandLine }) => {
		const start = Math.ceil(next / PAGE) * PAGE;
		next = start + bytes.length;
		if (!isRam(map, start, bytes.length))
			throw new MultibootError(`there is no memory for its module ${commandLine}`);
		machine.memory.write(start, bytes);
		return { start, end: next, commandLine };
	});
}

function isRam(map: MapEntry[], address: number, size: number): boolean {
	return map.some((e) => e.type === 1 && address >= e.base && address + size <= e.base + e.length);
}

const FLAGS = { memory: 1 << 0, commandLine: 1 << 2, modules: 1 << 3, memoryMap: 1 << 6, loaderName: 1 << 9 };
const INFO = {
	flags: 0,
	memoryLower: 4,
	memoryUpper: 8,
	commandLine: 16,
	modulesCount: 20,
	modulesAddress: 24,
	mapLength: 44,
	mapAddress: 48,
	loaderName: 64,
	size: 116,
} as const;
const LOADER_NAME = "Gantry";
const MIB = 1 << 20;

/** The information structure and everything it points to, laid out from INFO_ADDRESS. */
class Information {
	readonly #bytes = new Uint8Array(INFO_LIMIT - INFO_ADDRESS);
	readonly #view = new DataView(this.#bytes.buffer);
	#used: number = INFO.size;

	constructor(map: MapEntry[], commandLine: string, modules: PlacedModule[]) {
		const { memory, commandLine: hasCommandLine, modules: hasModules, memoryMap, loaderName } = FLAGS;
		this.#set(INFO.flags, memory | hasCommandLine | hasModules | memoryMap | loaderName);
		this.#set(INFO.memoryLower, ramFrom(map, 0) / 1024);
		this.#set(INFO.memoryUpper, ramFrom(map, MIB) / 1024);
		this.#set(INFO.commandLine, this.#text(commandLine));
		this.#set(INFO.modulesCount, modules.length);
		this.#set(INFO.modulesAddress, this.#modules(modules));
		this.#set(INFO.mapLength, map.length * (MAP_ENTRY + 4));
		this.#set(INFO.mapAddress, this.#map(map));
		this.#set(INFO.loaderName, this.#text(LOADER_NAME));
	}

	bytes(): Uint8Array {
		return this.#bytes.slice(0, this.#used);
	}

	#modules(modules: PlacedModule[]): number {
		const texts = modules.map((module) => this.#text(module.commandLine));
		const at = this.#take(modules.length * 16);
		for (const [i, { start, end }] of modules.entries()) {
			const entry = at - INFO_ADDRESS + i * 16;
			for (const [field, value] of [start, end, texts[i], 0].entries()) this.#set(entry + field * 4, value);
		}
		return at;
	}

	/** Each entry is preceded by its size, which does not count itself. */
	#map(map: MapEntry[]): number {
		const at = this.#take(map.length * (MAP_ENTRY + 4));
		for (const [i, { raw }] of map.entries()) {
			const entry = at - INFO_ADDRESS + i * (MAP_ENTRY + 4);
			this.#set(entry, MAP_ENTRY);
			this.#bytes.set(raw, entry + 4);
		}
		return at;
	}

	#text(text: string): number {
		const bytes = new TextEncoder().encode(`${text}\0`);
		const at = this.#take(bytes.length);
		this.#bytes.set(bytes, at - INFO_ADDRESS);
		return at;
	}

	/** Room for `size` bytes; returns its physical address. */
	#take(size: number): number {
		const at = Math.ceil(this.#used / 8) * 8;
		if (at + size > this.#bytes.length) throw new MultibootError("its command line is too long");
		this.#used = at + size;
		return INFO_ADDRESS + at;
	}

	#set(offset: number, value: number): void {
		this.#view.setUint32(offset, value, true);
	}
}

/** Bytes of RAM that lie in one piece from `base` on. */
function ramFrom(map: MapEntry[], base: number): number {
	const entry = map.find((e) => e.type === 1 && base >= e.base && base < e.base + e.length);
	return entry ? Math.floor((entry.base + entry.length - base) / 1024) * 1024 : 0;
}

const BOOT_MAGIC = 0x2badb002n;
const CR0_PE_ET = 0x11n;
const RFLAGS_FIXED = 2n;
const CODE: Segment = { selector: 0x08, base: 0n, limit: 0xffffffff, attributes: 0xc09b };
const DATA: Segment = { selector: 0x10, base: 0n, limit: 0xffffffff, attributes: 0xc093 };

/** "I386 machine state": flat 32-bit segments, paging off, interrupts off, A20 on. */
function enter(machine: Machine, entry: number): void {
	const registers = machine.processor.registers();
	registers.general = registers.general.map(() => 0n);
	registers.general[0] = BOOT_MAGIC;
	registers.general[3] = BigInt(INFO_ADDRESS);
	registers.rip = BigInt(entry);
	registers.rflags = RFLAGS_FIXED;
	registers.segments = [DATA, CODE, DATA, DATA, DATA, DATA].map((segment) => ({ ...segment }));
	registers.cr0 = CR0_PE_ET;
	machine.processor.a20(true);
	machine.processor.setRegisters(registers);
}

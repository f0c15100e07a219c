/**
 * QEMU's firmware configuration device, by which SeaBIOS learns about the machine.
 * QEMU, docs/specs/fw_cfg.
 *
 *   510  selector (word, write)     511  data, a byte a read
 *   514  DMA address, high half     518  low half: a write starts; big-endian. Reads: "QEMU CFG"
 *
 *   item 0 signature "QEMU"   1 features (1 items, 2 DMA)   3 RAM size   5 CPUs   e boot menu   f most CPUs
 *   19 directory of files, which have the items from 20 on
 *
 * Not emulated: writing items (DMA writes answer with the error bit).
 */
import type { Bus } from "../bus/bus.ts";
import type { Device } from "../bus/device.ts";
import type { PhysicalMemory } from "../bus/memory.ts";

const ITEM_SIGNATURE = 0x00;
const ITEM_FEATURES = 0x01;
const ITEM_RAM_SIZE = 0x03;
const ITEM_CPUS = 0x05;
const ITEM_BOOT_MENU = 0x0e;
const ITEM_MAX_CPUS = 0x0f;
const ITEM_DIRECTORY = 0x19;
const ITEM_FILES = 0x20;
const FEATURES_DMA = 3;
/** Selector bit 14 once meant "write"; it never names an item. */
const ITEM_MASK = 0xbfff;

const DMA_ERROR = 0x01;
const DMA_READ = 0x02;
const DMA_SKIP = 0x04;
const DMA_SELECT = 0x08;
const DMA_WRITE = 0x10;
const DMA_SIGNATURE = "QEMU CFG";
const NAME_LENGTH = 56;

const E820_RAM = 1;

export interface FwCfgOptions {
	/** Bytes of RAM. */
	ram: number;
	/** Further files by name, such as "bootorder". */
	files?: Record<string, Uint8Array>;
}

export interface FwCfgPorts {
	selector: number;
	dma: number;
}

export class FwCfg implements Device {
	readonly name: string;
	readonly state = { item: 0, offset: 0, dmaHigh: 0 };
	#ports: FwCfgPorts;
	#memory: PhysicalMemory;
	#items: Map<number, Uint8Array>;

	constructor(name: string, ports: FwCfgPorts, memory: PhysicalMemory, options: FwCfgOptions) {
		this.name = name;
		this.#ports = ports;
		this.#memory = memory;
		this.#items = items(options);
	}

	attach(bus: Bus): void {
		const selector = {
			read: (offset: number) => (offset === 1 ? this.#nextByte() : 0),
			write: (offset: number, value: number, size: number) => {
				if (offset === 0 && size === 2) this.#select(value);
			},
		};
		bus.ports(this.name, this.#ports.selector, 2, selector, 2);
		const dma = {
			read: (offset: number, size: number) => {
				let value = 0;
				for (let i = size - 1; i >= 0; i--) value = (value << 8) | DMA_SIGNATURE.charCodeAt(offset + i);
				return value >>> 0;
			},
			write: (offset: number, value: number, size: number) => {
				if (size !== 4) return;
				if (offset === 0) this.state.dmaHigh = swap(value);
				else this.#transfer(swap(value));
			},
		};
		bus.ports(`${this.name} DMA`, this.#ports.dma, 8, dma, 4);
	}

	reset(): void {
		Object.assign(this.state, { item: 0, offset: 0, dmaHigh: 0 });
	}

	#select(item: number): void {
		this.state.item = item & ITEM_MASK;
		this.state.offset = 0;
	}

	/** Past the end, and of items that do not exist, bytes are zero. */
	#nextByte(): number {
		return this.#items.get(this.state.item)?.[this.state.offset++] ?? 0;
	}

	/** Does what the structure at `low` asks for: control, length, address (64 bits), all big-endian. */
	#transfer(low: number): void {
		const high = this.state.dmaHigh;
		this.state.dmaHigh = 0;
		if (high !== 0) return;
		const request = this.#memory.read(low, 16);
		const view = new DataView(request.buffer, request.byteOffset, 16);
		const control = view.getUint32(0);
		const length = view.getUint32(4);
		if (control & DMA_SELECT) this.#select(control >>> 16);
		let failed = false;
		if (control & DMA_READ) failed = !this.#readInto(view.getUint32(8), view.getUint32(12), length);
		else if (control & DMA_SKIP) this.state.offset += length;
		else if (control & DMA_WRITE) failed = true;
		this.#memory.write(low, new Uint8Array([0, 0, 0, failed ? DMA_ERROR : 0]));
	}

	#readInto(high: number, low: number, length: number): boolean {
		if (high !== 0 || length > this.#memory.ramSize) return false;
		const bytes = new Uint8Array(length);
		const from = this.state.offset;
		bytes.set(this.#items.get(this.state.item)?.subarray(from, from + length) ?? []);
		this.state.offset += length;
		this.#memory.write(low, bytes);
		return true;
	}
}

function swap(value: number): number {
	return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Little-endian, `size` bytes. */
function number(value: number, size: number): Uint8Array {
	return Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
}

function items({ ram, files = {} }: FwCfgOptions): Map<number, Uint8Array> {
	const all: [string, Uint8Array][] = Object.entries({ "etc/e820": e820(ram), ...files });
	all.sort(([a], [b]) => (a < b ? -1 : 1));
	return new Map<number, Uint8Array>([
		[ITEM_SIGNATURE, ascii("QEMU")],
		[ITEM_FEATURES, number(FEATURES_DMA, 4)],
		[ITEM_RAM_SIZE, number(ram, 8)],
		[ITEM_CPUS, number(1, 2)],
		[ITEM_BOOT_MENU, number(0, 2)],
		[ITEM_MAX_CPUS, number(1, 2)],
		[ITEM_DIRECTORY, directory(all)],
		...all.map(([, bytes], i): [number, Uint8Array] => [ITEM_FILES + i, bytes]),
	]);
}

/** One entry: RAM from 0. */
function e820(ram: number): Uint8Array {
	return Uint8Array.from([...number(0, 8), ...number(ram, 8), ...number(E820_RAM, 4)]);
}

/** A count, then size, item, two bytes of nothing, and the name: numbers big-endian. */
function directory(files: [string, Uint8Array][]): Uint8Array {
	const bytes = new Uint8Array(4 + files.length * (8 + NAME_LENGTH));
	const view = new DataView(bytes.buffer);
	view.setUint32(0, files.length);
	files.forEach(([name, content], i) => {
		const at = 4 + i * (8 + NAME_LENGTH);
		if (name.length >= NAME_LENGTH) throw new Error(`fw_cfg file name ${name} is too long`);
		view.setUint32(at, content.length);
		view.setUint16(at + 4, ITEM_FILES + i);
		bytes.set(ascii(name), at + 8);
	});
	return bytes;
}

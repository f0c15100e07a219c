/**
 * The display adapter: an IBM VGA with the Bochs VBE extension on PCI, 1234:1111, as QEMU's
 * std VGA. IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem"; QEMU,
 * docs/specs/standard-vga.
 *
 *   3B0h..3BBh, 3C0h..3DFh   VGA registers (ports.ts)
 *   1CEh..1D1h               dispi index and data (dispi.ts)
 *   A0000h..BFFFFh           window into the planes (window.ts)
 *   BAR 0                    16 MiB: video memory, planes interleaved, linear in VBE modes
 *   BAR 2                    4 KiB: 400h VGA ports 3C0h..3DFh, 500h dispi registers, 600h byte order
 *   ROM                      the option ROM, where the machine has one
 *
 * The picture is made from state and video memory when somebody looks (screen.ts).
 *
 * Not emulated: EDID in BAR 2 (reads zero), big-endian frame buffers, the VGA's decoding being
 * switched by the command register's I/O bit.
 */
import type { Bus } from "../../bus/bus.ts";
import type { Clock } from "../../bus/clock.ts";
import type { Handler } from "../../bus/device.ts";
import type { PhysicalMemory, Storage } from "../../bus/memory.ts";
import { PciFunction, type PciState, pciState } from "../pci/function.ts";
import { Dispi } from "./dispi.ts";
import { VgaPorts } from "./ports.ts";
import { DISPI_REGISTERS, type VgaState, vgaState } from "./registers.ts";
import { inputStatus } from "./timing.ts";
import { BANK_SIZE, VgaWindow, WINDOW_SIZE } from "./window.ts";

export const VIDEO_MEMORY = 16 * 1024 * 1024;

const WINDOW_BASE = 0xa0000;
const MMIO_SIZE = 0x1000;
const MMIO_PORTS = 0x400;
const MMIO_DISPI = 0x500;
const MMIO_EXTENDED = 0x600;
/** The size of the extended registers, and the value that says "little endian". */
const EXTENDED_SIZE = 8;
const LITTLE_ENDIAN = 0x1e1e1e1e;

export interface VgaOptions {
	clock: Clock;
	memory: PhysicalMemory;
	/** The option ROM ("VGA BIOS"). */
	rom?: Uint8Array;
}

export class Vga extends PciFunction {
	override readonly state: PciState & VgaState;
	/** Video memory: plane p of offset o is byte 4o + p. */
	readonly storage: Storage;
	readonly memory: PhysicalMemory;
	readonly #window: VgaWindow;
	readonly #ports: VgaPorts;
	readonly #dispi: Dispi;
	#mapped: number | undefined;

	constructor({ clock, memory, rom }: VgaOptions) {
		const storage = memory.allocate(VIDEO_MEMORY);
		const state = { ...pciState(), ...vgaState() };
		const changed = () => this.#mapWindow();
		const ports = new VgaPorts(state, () => inputStatus(state, clock.now), changed);
		const dispi = new Dispi(state, storage.bytes, changed, () => this.#touchAll());
		super({
			name: "vga",
			vendor: 0x1234,
			device: 0x1111,
			classCode: 0x030000,
			revision: 2,
			subsystemVendor: 0x1af4,
			subsystem: 0x1100,
			bars: [
				{ kind: "storage", storage, prefetchable: true },
				undefined,
				{ kind: "registers", size: MMIO_SIZE, handler: mmio(ports.colour, dispi), width: 4 },
			],
			rom: rom && allocateRom(memory, rom),
		});
		this.state = state;
		this.storage = storage;
		this.memory = memory;
		this.#window = new VgaWindow(state, storage.bytes);
		this.#ports = ports;
		this.#dispi = dispi;
	}

	override attach(bus: Bus): void {
		super.attach(bus);
		bus.ports(this.name, 0x3b0, 12, this.#ports.monochrome);
		bus.ports(this.name, 0x3c0, 32, this.#ports.colour);
		bus.ports(this.name, 0x1ce, 4, this.#dispi.ports, 2);
		bus.memory(this.name, WINDOW_BASE, WINDOW_SIZE, this.#window);
		this.memory.unmap(WINDOW_BASE, WINDOW_SIZE);
	}

	override reset(): void {
		Object.assign(this.state, vgaState());
		super.reset();
	}

	override restored(): void {
		super.restored();
		this.memory.unmap(WINDOW_BASE, BANK_SIZE);
		this.#mapped = undefined;
		this.#touchAll();
		this.#mapWindow();
	}

	/** Pages of video memory that were written since the last call. */
	takeDirty(): Set<number> {
		const pages = new Set(this.memory.takeDirty(this.storage));
		const { touched } = this.#window;
		for (let page = 0; page < touched.length; page++) if (touched[page]) pages.add(page);
		touched.fill(0);
		return pages;
	}

	#touchAll(): void {
		this.#window.touched.fill(1);
	}

	/** Lets the CPU reach video memory directly while the window is a plain view of it. */
	#mapWindow(): void {
		const base = this.#window.linearBase();
		if (base === this.#mapped) return;
		this.#mapped = base;
		if (base === undefined) this.memory.unmap(WINDOW_BASE, BANK_SIZE);
		else this.memory.map(WINDOW_BASE, BANK_SIZE, this.storage, base, true);
	}
}

function allocateRom(memory: PhysicalMemory, rom: Uint8Array): Storage {
	const storage = memory.allocate(2 ** Math.ceil(Math.log2(Math.max(rom.length, 0x1000))));
	storage.bytes.set(rom);
	return storage;
}

/** BAR 2. */
function mmio(ports: Handler, dispi: Dispi): Handler {
	const dispiRegister = (offset: number) => (offset - MMIO_DISPI) >> 1;
	const isPort = (offset: number) => offset >= MMIO_PORTS && offset < MMIO_PORTS + 32;
	const isDispi = (offset: number) => offset >= MMIO_DISPI && dispiRegister(offset) < DISPI_REGISTERS;
	const parts = (size: number) => Array.from({ length: size }, (_, i) => i);
	return {
		read(offset, size) {
			if (isPort(offset))
				return parts(size).reduce((v, i) => v + ports.read(offset - MMIO_PORTS + i, 1) * 2 ** (8 * i), 0);
			if (isDispi(offset)) {
				const value = dispi.read(dispiRegister(offset));
				if (size === 1) return offset & 1 ? value >> 8 : value & 0xff;
				return size === 2 ? value : value + dispi.read(dispiRegister(offset) + 1) * 0x10000;
			}
			if (size !== 4) return 0;
			return offset === MMIO_EXTENDED ? EXTENDED_SIZE : offset === MMIO_EXTENDED + 4 ? LITTLE_ENDIAN : 0;
		},
		write(offset, value, size) {
			if (isPort(offset))
				for (const i of parts(size)) ports.write(offset - MMIO_PORTS + i, (value >>> (8 * i)) & 0xff, 1);
			else if (isDispi(offset) && size >= 2) {
				dispi.write(dispiRegister(offset), value & 0xffff);
				if (size === 4) dispi.write(dispiRegister(offset) + 1, value >>> 16);
			}
		},
	};
}

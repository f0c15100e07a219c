/**
 * 440FX host bridge and memory controller: 8086:1237 at 00:00.0.
 * Intel 440FX PCIset 82441FX (PMC) data sheet, "PAM[6:0]" and "SMRAM".
 *
 *   59      PAM0: f0000-fffff in bits 5:4
 *   5a..5f  PAM1-6: 16 KiB each from c0000, the lower piece in bits 1:0, the upper in 5:4
 *           bit 0 of a pair: reads come from DRAM; bit 1: writes go to DRAM; else they go to PCI, where the ROM is
 *   72      SMRAM control, lockable by D_LCK (bit 4)
 *
 * At power-on everything from c0000 to fffff is ROM: the last 128 KiB of the firmware at e0000, and again,
 * whole, below 4 GiB.
 *
 * Not emulated: DRAM timing and row boundary registers (they read back), SMM (SMRAM control is stored),
 * the AGP bridge, error reporting.
 */
import type { Bus } from "../../bus/bus.ts";
import type { PhysicalMemory, Storage } from "../../bus/memory.ts";
import { PciFunction, pciState } from "./function.ts";

const PAM0 = 0x59;
const PAM_LAST = 0x5f;
const PAM_READ = 1;
const PAM_WRITE = 2;
const SMRAM = 0x72;
const SMRAM_D_OPEN = 0x40;
const SMRAM_D_LOCK = 0x10;
const SMRAM_POWER_ON = 0x02;

const SHADOW_BASE = 0xc0000;
const SHADOW_PIECE = 0x4000;
const BIOS_SEGMENT = 0xf0000;
const BIOS_SEGMENT_SIZE = 0x10000;
const MEBIBYTE = 0x100000;
const FOUR_GIB = 0x1_0000_0000;
/** What of the firmware the PCI side shows below 1 MiB. */
const LEGACY_WINDOW = 0x20000;

export class I440fx extends PciFunction {
	readonly state = pciState();
	#memory: PhysicalMemory;
	#rom: Storage;

	/** @param firmware the ROM that ends at 4 GiB: a multiple of 64 KiB */
	constructor(name: string, memory: PhysicalMemory, firmware: Uint8Array) {
		super({
			name,
			vendor: 0x8086,
			device: 0x1237,
			classCode: 0x060000,
			revision: 2,
			// SeaBIOS takes this subsystem for QEMU, and then asks fw_cfg.
			subsystemVendor: 0x1af4,
			subsystem: 0x1100,
			status: 0x0280,
			command: 0x0006,
			commandMask: 0x0106,
		});
		if (firmware.length === 0 || firmware.length % BIOS_SEGMENT_SIZE !== 0) {
			throw new Error(`firmware of ${firmware.length} bytes is not a multiple of 64 KiB`);
		}
		this.#memory = memory;
		this.#rom = memory.allocate(firmware.length);
		this.#rom.bytes.set(firmware);
		for (let register = 0x50; register < 0x58; register++) this.writable(register, 0xff, 1);
		for (let register = PAM0; register <= PAM_LAST; register++) this.writable(register, 0x33, 1);
		// DRB: the end of each row in units of 8 MiB; all of it is in row 0, as far as the register reaches.
		for (let row = 0; row < 8; row++) this.powerOn(0x60 + row, Math.min(0xff, memory.ramSize >> 23), 1);
		this.powerOn(SMRAM, SMRAM_POWER_ON, 1);
		this.writable(SMRAM, 0x78, 1);
	}

	override attach(bus: Bus): void {
		super.attach(bus);
		const rom = this.#rom;
		this.#memory.map(FOUR_GIB - rom.bytes.length, rom.bytes.length, rom, 0, false);
	}

	/** Maps what PAM says. */
	override restored(): void {
		super.restored();
		for (let register = PAM0; register <= PAM_LAST; register++) this.#mapRegister(register);
	}

	override writeConfig(register: number, value: number, size: number): void {
		const before = this.state.config[SMRAM];
		super.writeConfig(register, value, size);
		// "D_LCK": once set, only a reset clears it, and D_OPEN stays clear.
		if (before & SMRAM_D_LOCK) this.setConfig(SMRAM, before, 1);
		else if (this.state.config[SMRAM] & SMRAM_D_LOCK) this.state.config[SMRAM] &= ~SMRAM_D_OPEN;
	}

	protected override configWritten(register: number, size: number): void {
		for (let r = Math.max(register, PAM0); r < register + size && r <= PAM_LAST; r++) this.#mapRegister(r);
	}

	#mapRegister(register: number): void {
		const value = this.state.config[register];
		if (register === PAM0) {
			this.#shadow(BIOS_SEGMENT, BIOS_SEGMENT_SIZE, value >> 4);
			return;
		}
		const base = SHADOW_BASE + (register - PAM0 - 1) * 2 * SHADOW_PIECE;
		this.#shadow(base, SHADOW_PIECE, value);
		this.#shadow(base + SHADOW_PIECE, SHADOW_PIECE, value >> 4);
	}

	/** Routes one piece: first what PCI shows there, then DRAM for whichever direction asks for it. */
	#shadow(base: number, size: number, attribute: number): void {
		const reads = (attribute & PAM_READ) !== 0;
		const writes = (attribute & PAM_WRITE) !== 0;
		if (!reads) this.#mapPci(base, size);
		if (reads || writes) this.#memory.mapRam(base, size, reads, writes);
	}

	#mapPci(base: number, size: number): void {
		const rom = this.#rom;
		const visible = Math.min(rom.bytes.length, LEGACY_WINDOW);
		const offset = base - (MEBIBYTE - visible);
		if (offset >= 0) this.#memory.map(base, size, rom, rom.bytes.length - visible + offset, false);
		else this.#memory.unmap(base, size);
	}
}

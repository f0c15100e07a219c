/**
 * An ATA disk of 512-byte sectors. AT Attachment with Packet Interface - 6 (T13 1410D), "Command descriptions".
 *
 *   read, write   sectors, multiple, DMA; with CHS, 28-bit and 48-bit addresses; verify, seek
 *   identity      IDENTIFY DEVICE, READ NATIVE MAX ADDRESS, EXECUTE DEVICE DIAGNOSTIC (in the channel)
 *   settings      SET FEATURES, SET MULTIPLE MODE, INITIALIZE DEVICE PARAMETERS
 *   housekeeping  FLUSH CACHE, IDLE, STANDBY, SLEEP, CHECK POWER MODE, RECALIBRATE, NOP
 *
 * A write is on the medium when its interrupt comes: there is no cache to lose.
 *
 * Not emulated: SMART, security, host protected area (SET MAX), power states (every one is active), queued
 * commands, removable and CFA features, bad sectors. Those commands end with ABRT.
 */
import type { Clock } from "../../bus/clock.ts";
import type { BlockDevice } from "./block.ts";
import {
	AtaDrive,
	COMMAND_TIME,
	COUNT,
	DEVICE_LBA,
	driveState,
	ERROR_ABRT,
	ERROR_IDNF,
	FEATURES,
	LBA_HIGH,
	LBA_LOW,
	LBA_MID,
	STATUS_DRDY,
	STATUS_DSC,
} from "./drive.ts";
import { dmaWords, FIRMWARE, IdentifyData, MODEL, SERIAL, transferMode } from "./identify.ts";

const SECTOR = 512;
const HEADS = 16;
const SECTORS_PER_TRACK = 63;
const MAX_CYLINDERS = 16383;
const MAX_LBA28 = 0x0fffffff;
const MAX_MULTIPLE = 16;
/** DMA moves this much at a time. */
const DMA_CHUNK = 128 * SECTOR;

type Kind = "read" | "write" | "verify";

interface Transfer {
	kind: Kind;
	/** How a block goes over the data register: one sector, SET MULTIPLE's number, or not at all. */
	via: "sector" | "multiple" | "dma";
	wide: boolean;
}

const transfer = (kind: Kind, via: Transfer["via"], wide = false): Transfer => ({ kind, via, wide });

/** Commands that move sectors. */
const TRANSFERS = new Map<number, Transfer>([
	[0x20, transfer("read", "sector")],
	[0x21, transfer("read", "sector")],
	[0x24, transfer("read", "sector", true)],
	[0x25, transfer("read", "dma", true)],
	[0x29, transfer("read", "multiple", true)],
	[0x30, transfer("write", "sector")],
	[0x31, transfer("write", "sector")],
	[0x34, transfer("write", "sector", true)],
	[0x35, transfer("write", "dma", true)],
	[0x39, transfer("write", "multiple", true)],
	[0x3d, transfer("write", "dma", true)],
	[0x40, transfer("verify", "sector")],
	[0x41, transfer("verify", "sector")],
	[0x42, transfer("verify", "sector", true)],
	[0xc4, transfer("read", "multiple")],
	[0xc5, transfer("write", "multiple")],
	[0xc8, transfer("read", "dma")],
	[0xc9, transfer("read", "dma")],
	[0xca, transfer("write", "dma")],
	[0xcb, transfer("write", "dma")],
	[0xce, transfer("write", "multiple", true)],
]);

const SEEK = 0x70;
const INITIALIZE_PARAMETERS = 0x91;
const READ_NATIVE_MAX = 0xf8;
const READ_NATIVE_MAX_EXT = 0x27;
const SET_MULTIPLE = 0xc6;
const CHECK_POWER = [0xe5, 0x98];
/** STANDBY, IDLE, SLEEP in both spellings, FLUSH CACHE and its 48-bit form. */
const NOTHING_TO_DO = [0xe0, 0xe1, 0xe2, 0xe3, 0xe6, 0x94, 0x95, 0x96, 0x97, 0x99, 0xe7, 0xea];
const IDENTIFY = 0xec;
const SET_FEATURES = 0xef;
const SET_TRANSFER_MODE = 0x03;
/** Write cache and look-ahead on and off, and the power-on defaults: accepted. */
const HARMLESS_FEATURES = [0x02, 0x82, 0x55, 0xaa, 0x66, 0xcc];
const POWER_ACTIVE = 0xff;

export class AtaDisk extends AtaDrive {
	readonly state = {
		...driveState(),
		/** The command being done: its next sector, how many are left, how many go in one block. */
		lba: 0,
		left: 0,
		block: 1,
		writing: false,
		/** Settings. */
		multiple: MAX_MULTIPLE,
		heads: HEADS,
		sectorsPerTrack: SECTORS_PER_TRACK,
		multiword: 2,
		ultra: -1,
	};
	protected readonly signature = 0;
	protected readonly idleStatus = STATUS_DRDY | STATUS_DSC;
	#device: BlockDevice;
	#serial: string;

	/** @param serial at most 20 characters */
	constructor(name: string, clock: Clock, device: BlockDevice, serial: string) {
		super(name, clock);
		this.#device = device;
		this.#serial = serial;
	}

	protected resetSettings(): void {
		const settings = { multiple: MAX_MULTIPLE, heads: HEADS, sectorsPerTrack: SECTORS_PER_TRACK, left: 0 };
		Object.assign(this.state, settings, { multiword: 2, ultra: -1 });
	}

	protected command(code: number): void {
		const moved = TRANSFERS.get(code);
		if (moved) this.#transfer(moved);
		else if (code === IDENTIFY) this.later("identify", COMMAND_TIME, SECTOR);
		else if (this.#setting(code) || NOTHING_TO_DO.includes(code)) this.later("done", COMMAND_TIME);
		else this.later("abort", COMMAND_TIME);
	}

	protected proceed(step: string): void {
		if (step === "identify") this.#identify();
		else if (step === "read") this.#readBlock();
		else if (step === "request") this.#requestBlock(false);
		else if (step === "write") this.#writeBlock();
		else if (step === "dma request") this.requestDma(!this.state.writing);
		else if (step === "dma") this.#moveByDma();
		else if (step === "done") this.complete();
		else this.complete(step === "not found" ? ERROR_IDNF : ERROR_ABRT);
	}

	protected blockDone(): void {
		const s = this.state;
		if (s.writing) this.later("write", COMMAND_TIME, s.end);
		else if (s.left > 0) this.later("read", COMMAND_TIME, s.block * SECTOR);
		else s.status = this.idleStatus;
	}

	get #sectors(): number {
		return Math.floor(this.#device.size / SECTOR);
	}

	/** Commands that change or report a setting at once; false for any other, or one that is refused. */
	#setting(code: number): boolean {
		const s = this.state;
		if (code === SET_FEATURES) return this.#setFeatures();
		if (code === SET_MULTIPLE) return this.#setMultiple(s.registers[COUNT] & 0xff);
		if (code === INITIALIZE_PARAMETERS) {
			s.heads = (s.device & 15) + 1;
			s.sectorsPerTrack = s.registers[COUNT] & 0xff;
			return s.sectorsPerTrack > 0;
		}
		if (code === READ_NATIVE_MAX || code === READ_NATIVE_MAX_EXT)
			this.#nativeMax(code === READ_NATIVE_MAX_EXT);
		else if (CHECK_POWER.includes(code)) s.registers[COUNT] = POWER_ACTIVE;
		// SEEK, and RECALIBRATE (10h to 1fh).
		else return code === SEEK || code >> 4 === 1;
		return true;
	}

	#setMultiple(sectors: number): boolean {
		if (sectors > MAX_MULTIPLE || (sectors & (sectors - 1)) !== 0) return false;
		this.state.multiple = sectors;
		return true;
	}

	#setFeatures(): boolean {
		const s = this.state;
		const feature = s.registers[FEATURES] & 0xff;
		if (feature !== SET_TRANSFER_MODE) return HARMLESS_FEATURES.includes(feature);
		const mode = transferMode(s.registers[COUNT] & 0xff);
		Object.assign(s, mode ?? {});
		return mode !== undefined;
	}

	#nativeMax(wide: boolean): void {
		const last = this.#sectors - 1;
		this.#setAddress(wide ? last : Math.min(last, MAX_LBA28 - 1), wide);
	}

	#setAddress(lba: number, wide: boolean): void {
		const r = this.state.registers;
		const byte = (i: number) => Math.floor(lba / 2 ** (i * 8)) & 0xff;
		for (let i = 0; i < 3; i++) r[LBA_LOW + i] = byte(i) | (wide ? byte(i + 3) << 8 : 0);
		if (!wide) this.state.device = (this.state.device & 0xf0) | (byte(3) & 15);
	}

	/** The sector that the registers address, by CHS or LBA; -1 for an impossible one. */
	#address(wide: boolean): number {
		const s = this.state;
		const [low, mid, high] = [s.registers[LBA_LOW], s.registers[LBA_MID], s.registers[LBA_HIGH]];
		const below = (low & 0xff) | ((mid & 0xff) << 8) | ((high & 0xff) << 16);
		if (wide) return below + (low >> 8) * 2 ** 24 + (mid >> 8) * 2 ** 32 + (high >> 8) * 2 ** 40;
		if (s.device & DEVICE_LBA) return below + (s.device & 15) * 2 ** 24;
		const sector = low & 0xff;
		const track = (below >> 8) * s.heads + (s.device & 15);
		return sector === 0 || sector > s.sectorsPerTrack ? -1 : track * s.sectorsPerTrack + sector - 1;
	}

	#transfer({ kind, via, wide }: Transfer): void {
		const s = this.state;
		const count = s.registers[COUNT];
		s.lba = this.#address(wide);
		s.left = wide ? count || 0x10000 : count & 0xff || 0x100;
		s.block = via === "multiple" ? s.multiple : 1;
		s.writing = kind === "write";
		const refused = (s.writing && !this.#device.write) || s.block === 0;
		const outside = s.lba < 0 || s.lba + s.left > this.#sectors;
		if (refused || outside) {
			s.left = 0;
			this.later(refused ? "abort" : "not found", COMMAND_TIME);
		} else if (kind === "verify") this.later("done", COMMAND_TIME, s.left * SECTOR);
		else if (via === "dma") this.later("dma request", COMMAND_TIME);
		else if (kind === "write") this.later("request", COMMAND_TIME);
		else this.later("read", COMMAND_TIME, Math.min(s.block, s.left) * SECTOR);
	}

	#readBlock(): void {
		const s = this.state;
		const sectors = Math.min(s.block, s.left);
		const bytes = this.#device.read(s.lba * SECTOR, sectors * SECTOR);
		this.#advance(sectors);
		this.present(bytes);
	}

	/** The first block of a write is asked for without an interrupt. */
	#requestBlock(interrupt: boolean): void {
		this.request(Math.min(this.state.block, this.state.left) * SECTOR, interrupt);
	}

	#writeBlock(): void {
		const s = this.state;
		this.#device.write?.(s.lba * SECTOR, s.buffer.subarray(0, s.end));
		this.#advance(s.end / SECTOR);
		if (s.left > 0) this.#requestBlock(true);
		else this.complete();
	}

	#advance(sectors: number): void {
		const s = this.state;
		s.lba += sectors;
		s.left -= sectors;
		s.activity += sectors;
	}

	/** All of it in one go. Where the guest's table is too short, the drive waits for more, as a real one does. */
	#moveByDma(): void {
		const s = this.state;
		while (s.left > 0) {
			const bytes = Math.min(DMA_CHUNK, s.left * SECTOR);
			if (!this.#moveChunk(s.lba * SECTOR, bytes)) {
				this.requestDma(!s.writing);
				return;
			}
			this.#advance(bytes / SECTOR);
		}
		this.complete();
	}

	#moveChunk(offset: number, length: number): boolean {
		if (!this.state.writing) return this.dmaEngine.toMemory(this.#device.read(offset, length));
		const bytes = this.dmaEngine.fromMemory(length);
		if (bytes) this.#device.write?.(offset, bytes);
		return bytes !== undefined;
	}

	#identify(): void {
		const s = this.state;
		s.writing = false;
		s.left = 0;
		const sectors = this.#sectors;
		const cylinders = Math.min(MAX_CYLINDERS, Math.floor(sectors / (HEADS * SECTORS_PER_TRACK)));
		const current = Math.min(0xffff, Math.floor(sectors / (s.heads * s.sectorsPerTrack)));
		const data = new IdentifyData()
			.set({ 0: 0x0040, 1: cylinders, 3: HEADS, 6: SECTORS_PER_TRACK })
			.text(SERIAL, 10, this.#serial)
			.text(FIRMWARE, 4, "1.0")
			.text(MODEL, 20, "GANTRY HARDDISK")
			// Multiple, dword I/O, LBA and DMA and IORDY; PIO timing; words 54-58, 64-70 and 88 are valid.
			.set({ 47: 0x8000 | MAX_MULTIPLE, 48: 1, 49: 0x0b00, 50: 0x4000, 51: 0x0200, 52: 0x0200, 53: 7 })
			.set({ 54: current, 55: s.heads, 56: s.sectorsPerTrack, 59: s.multiple ? 0x100 | s.multiple : 0 })
			.set32(57, current * s.heads * s.sectorsPerTrack)
			.set32(60, Math.min(sectors, MAX_LBA28))
			.set(dmaWords(s))
			.set({ 64: 3, 65: 120, 66: 120, 67: 120, 68: 120 })
			// ATA-4 to ATA-6; write cache, look-ahead; 48-bit addresses, FLUSH CACHE and its EXT form.
			.set({ 80: 0x0070, 82: 0x4060, 83: 0x7400, 84: 0x4000, 85: 0x4060, 86: 0x3400, 87: 0x4000, 93: 0x6001 })
			.set32(100, sectors >>> 0)
			.set32(102, Math.floor(sectors / 2 ** 32));
		this.present(data.bytes());
	}
}

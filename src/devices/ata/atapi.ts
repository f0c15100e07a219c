/**
 * An ATAPI CD-ROM drive with a tray.
 * AT Attachment with Packet Interface - 6 (T13 1410D), "PACKET command protocol"; SFF-8020i. Packets: mmc.ts.
 *
 *   ATA commands  PACKET, IDENTIFY PACKET DEVICE, DEVICE RESET, SET FEATURES, IDLE and STANDBY, FLUSH CACHE;
 *                 IDENTIFY DEVICE and READ SECTORS abort and leave the signature
 *   registers     count is the interrupt reason (CoD 0, IO 1), LBA mid and high the byte count of a block
 *
 * Data goes in blocks of at most the host's byte count limit, or by DMA. A disc that was changed answers
 * the next command with UNIT ATTENTION, once. The disc itself is no part of the state: whoever restores a snapshot
 * has the same one in the drive.
 *
 * Not emulated: audio and subchannels, raw sectors (READ CD answers user data only), MODE SELECT, changers,
 * spinning up (a disc is ready at once), overlap.
 */
import type { Clock } from "../../bus/clock.ts";
import type { BlockDevice } from "./block.ts";
import {
	AtaDrive,
	COMMAND_TIME,
	COUNT,
	driveState,
	ERROR_ABRT,
	FEATURES,
	LBA_HIGH,
	LBA_MID,
	STATUS_DRDY,
} from "./drive.ts";
import { dmaWords, FIRMWARE, IdentifyData, MODEL, SERIAL, transferMode } from "./identify.ts";
import * as mmc from "./mmc.ts";

const PACKET = 0xa0;
const IDENTIFY_PACKET_DEVICE = 0xa1;
const DEVICE_RESET = 0x08;
const SET_FEATURES = 0xef;
const SET_TRANSFER_MODE = 0x03;
/** IDLE, STANDBY, SLEEP, CHECK POWER MODE, FLUSH CACHE, NOP's relatives that a packet device accepts. */
const NOTHING_TO_DO = [0xe0, 0xe1, 0xe2, 0xe3, 0xe5, 0xe6, 0xe7];
const PACKET_LENGTH = 12;

const FEATURE_DMA = 0x01;
const REASON_COMMAND = 0x01;
const REASON_TO_HOST = 0x02;
const STATUS_CHECK = 0x01;

/** DMA moves this much at a time. */
const DMA_CHUNK = 32 * mmc.CD_SECTOR;

const EVENT_NEW_MEDIUM = 2;
const EVENT_REMOVED = 3;
/** Commands that are answered although a UNIT ATTENTION waits. */
const IN_SPITE_OF_ATTENTION = [
	mmc.INQUIRY,
	mmc.REQUEST_SENSE,
	mmc.GET_CONFIGURATION,
	mmc.GET_EVENT_STATUS,
	mmc.MECHANISM_STATUS,
];

export class AtapiCdrom extends AtaDrive {
	readonly state = {
		...driveState(),
		/** The answer being sent: sectors from `lba`, `left` bytes; or, when `reading` is false, `reply` from `sent`. */
		reading: false,
		lba: 0,
		left: 0,
		reply: new Uint8Array(0) as Uint8Array,
		sent: 0,
		/** A packet command is under way, and whether its packet is still to come. */
		inPacket: false,
		awaitingPacket: false,
		byDma: false,
		byteLimit: 0,
		/** Sense of the last command, and one that waits for the next (0xKKAAQQ). */
		sense: mmc.NO_SENSE,
		attention: mmc.NO_SENSE,
		event: 0,
		locked: false,
		trayOpen: false,
		loaded: false,
		multiword: 2,
		ultra: -1,
	};
	protected readonly signature = 0xeb14;
	protected readonly idleStatus = 0;
	#medium: BlockDevice | undefined;

	/** @param medium the disc in the drive at power-on, in sectors of 2,048 bytes */
	constructor(name: string, clock: Clock, medium?: BlockDevice) {
		super(name, clock);
		this.#medium = medium;
		this.state.loaded = medium !== undefined;
	}

	/** Puts a disc into the drive, instead of what was in it. */
	insert(medium: BlockDevice): void {
		this.#change(medium, EVENT_NEW_MEDIUM);
	}

	/** Takes the disc out, as with a paper clip: also when the guest has locked the tray. */
	eject(): void {
		this.#change(undefined, EVENT_REMOVED);
	}

	#change(medium: BlockDevice | undefined, event: number): void {
		this.#medium = medium;
		const loaded = medium !== undefined;
		Object.assign(this.state, { loaded, trayOpen: !loaded, event, attention: mmc.MEDIUM_CHANGED });
	}

	protected resetSettings(): void {
		const idle = { reading: false, left: 0, sent: 0, reply: new Uint8Array(0), awaitingPacket: false };
		Object.assign(
			this.state,
			idle,
			{ inPacket: false },
			{ sense: mmc.NO_SENSE, locked: false, multiword: 2, ultra: -1 },
		);
	}

	protected override interrupts(code: number): boolean {
		return code === DEVICE_RESET;
	}

	protected command(code: number): void {
		if (code === PACKET) this.#startPacket();
		else if (code === DEVICE_RESET) {
			this.reset();
			// The one command that ends without an interrupt.
		} else if (code === IDENTIFY_PACKET_DEVICE) this.later("identify", COMMAND_TIME, 512);
		else if (NOTHING_TO_DO.includes(code) || (code === SET_FEATURES && this.#setFeatures())) {
			this.later("done", COMMAND_TIME);
		} else this.later("abort", COMMAND_TIME);
	}

	protected proceed(step: string): void {
		if (step === "identify") this.#identify();
		else if (step === "packet") this.#requestPacket();
		else if (step === "execute") this.#execute();
		else if (step === "block") this.#sendBlock();
		else if (step === "status") this.#finish(mmc.NO_SENSE);
		else if (step === "dma") this.#sendByDma();
		else if (step === "done") this.complete();
		else this.#abort();
	}

	protected blockDone(): void {
		const s = this.state;
		if (s.awaitingPacket) {
			s.awaitingPacket = false;
			this.later("execute", COMMAND_TIME);
		} else if (s.left > 0) this.later("block", COMMAND_TIME, Math.min(s.left, s.byteLimit));
		else if (s.inPacket) this.later("status", COMMAND_TIME);
		else s.status = STATUS_DRDY;
	}

	#setFeatures(): boolean {
		const s = this.state;
		if ((s.registers[FEATURES] & 0xff) !== SET_TRANSFER_MODE) return false;
		const mode = transferMode(s.registers[COUNT] & 0xff);
		Object.assign(s, mode ?? {});
		return mode !== undefined;
	}

	/** A command for disks: ABRT, with the signature for whoever is looking for it. */
	#abort(): void {
		this.signIn();
		this.complete(ERROR_ABRT);
	}

	#startPacket(): void {
		const s = this.state;
		s.inPacket = true;
		s.byDma = (s.registers[FEATURES] & FEATURE_DMA) !== 0;
		const limit = (s.registers[LBA_MID] & 0xff) | ((s.registers[LBA_HIGH] & 0xff) << 8);
		// An odd limit would split a word; FFFFh means FFFEh.
		s.byteLimit = limit & 0xfffe;
		this.later("packet", COMMAND_TIME);
	}

	#requestPacket(): void {
		this.state.awaitingPacket = true;
		this.state.registers[COUNT] = REASON_COMMAND;
		this.request(PACKET_LENGTH, false);
	}

	#execute(): void {
		const s = this.state;
		const packet = s.buffer.slice(0, PACKET_LENGTH);
		if (s.attention !== mmc.NO_SENSE && !IN_SPITE_OF_ATTENTION.includes(packet[0])) {
			const attention = s.attention;
			s.attention = mmc.NO_SENSE;
			this.#finish(attention);
			return;
		}
		const answer = this.#driveCommand(packet) ?? mmc.answer(packet, this.#medium);
		if (answer.kind === "error") this.#finish(answer.sense);
		else if (answer.kind === "done") this.#finish(mmc.NO_SENSE);
		else this.#send(answer);
	}

	/** Commands that read or change the drive's own state; undefined for the others. */
	#driveCommand(packet: Uint8Array): mmc.Answer | undefined {
		const s = this.state;
		switch (packet[0]) {
			case mmc.REQUEST_SENSE:
				return this.#requestSense(packet[4]);
			case mmc.START_STOP_UNIT:
				return this.#startStop(packet[4]);
			case mmc.PREVENT_ALLOW:
				s.locked = (packet[4] & 1) !== 0;
				return { kind: "done" };
			case mmc.GET_EVENT_STATUS: {
				const event = s.event;
				if (packet[4] & 0x10) s.event = 0;
				return mmc.eventStatus(packet, event, s.loaded, s.trayOpen);
			}
		}
		return undefined;
	}

	/** Sense is told once; without any, a waiting attention is. */
	#requestSense(allocation: number): mmc.Answer {
		const s = this.state;
		const answer = mmc.senseData(s.sense || s.attention, allocation);
		if (s.sense === mmc.NO_SENSE) s.attention = mmc.NO_SENSE;
		s.sense = mmc.NO_SENSE;
		return answer;
	}

	#startStop(flags: number): mmc.Answer {
		const LOAD_EJECT = 2;
		const START = 1;
		if ((flags & LOAD_EJECT) === 0) return { kind: "done" };
		if (flags & START) {
			this.state.trayOpen = false;
			return { kind: "done" };
		}
		if (this.state.locked) return { kind: "error", sense: mmc.REMOVAL_PREVENTED };
		this.eject();
		this.state.attention = mmc.NO_SENSE;
		return { kind: "done" };
	}

	#send(answer: mmc.Answer & { kind: "data" | "sectors" }): void {
		const s = this.state;
		s.reading = answer.kind === "sectors";
		s.sent = 0;
		if (answer.kind === "sectors") {
			s.lba = answer.lba;
			s.left = answer.count * mmc.CD_SECTOR;
		} else {
			s.reply = answer.bytes;
			s.left = answer.bytes.length;
		}
		if (s.byDma) this.requestDma(true);
		else if (s.byteLimit === 0) this.#finishAborted();
		else if (s.reading) this.later("block", COMMAND_TIME, Math.min(s.left, s.byteLimit));
		else this.#sendBlock();
	}

	/** The next `length` bytes of the answer. */
	#fetch(length: number): Uint8Array {
		const s = this.state;
		const from = s.sent;
		s.sent += length;
		s.left -= length;
		if (!s.reading) return s.reply.slice(from, from + length);
		s.activity = s.activity - Math.floor(from / mmc.CD_SECTOR) + Math.floor(s.sent / mmc.CD_SECTOR);
		return this.#medium?.read(s.lba * mmc.CD_SECTOR + from, length) ?? new Uint8Array(length);
	}

	#sendBlock(): void {
		const s = this.state;
		const length = Math.min(s.left, s.byteLimit);
		s.registers[COUNT] = REASON_TO_HOST;
		s.registers[LBA_MID] = length & 0xff;
		s.registers[LBA_HIGH] = length >> 8;
		this.present(this.#fetch(length));
	}

	#sendByDma(): void {
		const s = this.state;
		while (s.left > 0) {
			if (this.dmaEngine.toMemory(this.#fetch(Math.min(s.left, DMA_CHUNK)))) continue;
			// The guest's table ended early: the drive would wait for ever, so end the command.
			s.left = 0;
		}
		this.#finish(mmc.NO_SENSE);
	}

	/** Status phase: CoD and IO set; the error register holds the sense key. */
	#finish(sense: number): void {
		const s = this.state;
		s.sense = sense;
		s.left = 0;
		s.registers[COUNT] = REASON_COMMAND | REASON_TO_HOST;
		this.complete(sense === mmc.NO_SENSE ? 0 : ((sense >> 16) << 4) | ERROR_ABRT);
		s.status = STATUS_DRDY | (sense === mmc.NO_SENSE ? 0 : STATUS_CHECK);
	}

	/** A byte count limit of zero with data to send is the host's mistake. */
	#finishAborted(): void {
		this.#finish(mmc.NO_SENSE);
		this.state.error = ERROR_ABRT;
		this.state.status |= STATUS_CHECK;
	}

	#identify(): void {
		this.state.inPacket = false;
		this.state.left = 0;
		const data = new IdentifyData()
			// ATAPI, CD-ROM, removable, DRQ within 50 us, 12-byte packets.
			.set({ 0: 0x85c0 })
			.text(SERIAL, 10, "GT00003")
			.text(FIRMWARE, 4, "1.0")
			.text(MODEL, 20, "GANTRY CD-ROM")
			.set({ 48: 1, 49: 0x0b00, 51: 0x0200, 52: 0x0200, 53: 6 })
			.set(dmaWords(this.state))
			.set({ 64: 3, 65: 120, 66: 120, 67: 120, 68: 120 })
			// ATA-4 to ATA-6; PACKET feature set, DEVICE RESET.
			.set({ 80: 0x0070, 82: 0x4210, 83: 0x4000, 84: 0x4000, 85: 0x4210, 86: 0, 87: 0x4000, 93: 0x6001 });
		this.present(data.bytes());
	}
}

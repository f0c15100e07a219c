/**
 * The packet commands of a CD-ROM drive, from twelve bytes to an answer. Nothing here knows how the answer travels.
 * SFF-8020i; MMC-3 (T10 1363D), "Commands for all Multi-Media devices"; SPC-2 for sense data and INQUIRY.
 */
import type { BlockDevice } from "./block.ts";

export const CD_SECTOR = 2048;

export const TEST_UNIT_READY = 0x00;
export const REQUEST_SENSE = 0x03;
export const INQUIRY = 0x12;
export const START_STOP_UNIT = 0x1b;
export const PREVENT_ALLOW = 0x1e;
const READ_CAPACITY = 0x25;
const READ_10 = 0x28;
const SEEK_10 = 0x2b;
const VERIFY_10 = 0x2f;
const SYNCHRONIZE_CACHE = 0x35;
const READ_TOC = 0x43;
export const GET_CONFIGURATION = 0x46;
export const GET_EVENT_STATUS = 0x4a;
const READ_DISC_INFORMATION = 0x51;
const READ_TRACK_INFORMATION = 0x52;
const MODE_SENSE_10 = 0x5a;
const READ_12 = 0xa8;
const SET_CD_SPEED = 0xbb;
export const MECHANISM_STATUS = 0xbd;
const READ_CD = 0xbe;

/** Sense key, additional sense code and qualifier, packed as 0xKKAAQQ. */
export const NO_SENSE = 0;
export const NO_MEDIUM = 0x02_3a_00;
export const ILLEGAL_OPCODE = 0x05_20_00;
export const LBA_OUT_OF_RANGE = 0x05_21_00;
export const INVALID_FIELD = 0x05_24_00;
export const REMOVAL_PREVENTED = 0x05_53_02;
export const MEDIUM_CHANGED = 0x06_28_00;

/** What a command comes to: bytes, sectors of the medium, an error, or success without data. */
export type Answer =
	| { kind: "data"; bytes: Uint8Array }
	| { kind: "sectors"; lba: number; count: number }
	| { kind: "error"; sense: number }
	| { kind: "done" };

const done: Answer = { kind: "done" };
const error = (sense: number): Answer => ({ kind: "error", sense });

type Command = (packet: Uint8Array, medium: BlockDevice) => Answer;

/** Commands that need a medium and change nothing in the drive. */
const MEDIUM_COMMANDS = new Map<number, Command>([
	[TEST_UNIT_READY, () => done],
	[READ_CAPACITY, (_packet, medium) => data([...be32(sectorsOf(medium) - 1), ...be32(CD_SECTOR)], 8)],
	[READ_10, (packet, medium) => sectors(medium, word32(packet, 2), word16(packet, 7))],
	[READ_12, (packet, medium) => sectors(medium, word32(packet, 2), word32(packet, 6))],
	[READ_CD, readCd],
	[SEEK_10, (packet, medium) => (word32(packet, 2) < sectorsOf(medium) ? done : error(LBA_OUT_OF_RANGE))],
	[VERIFY_10, () => done],
	[READ_TOC, readToc],
	[READ_DISC_INFORMATION, (packet) => data(discInformation(), word16(packet, 7))],
	[READ_TRACK_INFORMATION, (packet, medium) => data(trackInformation(medium), word16(packet, 7))],
]);

/** Commands that say something about the drive itself. */
const DRIVE_COMMANDS = new Map<number, (packet: Uint8Array, medium: BlockDevice | undefined) => Answer>([
	[INQUIRY, (packet) => (packet[1] & 1 ? error(INVALID_FIELD) : data(INQUIRY_DATA, packet[4]))],
	[MODE_SENSE_10, (packet) => modeSense(packet)],
	[GET_CONFIGURATION, (packet, medium) => data(configuration(packet, medium), word16(packet, 7))],
	[MECHANISM_STATUS, (packet) => data([0, 0, 0, 0, 0, 1, 0, 0], word16(packet, 8))],
	[SYNCHRONIZE_CACHE, () => done],
	[SET_CD_SPEED, () => done],
]);

/** Answers every command that leaves the drive as it is. */
export function answer(packet: Uint8Array, medium: BlockDevice | undefined): Answer {
	const onMedium = MEDIUM_COMMANDS.get(packet[0]);
	if (onMedium) return medium ? onMedium(packet, medium) : error(NO_MEDIUM);
	return DRIVE_COMMANDS.get(packet[0])?.(packet, medium) ?? error(ILLEGAL_OPCODE);
}

/** Fixed format sense data. SPC-2, "Sense data format". */
export function senseData(sense: number, allocation: number): Answer {
	const bytes = new Uint8Array(18);
	bytes[0] = 0x70;
	bytes[2] = sense >> 16;
	bytes[7] = 10;
	bytes[12] = (sense >> 8) & 0xff;
	bytes[13] = sense & 0xff;
	return data(bytes, allocation);
}

/** GET EVENT STATUS NOTIFICATION for the media class. @param event 0 nothing, 2 new medium, 3 removed */
export function eventStatus(packet: Uint8Array, event: number, present: boolean, open: boolean): Answer {
	const polled = (packet[1] & 1) !== 0;
	const mediaClass = (packet[4] & 0x10) !== 0;
	if (!polled) return error(INVALID_FIELD);
	const allocation = word16(packet, 7);
	if (!mediaClass) return data([0, 2, 0x80, 0x10], allocation);
	return data([0, 6, 4, 0x10, event, (present ? 2 : 0) | (open ? 1 : 0), 0, 0], allocation);
}

export function word16(bytes: Uint8Array, at: number): number {
	return (bytes[at] << 8) | bytes[at + 1];
}

function word32(bytes: Uint8Array, at: number): number {
	return word16(bytes, at) * 0x10000 + word16(bytes, at + 2);
}

function be16(value: number): number[] {
	return [(value >> 8) & 0xff, value & 0xff];
}

function be32(value: number): number[] {
	return [...be16(value >>> 16), ...be16(value & 0xffff)];
}

/** An answer is cut to what the host has room for. */
function data(bytes: ArrayLike<number>, allocation: number): Answer {
	const cut = Uint8Array.from(bytes).subarray(0, allocation);
	return cut.length > 0 ? { kind: "data", bytes: cut } : done;
}

function sectorsOf(medium: BlockDevice): number {
	return Math.floor(medium.size / CD_SECTOR);
}

function sectors(medium: BlockDevice, lba: number, count: number): Answer {
	if (lba + count > sectorsOf(medium)) return error(LBA_OUT_OF_RANGE);
	return count > 0 ? { kind: "sectors", lba, count } : done;
}

/** READ CD of mode 1 sectors: their user data, or nothing. */
function readCd(packet: Uint8Array, medium: BlockDevice): Answer {
	const USER_DATA = 0x10;
	const fields = packet[9] & 0xf8;
	if (fields === 0) return done;
	const count = packet[6] * 0x10000 + word16(packet, 7);
	return fields === USER_DATA ? sectors(medium, word32(packet, 2), count) : error(INVALID_FIELD);
}

/** Two seconds of lead-in come before sector 0. */
function address(lba: number, msf: boolean): number[] {
	if (!msf) return be32(lba);
	const frames = lba + 150;
	return [0, Math.floor(frames / 4500), Math.floor(frames / 75) % 60, frames % 75];
}

const LEAD_OUT = 0xaa;
/** Data track, copying prohibited; Q mode 1. */
const ADR_CONTROL = 0x14;

/** One data track in one session. SFF-8020i keeps the format in the control byte, MMC in byte 2. */
function readToc(packet: Uint8Array, medium: BlockDevice): Answer {
	const msf = (packet[1] & 2) !== 0;
	const format = packet[2] & 15 || packet[9] >> 6;
	const allocation = word16(packet, 7);
	const track = (number: number, lba: number) => [0, ADR_CONTROL, number, 0, ...address(lba, msf)];
	const list = (entries: number[]) => data([...be16(entries.length + 2), 1, 1, ...entries], allocation);
	if (format === 1) return list(track(1, 0));
	if (format === 2) return list(fullToc(medium));
	const first = packet[6];
	if (format !== 0 || (first > 1 && first !== LEAD_OUT)) return error(INVALID_FIELD);
	const leadOut = track(LEAD_OUT, sectorsOf(medium));
	return list(first === LEAD_OUT ? leadOut : [...track(1, 0), ...leadOut]);
}

/** Raw TOC: first track (A0), last track (A1), lead-out (A2), track 1; always MSF. */
function fullToc(medium: BlockDevice): number[] {
	const point = (number: number, place: number[]) => [1, ADR_CONTROL, 0, number, 0, 0, 0, ...place];
	return [
		...point(0xa0, [0, 1, 0, 0]),
		...point(0xa1, [0, 1, 0, 0]),
		...point(0xa2, address(sectorsOf(medium), true)),
		...point(1, address(0, true)),
	];
}

/** A finalised disc: complete, last session complete, one session, tracks 1 to 1. */
function discInformation(): number[] {
	const bytes = new Array(34).fill(0);
	Object.assign(bytes, { 1: 32, 2: 0x0e, 3: 1, 4: 1, 5: 1, 6: 1, 7: 0x20 });
	return bytes;
}

function trackInformation(medium: BlockDevice): number[] {
	const bytes = new Array(36).fill(0);
	Object.assign(bytes, { 1: 34, 2: 1, 3: 1, 5: 4, 6: 1 });
	Object.assign(bytes, Object.fromEntries(be32(sectorsOf(medium)).map((byte, i) => [24 + i, byte])));
	return bytes;
}

const text = (string: string, length: number) => [...string.padEnd(length)].map((c) => c.charCodeAt(0));

/** Peripheral type 5 (CD-ROM), removable, ATAPI response format. */
const INQUIRY_DATA = [
	5,
	0x80,
	0,
	0x21,
	31,
	0,
	0,
	0,
	...text("GANTRY", 8),
	...text("CD-ROM", 16),
	...text("1.0", 4),
];

const PROFILE_CD = 0x0008;
const PROFILE_DVD = 0x0010;
/** More than fits on any CD is a DVD. */
const CD_SECTORS = 450_000;

/** Profiles, core, removable medium, CD read. MMC-3, "Features". */
function configuration(packet: Uint8Array, medium: BlockDevice | undefined): number[] {
	const current = !medium ? 0 : sectorsOf(medium) > CD_SECTORS ? PROFILE_DVD : PROFILE_CD;
	const profile = (number: number) => [...be16(number), current === number ? 1 : 0, 0];
	const features: [number, number[]][] = [
		[0x0000, [0x03, 8, ...profile(PROFILE_DVD), ...profile(PROFILE_CD)]],
		[0x0001, [0x0b, 8, ...be32(2), 1, 0, 0, 0]],
		[0x0003, [0x03, 4, 0x29, 0, 0, 0]],
		[0x001e, [0x08 | (medium ? 1 : 0), 4, 0, 0, 0, 0]],
	];
	const requested = packet[1] & 3;
	const start = word16(packet, 2);
	const chosen = features.filter(([code, bytes]) =>
		requested === 2 ? code === start : code >= start && (requested === 0 || bytes[0] & 1),
	);
	const body = chosen.flatMap(([code, bytes]) => [...be16(code), ...bytes]);
	return [...be32(body.length + 4), 0, 0, ...be16(current), ...body];
}

/** Mode pages: error recovery, CD parameters, capabilities (reads CDs, tray, lock and eject; 8,448 kB/s). */
const MODE_PAGES = new Map([
	[0x01, [0x01, 6, 0, 5, 0, 0, 0, 0]],
	[0x0d, [0x0d, 6, 0, 13, ...be16(60), ...be16(75)]],
	[
		0x2a,
		[
			0x2a,
			18,
			0x3b,
			0,
			0x71,
			0x60,
			0x29,
			0,
			...be16(8448),
			...be16(2),
			...be16(512),
			...be16(8448),
			0,
			0,
			0,
			0,
		],
	],
]);
const ALL_PAGES = 0x3f;
const SAVED_VALUES = 3;
const CHANGEABLE_VALUES = 1;
/** A 120 mm data disc is in. */
const MEDIUM_TYPE = 0x01;

function modeSense(packet: Uint8Array): Answer {
	const page = packet[2] & ALL_PAGES;
	const control = packet[2] >> 6;
	if (control === SAVED_VALUES) return error(0x05_39_00);
	const pages = page === ALL_PAGES ? [...MODE_PAGES.values()] : [MODE_PAGES.get(page)];
	if (pages.includes(undefined)) return error(INVALID_FIELD);
	const body = pages.flatMap((bytes) => {
		const [code, length, ...values] = bytes ?? [];
		return [code, length, ...(control === CHANGEABLE_VALUES ? values.map(() => 0) : values)];
	});
	return data([...be16(body.length + 6), MEDIUM_TYPE, 0, 0, 0, 0, 0, ...body], word16(packet, 7));
}

/** The RTC's time registers: from seconds since 1970 to register bytes and back. Motorola MC146818A data sheet, "Time, Calendar, and Alarm Locations". */

export const SECONDS = 0;
export const SECONDS_ALARM = 1;
export const MINUTES = 2;
export const MINUTES_ALARM = 3;
export const HOURS = 4;
export const HOURS_ALARM = 5;
export const DAY_OF_WEEK = 6;
export const DAY = 7;
export const MONTH = 8;
export const YEAR = 9;
/** The PC's convention; the chip itself has no century. */
export const CENTURY = 0x32;

const HOUR_PM = 0x80;
/** An alarm byte of c0..ff matches every value. */
const DONT_CARE = 0xc0;

/** Register B's DM and 24/12 bits. */
export interface Format {
	binary: boolean;
	hours24: boolean;
}

/** The registers that hold time, and their values at `time` (seconds since 1970-01-01 00:00, as the guest's clock shows it). */
export function timeRegisters(time: number, format: Format): [register: number, value: number][] {
	const date = new Date(time * 1000);
	const year = date.getUTCFullYear();
	const number = (value: number) => encode(value, format);
	return [
		[SECONDS, number(date.getUTCSeconds())],
		[MINUTES, number(date.getUTCMinutes())],
		[HOURS, encodeHour(date.getUTCHours(), format)],
		[DAY_OF_WEEK, number(date.getUTCDay() + 1)],
		[DAY, number(date.getUTCDate())],
		[MONTH, number(date.getUTCMonth() + 1)],
		[YEAR, number(year % 100)],
		[CENTURY, number(Math.floor(year / 100))],
	];
}

/** The seconds since 1970 that registers hold. */
export function timeOf(registers: ArrayLike<number>, format: Format): number {
	const number = (register: number) => decode(registers[register], format);
	const year = number(CENTURY) * 100 + number(YEAR);
	const hour = decodeHour(registers[HOURS], format);
	return Date.UTC(year, number(MONTH) - 1, number(DAY), hour, number(MINUTES), number(SECONDS)) / 1000;
}

/** Whether the alarm registers match the time of day. */
export function alarmMatches(registers: ArrayLike<number>, time: number, format: Format): boolean {
	const day = ((time % 86400) + 86400) % 86400;
	const matches = (register: number, value: number) =>
		(registers[register] & DONT_CARE) === DONT_CARE || registers[register] === value;
	return (
		matches(SECONDS_ALARM, encode(day % 60, format)) &&
		matches(MINUTES_ALARM, encode(Math.floor(day / 60) % 60, format)) &&
		matches(HOURS_ALARM, encodeHour(Math.floor(day / 3600), format))
	);
}

function encode(value: number, format: Format): number {
	return format.binary ? value : (Math.floor(value / 10) << 4) | (value % 10);
}

function decode(value: number, format: Format): number {
	return format.binary ? value : (value >> 4) * 10 + (value & 15);
}

function encodeHour(hour: number, format: Format): number {
	if (format.hours24) return encode(hour, format);
	return encode(hour % 12 || 12, format) | (hour >= 12 ? HOUR_PM : 0);
}

function decodeHour(value: number, format: Format): number {
	if (format.hours24) return decode(value, format);
	return (decode(value & ~HOUR_PM, format) % 12) + (value & HOUR_PM ? 12 : 0);
}

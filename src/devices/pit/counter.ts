/**
 * One counter of the 8254, as functions over its state and the current tick.
 * Intel 8254 data sheet (231164), "Mode Definitions" and "Read Operations".
 *
 * Nothing counts while nobody looks: the counting element and OUT are computed from `start`, the tick at
 * which the count was loaded.
 */

export const MODE_TERMINAL_COUNT = 0;
export const MODE_ONE_SHOT = 1;
export const MODE_RATE = 2;
export const MODE_SQUARE = 3;
export const MODE_SOFTWARE_STROBE = 4;
export const MODE_HARDWARE_STROBE = 5;

export const ACCESS_LOW = 1;
export const ACCESS_HIGH = 2;

const STATUS_OUT = 0x80;
const STATUS_NULL_COUNT = 0x40;

export interface CounterState {
	mode: number;
	bcd: boolean;
	/** Control word RW bits: 1 low byte, 2 high byte, 3 low then high. */
	access: number;
	gate: boolean;
	/** The count in use, 1..65536 (10000 in BCD); 0 before any was written. */
	count: number;
	/** The tick at which the count was (or will be) loaded; Infinity while nothing triggers it. */
	start: number;
	/** Ticks counted when the gate closed or the first byte of a new count arrived; -1 while counting. */
	paused: number;
	/** A count written in modes 2 and 3 while counting (0 is none), the tick at which it takes over, and how far into its period. */
	next: number;
	nextStart: number;
	nextPhase: number;
	/** The count register: what was written last, as written. */
	register: number;
	/** The second byte of a 16-bit access is next. */
	writeHigh: boolean;
	readHigh: boolean;
	/** Latched count and status; -1 is none. */
	latch: number;
	statusLatch: number;
}

export function counterState(): CounterState {
	return {
		mode: MODE_SQUARE,
		bcd: false,
		access: 3,
		gate: true,
		count: 0,
		start: Number.POSITIVE_INFINITY,
		paused: -1,
		next: 0,
		nextStart: 0,
		nextPhase: 0,
		register: 0,
		writeHigh: false,
		readHigh: false,
		latch: -1,
		statusLatch: -1,
	};
}

function modulus(c: CounterState): number {
	return c.bcd ? 10000 : 65536;
}

/** Modes 2 and 3 reload themselves. */
function periodic(c: CounterState): boolean {
	return c.mode === MODE_RATE || c.mode === MODE_SQUARE;
}

/** Modes 1 and 5 start on the gate's rise. */
function gateTriggered(c: CounterState): boolean {
	return c.mode === MODE_ONE_SHOT || c.mode === MODE_HARDWARE_STROBE;
}

/** Moves to the count that was waiting for the end of a period. */
function settle(c: CounterState, now: number): void {
	if (c.next === 0 || now < c.nextStart) return;
	c.count = c.next;
	c.start = c.nextStart - c.nextPhase;
	c.next = 0;
}

/** CLK pulses since the load; negative before it. */
function elapsed(c: CounterState, now: number): number {
	return c.paused >= 0 ? c.paused : now - c.start;
}

/** OUT, high or low. */
export function output(c: CounterState, now: number): boolean {
	settle(c, now);
	const e = elapsed(c, now);
	const loaded = e >= 0 && c.count > 0;
	switch (c.mode) {
		case MODE_TERMINAL_COUNT:
			return loaded && e >= c.count;
		case MODE_ONE_SHOT:
			return !loaded || e >= c.count;
		case MODE_RATE:
			return !loaded || !c.gate || e % c.count !== c.count - 1;
		case MODE_SQUARE:
			return !loaded || !c.gate || e % c.count < Math.ceil(c.count / 2);
		default:
			return !loaded || e !== c.count;
	}
}

/** The first tick after `now` at which OUT changes, or Infinity. */
export function nextChange(c: CounterState, now: number): number {
	settle(c, now);
	if (c.count === 0 || c.paused >= 0 || c.start === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
	const next = periodic(c) ? periodicChange(c, now) : singleChange(c, now);
	return c.next > 0 ? Math.min(next, c.nextStart) : next;
}

function periodicChange(c: CounterState, now: number): number {
	const low = c.mode === MODE_RATE ? c.count - 1 : Math.ceil(c.count / 2);
	if (now < c.start) return c.start + low;
	const begin = now - ((now - c.start) % c.count);
	return now < begin + low ? begin + low : begin + c.count;
}

function singleChange(c: CounterState, now: number): number {
	const end = c.start + c.count;
	// The one-shot goes low when it is loaded; the strobes are low for one pulse after the end.
	if (c.mode === MODE_ONE_SHOT && now < c.start) return c.start;
	if (now < end) return end;
	const strobe = c.mode === MODE_SOFTWARE_STROBE || c.mode === MODE_HARDWARE_STROBE;
	return strobe && now === end ? end + 1 : Number.POSITIVE_INFINITY;
}

/** The counting element as a read sees it, in the counter's number system. */
export function currentCount(c: CounterState, now: number): number {
	settle(c, now);
	const e = elapsed(c, now);
	let value = c.count;
	if (e >= 0 && Number.isFinite(e)) {
		if (c.mode === MODE_RATE) value = c.count - (e % c.count);
		else if (c.mode === MODE_SQUARE) value = squareCount(c, e);
		else value = c.count - e;
	}
	const size = modulus(c);
	return encode(c, ((value % size) + size) % size);
}

/** Mode 3 counts by twos through each half; an odd count loads one less, and its high half is one pulse longer. */
function squareCount(c: CounterState, e: number): number {
	if (c.count === 0) return 0;
	const high = Math.ceil(c.count / 2);
	const phase = e % c.count;
	const even = c.count - (c.count % 2);
	return even - 2 * (phase < high ? phase : phase - high);
}

function encode(c: CounterState, value: number): number {
	if (!c.bcd) return value;
	let out = 0;
	for (let digit = 0; digit < 4; digit++, value = Math.floor(value / 10)) out |= (value % 10) << (digit * 4);
	return out;
}

function decode(c: CounterState, register: number): number {
	if (!c.bcd) return register || 65536;
	let value = 0;
	for (let digit = 3; digit >= 0; digit--) value = value * 10 + ((register >> (digit * 4)) & 15);
	return value || 10000;
}

/** A control word for this counter: OUT to its initial state, nothing counts until a count is written. */
export function control(c: CounterState, word: number): void {
	const mode = (word >> 1) & 7;
	const { gate } = c;
	Object.assign(c, counterState(), { gate, access: (word >> 4) & 3, bcd: (word & 1) !== 0 });
	// "Don't care bits": 6 and 7 are modes 2 and 3.
	c.mode = mode > 5 ? mode - 4 : mode;
}

export function latchCount(c: CounterState, now: number): void {
	if (c.latch < 0) c.latch = currentCount(c, now);
}

export function latchStatus(c: CounterState, now: number): void {
	if (c.statusLatch >= 0) return;
	const out = output(c, now) ? STATUS_OUT : 0;
	const nullCount = c.count === 0 || c.next > 0 || (c.paused < 0 && now < c.start) ? STATUS_NULL_COUNT : 0;
	c.statusLatch = out | nullCount | (c.access << 4) | (c.mode << 1) | (c.bcd ? 1 : 0);
}

export function readCounter(c: CounterState, now: number): number {
	if (c.statusLatch >= 0) {
		const status = c.statusLatch;
		c.statusLatch = -1;
		return status;
	}
	const value = c.latch >= 0 ? c.latch : currentCount(c, now);
	const high = c.access === ACCESS_HIGH || (c.access === 3 && c.readHigh);
	if (c.access === 3) c.readHigh = !c.readHigh;
	if (c.access !== 3 || high) c.latch = -1;
	return high ? value >> 8 : value & 0xff;
}

export function writeCounter(c: CounterState, value: number, now: number): void {
	if (c.access === 3 && !c.writeHigh) {
		c.writeHigh = true;
		c.register = value;
		// Mode 0: "Writing the first byte disables counting. OUT is set low immediately."
		if (c.mode === MODE_TERMINAL_COUNT) c.count = 0;
		return;
	}
	if (c.access === 3) c.register |= value << 8;
	else c.register = c.access === ACCESS_HIGH ? value << 8 : value;
	c.writeHigh = false;
	load(c, decode(c, c.register), now);
}

/** A complete count was written: it is loaded on the next CLK pulse, the next trigger, or the end of the period. */
function load(c: CounterState, count: number, now: number): void {
	settle(c, now);
	if (periodic(c) && c.count > 0 && c.gate && now >= c.start) {
		queue(c, count, now);
		return;
	}
	if (gateTriggered(c)) {
		// What was triggered before keeps its count; the next trigger takes the new one.
		if (c.start === Number.POSITIVE_INFINITY) c.count = count;
		return;
	}
	c.count = count;
	c.start = now + 1;
	c.paused = c.gate ? -1 : 0;
}

/** Mode 2 reloads at the end of its period, mode 3 at the end of each half: after the high half comes the new count's low one. */
function queue(c: CounterState, count: number, now: number): void {
	const begin = now - ((now - c.start) % c.count);
	const half = begin + Math.ceil(c.count / 2);
	const atHalf = c.mode === MODE_SQUARE && now < half;
	c.next = count;
	c.nextStart = atHalf ? half : begin + c.count;
	c.nextPhase = atHalf ? Math.ceil(count / 2) : 0;
}

export function setGate(c: CounterState, gate: boolean, now: number): void {
	if (gate === c.gate) return;
	settle(c, now);
	c.gate = gate;
	if (gateTriggered(c)) {
		if (gate && c.register + c.count > 0) trigger(c, now);
	} else if (periodic(c)) {
		// The rise loads the count anew; while low, OUT is high and nothing counts.
		if (gate) trigger(c, now);
		else if (c.count > 0) c.paused = Math.max(0, now - c.start);
	} else if (!gate) {
		c.paused = c.count > 0 ? Math.max(0, now - c.start) : 0;
	} else if (c.paused >= 0) {
		c.start = now - c.paused;
		c.paused = -1;
	}
}

function trigger(c: CounterState, now: number): void {
	if (c.count > 0) c.count = decode(c, c.register);
	c.next = 0;
	c.start = now + 1;
	c.paused = -1;
}

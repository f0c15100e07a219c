/**
 * 16550A universal asynchronous receiver/transmitter: COM1, COM2.
 * National Semiconductor PC16550D data sheet, section 8 "Registers".
 *
 *   0  RBR (read), THR (write); DLL while LCR.DLAB      4  MCR
 *   1  IER; DLM while LCR.DLAB                          5  LSR (read)
 *   2  IIR (read), FCR (write)                          6  MSR (read)
 *   3  LCR                                              7  SCR
 *
 * Receiving takes line time (start, data, parity and stop bits at the divisor's rate); what does not
 * fit waits outside, so input is never lost. Transmitting takes none: a byte leaves when it is written,
 * which keeps a guest that prints by polling from spending its time on an imagined wire.
 *
 * Not emulated: transmission time, overrun, parity and framing errors, break on the receiving side,
 * DMA modes (FCR bit 3), modem lines that change (the far side is always ready).
 */
import type { Bus } from "../bus/bus.ts";
import type { Alarm, Clock } from "../bus/clock.ts";
import type { ByteSink, Device, Line } from "../bus/device.ts";

const RBR_THR = 0;
const IER = 1;
const IIR_FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;

const IER_RDA = 0x01;
const IER_THRE = 0x02;
const IER_LINE_STATUS = 0x04;
const IER_MODEM_STATUS = 0x08;

const IIR_MODEM_STATUS = 0x00;
const IIR_NONE = 0x01;
const IIR_THRE = 0x02;
const IIR_RDA = 0x04;
const IIR_LINE_STATUS = 0x06;
const IIR_TIMEOUT = 0x0c;
const IIR_FIFOS = 0xc0;

const FCR_ENABLE = 0x01;
const FCR_CLEAR_RECEIVER = 0x02;
/** What of FCR stays: enable, DMA mode, trigger level. */
const FCR_KEPT = 0xc9;
const TRIGGER_LEVELS = [1, 4, 8, 14];
const FIFO_DEPTH = 16;

const LCR_DLAB = 0x80;

const MCR_OUT2 = 0x08;
const MCR_LOOP = 0x10;
const MCR_WRITABLE = 0x1f;

const LSR_DATA_READY = 0x01;
const LSR_OVERRUN = 0x02;
const LSR_ERRORS = 0x1e;
const LSR_THRE = 0x20;
const LSR_TEMT = 0x40;

/** DCD, DSR and CTS of a far side that is always there. */
const MSR_READY = 0xb0;
const MSR_RING = 0x40;
const MSR_DELTA_RING = 0x04;

/** The 1.8432 MHz crystal by sixteen. */
const BAUD_BASE = 115200;
/** FIFO mode: a timeout is four character times without a read or a new byte. */
const TIMEOUT_CHARACTERS = 4;

export class Uart implements Device {
	readonly name: string;
	readonly state = {
		ier: 0,
		fcr: 0,
		lcr: 0,
		mcr: 0,
		scr: 0,
		divisor: 1,
		/** The error bits of LSR; the others follow from the rest. */
		errors: 0,
		/** MSR: levels in 7:4, changes in 3:0. */
		msr: MSR_READY,
		/** The receiver's FIFO, or in 16450 mode at most one byte. */
		fifo: [] as number[],
		/** Sent by the far side and not yet on the wire; `taken` of them have been. */
		incoming: [] as number[],
		taken: 0,
		threPending: false,
		timedOut: false,
	};
	#base: number;
	#clock: Clock;
	#irq: Line;
	#sink: ByteSink;
	#arrival: Alarm;
	#timeout: Alarm;

	/** @param sink takes what the guest sends */
	constructor(name: string, base: number, clock: Clock, irq: Line, sink: ByteSink) {
		this.name = name;
		this.#base = base;
		this.#clock = clock;
		this.#irq = irq;
		this.#sink = sink;
		this.#arrival = clock.createAlarm(() => this.#arrive());
		this.#timeout = clock.createAlarm(() => {
			this.state.timedOut = this.state.fifo.length > 0;
			this.#update();
		});
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#base, 8, this);
	}

	/** Master reset. What the far side has sent and the guest has not received stays on the wire. */
	reset(): void {
		Object.assign(this.state, { ier: 0, fcr: 0, lcr: 0, mcr: 0, errors: 0, msr: MSR_READY });
		Object.assign(this.state, { fifo: [], threPending: false, timedOut: false });
		this.#timeout.cancel();
		this.#update();
	}

	restored(): void {
		this.#update();
	}

	/** Input from the far side: bytes arrive one after the other at line rate, as the guest makes room. */
	receive(byte: number): void {
		this.state.incoming.push(byte & 0xff);
		this.#expect();
	}

	read(offset: number): number {
		const s = this.state;
		const dlab = (s.lcr & LCR_DLAB) !== 0;
		switch (offset) {
			case RBR_THR:
				return dlab ? s.divisor & 0xff : this.#readByte();
			case IER:
				return dlab ? s.divisor >> 8 : s.ier;
			case IIR_FCR:
				return this.#readIdentification();
			case LCR:
				return s.lcr;
			case MCR:
				return s.mcr;
			case LSR:
				return this.#readLineStatus();
			case MSR:
				return this.#readModemStatus();
			default:
				return s.scr;
		}
	}

	write(offset: number, value: number): void {
		const s = this.state;
		const dlab = (s.lcr & LCR_DLAB) !== 0;
		if (offset === RBR_THR) {
			if (dlab) s.divisor = (s.divisor & 0xff00) | value;
			else this.#transmit(value);
		} else if (offset === IER) {
			if (dlab) s.divisor = (s.divisor & 0xff) | (value << 8);
			else this.#writeEnable(value);
		} else if (offset === IIR_FCR) this.#writeFifoControl(value);
		else if (offset === LCR) s.lcr = value;
		else if (offset === MCR) this.#writeModemControl(value);
		else if (offset > MSR) s.scr = value;
	}

	#fifos(): boolean {
		return (this.state.fcr & FCR_ENABLE) !== 0;
	}

	#loop(): boolean {
		return (this.state.mcr & MCR_LOOP) !== 0;
	}

	/** Nanoseconds a character takes on the wire. */
	#characterTime(): number {
		const { lcr, divisor } = this.state;
		const bits = 1 + (5 + (lcr & 3)) + (lcr & 8 ? 1 : 0) + (lcr & 4 ? 2 : 1);
		return (bits * (divisor || 0x10000) * 1e9) / BAUD_BASE;
	}

	#readByte(): number {
		const s = this.state;
		const byte = s.fifo.shift() ?? 0;
		s.timedOut = false;
		this.#watchTimeout();
		this.#expect();
		this.#update();
		return byte;
	}

	#transmit(value: number): void {
		this.state.threPending = true;
		if (this.#loop()) this.#store(value);
		else this.#sink(value);
		this.#update();
	}

	/** Section 8.6: a THRE interrupt is also raised when it is enabled while the register is empty. */
	#writeEnable(value: number): void {
		const s = this.state;
		if ((value & ~s.ier & IER_THRE) !== 0) s.threPending = true;
		s.ier = value & 0x0f;
		this.#update();
	}

	#writeFifoControl(value: number): void {
		const s = this.state;
		const toggled = ((s.fcr ^ value) & FCR_ENABLE) !== 0;
		if (toggled || (value & FCR_ENABLE && value & FCR_CLEAR_RECEIVER)) {
			s.fifo.length = 0;
			s.timedOut = false;
		}
		s.fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
		this.#watchTimeout();
		this.#expect();
		this.#update();
	}

	#writeModemControl(value: number): void {
		const before = this.#modemLines();
		this.state.mcr = value & MCR_WRITABLE;
		const now = this.#modemLines();
		const changed = (before ^ now) >> 4;
		// Trailing edge ring indicator: only its fall counts.
		const ringFell = (before & ~now & MSR_RING) !== 0;
		this.state.msr |= (changed & ~MSR_DELTA_RING) | (ringFell ? MSR_DELTA_RING : 0);
		this.#expect();
		this.#update();
	}

	/** MSR's upper half: in loopback the modem control outputs, RTS to CTS, DTR to DSR, OUT1 to RI, OUT2 to DCD. */
	#modemLines(): number {
		const mcr = this.state.mcr;
		if ((mcr & MCR_LOOP) === 0) return MSR_READY;
		return ((mcr & 2) << 3) | ((mcr & 1) << 5) | ((mcr & 0x0c) << 4);
	}

	#readModemStatus(): number {
		const value = this.#modemLines() | (this.state.msr & 0x0f);
		this.state.msr &= 0xf0;
		this.#update();
		return value;
	}

	#readLineStatus(): number {
		const s = this.state;
		const ready = s.fifo.length > 0 ? LSR_DATA_READY : 0;
		const value = LSR_THRE | LSR_TEMT | s.errors | ready;
		if (s.errors !== 0) {
			s.errors = 0;
			this.#update();
		}
		return value;
	}

	/** Reading IIR clears the THRE interrupt if that is what it reports. */
	#readIdentification(): number {
		const source = this.#source();
		if (source === IIR_THRE) {
			this.state.threPending = false;
			this.#update();
		}
		return source | (this.#fifos() ? IIR_FIFOS : 0);
	}

	/** The interrupt of the highest priority, as IIR shows it. */
	#source(): number {
		const s = this.state;
		if (s.ier & IER_LINE_STATUS && s.errors & LSR_ERRORS) return IIR_LINE_STATUS;
		if (s.ier & IER_RDA) {
			if (s.fifo.length >= this.#trigger()) return IIR_RDA;
			if (s.timedOut) return IIR_TIMEOUT;
		}
		if (s.ier & IER_THRE && s.threPending) return IIR_THRE;
		if (s.ier & IER_MODEM_STATUS && s.msr & 0x0f) return IIR_MODEM_STATUS;
		return IIR_NONE;
	}

	#trigger(): number {
		return this.#fifos() ? TRIGGER_LEVELS[this.state.fcr >> 6] : 1;
	}

	/** On a PC, OUT2 connects the interrupt pin; in loopback it does not leave the chip. */
	#update(): void {
		const connected = (this.state.mcr & (MCR_OUT2 | MCR_LOOP)) === MCR_OUT2;
		this.#irq.set(connected && this.#source() !== IIR_NONE);
	}

	/** Arms the arrival of the next waiting byte, if there is one and room for it. */
	#expect(): void {
		const s = this.state;
		const room = s.fifo.length < (this.#fifos() ? FIFO_DEPTH : 1);
		if (!room || this.#loop() || s.taken === s.incoming.length) return;
		if (this.#arrival.at === Number.POSITIVE_INFINITY)
			this.#arrival.set(this.#clock.now + this.#characterTime());
	}

	#arrive(): void {
		const s = this.state;
		if (this.#loop() || s.taken === s.incoming.length) return;
		if (s.fifo.length >= (this.#fifos() ? FIFO_DEPTH : 1)) return;
		this.#store(s.incoming[s.taken++]);
		if (s.taken === s.incoming.length) {
			s.incoming.length = 0;
			s.taken = 0;
		}
		this.#expect();
		this.#update();
	}

	/** A byte has come in on the (perhaps looped) wire. Only a loop can overrun: its sender does not wait. */
	#store(byte: number): void {
		const s = this.state;
		if (s.fifo.length >= (this.#fifos() ? FIFO_DEPTH : 1)) {
			s.errors |= LSR_OVERRUN;
			if (!this.#fifos()) s.fifo[0] = byte;
		} else {
			s.fifo.push(byte);
		}
		this.#watchTimeout();
	}

	#watchTimeout(): void {
		if (!this.#fifos() || this.state.fifo.length === 0) this.#timeout.cancel();
		else this.#timeout.set(this.#clock.now + TIMEOUT_CHARACTERS * this.#characterTime());
	}
}

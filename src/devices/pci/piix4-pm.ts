/**
 * PIIX4 power management, here function 3 of the south bridge: 8086:7113.
 * Intel 82371AB (PIIX4) data sheet, "Power Management"; ACPI specification, "ACPI Register Model".
 *
 *   40  PMBA: 64 ports    80  PMREGMISC (bit 0 decodes them)    5b  DEVACTB bit 1: APMC reaches SMI#
 *   90  SMBBA: 16 ports   d2  SMBHSTCFG (bit 0 decodes them)    SCI is wired to IRQ 9
 *
 *   PMBA  0 PM1 status   2 PM1 enable   4 PM1 control   8 PM timer   c GPE0 status, enable (words)
 *   b2    APMC: f1 gives the chip to ACPI (SCI_EN), f0 takes it back       b3  APMS
 *
 * There is no SMM. Firmware asks by DEVACTB bit 25 whether SMI# is in use already; it reads set, so that
 * firmware leaves SMM alone, as under QEMU without it.
 *
 * Not emulated: SMI#, sleep states but soft off (S1 to S4 do nothing), GPE events, throttling, C-states, the
 * SMBus (its ports read as an idle controller on which nobody answers), traps and timers of legacy power management.
 */
import type { Bus } from "../../bus/bus.ts";
import type { Alarm, Clock } from "../../bus/clock.ts";
import type { Line } from "../../bus/device.ts";
import { Oscillator, PM_TIMER_HERTZ } from "../oscillator.ts";
import { PciFunction, pciState } from "./function.ts";
import { portWindow, type Window } from "./window.ts";

const PMBA = 0x40;
const DEVACTB = 0x58;
const DEVACTB_APMC_ENABLE = 0x02000000;
const PMREGMISC = 0x80;
const SMBBA = 0x90;
const SMBHSTCFG = 0xd2;

const PM1_STATUS = 0x00;
const PM1_ENABLE = 0x02;
const PM1_CONTROL = 0x04;
const PM_TIMER = 0x08;
const GPE0 = 0x0c;
const PM_PORTS = 64;
const SMBUS_PORTS = 16;

const TMR_STS = 0x0001;
const PWRBTN_STS = 0x0100;
const PM1_STATUS_BITS = 0x8d31;
const PM1_ENABLE_BITS = 0x0521;
const SCI_EN = 0x0001;
const SLP_EN = 0x2000;
const PM1_CONTROL_BITS = 0x1c07;
const SLP_TYP_SHIFT = 10;
/** The PIIX4's SLP_TYP for soft off; firmware's \_S5 package says the same. */
const SLP_TYP_SOFT_OFF = 0;

const TIMER_BITS = 2 ** 24;
const TIMER_HALF = TIMER_BITS / 2;
const ACPI_ENABLE = 0xf1;
const ACPI_DISABLE = 0xf0;

const SMBUS_STATUS = 0;
const SMBUS_CONTROL = 2;
const SMBUS_START = 0x40;
const SMBUS_DEVICE_ERROR = 0x04;

export class Piix4Pm extends PciFunction {
	readonly state = {
		...pciState(),
		pm1Status: 0,
		pm1Enable: 0,
		pm1Control: 0,
		/** GPE0 status and enable. */
		gpe: [0, 0, 0, 0],
		apmControl: 0,
		apmStatus: 0,
		/** The half-period of the PM timer up to which its overflow has been noted. */
		timerSeen: 0,
		smbusStatus: 0,
	};
	#apmPort: number;
	#sci: Line;
	#powerOff: () => void;
	#timer: Oscillator;
	#overflow: Alarm;
	#pm: Window | undefined;
	#smbus: Window | undefined;

	/**
	 * @param apmPort B2, with B3 next to it
	 * @param sci the system control interrupt, IRQ 9
	 * @param powerOff the guest entered S5
	 */
	constructor(name: string, apmPort: number, clock: Clock, sci: Line, powerOff: () => void) {
		super({
			name,
			vendor: 0x8086,
			device: 0x7113,
			classCode: 0x068000,
			revision: 3,
			subsystemVendor: 0x1af4,
			subsystem: 0x1100,
			status: 0x0280,
			commandMask: 0x0001,
			interruptPin: 1,
		});
		this.#apmPort = apmPort;
		this.#sci = sci;
		this.#powerOff = powerOff;
		this.#timer = new Oscillator(clock, PM_TIMER_HERTZ);
		this.#overflow = clock.createAlarm(() => this.#update());
		this.#describe();
	}

	#describe(): void {
		this.powerOn(PMBA, 1, 4);
		this.writable(PMBA, 0xffc0, 4);
		this.powerOn(SMBBA, 1, 4);
		this.writable(SMBBA, 0xfff0, 4);
		this.powerOn(DEVACTB, DEVACTB_APMC_ENABLE, 4);
		for (let register = 0x44; register < 0x7c; register += 4) this.writable(register, 0xffffffff, 4);
		this.writable(DEVACTB, 0xffffffff & ~DEVACTB_APMC_ENABLE, 4);
		this.writable(PMREGMISC, 0x01, 1);
		this.writable(SMBHSTCFG, 0x0f, 1);
	}

	override attach(bus: Bus): void {
		super.attach(bus);
		const pm = {
			read: (offset: number, size: number) => this.#read(offset, size),
			write: (offset: number, value: number, size: number) => this.#write(offset, value, size),
		};
		const smbus = {
			read: (offset: number) => (offset === SMBUS_STATUS ? this.state.smbusStatus : 0),
			write: (offset: number, value: number) => this.#writeSmbus(offset, value),
		};
		this.#pm = portWindow(bus, `${this.name} registers`, PM_PORTS, pm, 4);
		this.#smbus = portWindow(bus, `${this.name} SMBus`, SMBUS_PORTS, smbus);
		bus.ports(`${this.name} APM`, this.#apmPort, 2, {
			read: (offset) => (offset === 0 ? this.state.apmControl : this.state.apmStatus),
			write: (offset, value) => this.#writeApm(offset, value),
		});
	}

	override reset(): void {
		Object.assign(this.state, {
			pm1Status: 0,
			pm1Enable: 0,
			pm1Control: 0,
			gpe: [0, 0, 0, 0],
			smbusStatus: 0,
		});
		Object.assign(this.state, { apmControl: 0, apmStatus: 0, timerSeen: this.#halves() });
		super.reset();
	}

	override restored(): void {
		super.restored();
		this.#placeWindows();
		this.#drive();
	}

	/** The power button was pressed. */
	pressPowerButton(): void {
		this.state.pm1Status |= PWRBTN_STS;
		this.#update();
	}

	protected override configWritten(): void {
		this.#placeWindows();
	}

	#placeWindows(): void {
		const config = this.state.config;
		this.#pm?.place(config[PMREGMISC] & 1 ? this.readConfig(PMBA, 4) & 0xffc0 : undefined);
		this.#smbus?.place(config[SMBHSTCFG] & 1 ? this.readConfig(SMBBA, 4) & 0xfff0 : undefined);
	}

	#read(offset: number, size: number): number {
		const s = this.state;
		const dword = offset & ~3;
		let value = 0;
		if (dword === PM1_STATUS) {
			this.#noteOverflow();
			value = s.pm1Status | (s.pm1Enable << 16);
		} else if (dword === PM1_CONTROL) value = s.pm1Control;
		else if (dword === PM_TIMER) value = this.#timer.ticks % TIMER_BITS;
		else if (dword === GPE0) value = s.gpe[0] | (s.gpe[1] << 8) | (s.gpe[2] << 16) | (s.gpe[3] << 24);
		value >>>= (offset & 3) * 8;
		return size === 4 ? value : value & (size === 2 ? 0xffff : 0xff);
	}

	#write(offset: number, value: number, size: number): void {
		for (let i = 0; i < size; i += 2) {
			if (size === 1) this.#writeByte(offset, value);
			else this.#writeWord(offset + i, (value >>> (i * 8)) & 0xffff);
		}
		this.#update();
	}

	/** A byte of a word register; the other byte of PM1 status is written as zero, which changes nothing. */
	#writeByte(offset: number, value: number): void {
		const s = this.state;
		const word = offset & ~1;
		const shift = (offset & 1) * 8;
		const current = word === PM1_ENABLE ? s.pm1Enable : word === PM1_CONTROL ? s.pm1Control : 0;
		if (word >= GPE0) this.#writeGpe(offset, value);
		else this.#writeWord(word, (current & ~(0xff << shift)) | (value << shift));
	}

	#writeWord(offset: number, value: number): void {
		const s = this.state;
		if (offset === PM1_STATUS) {
			this.#noteOverflow();
			s.pm1Status &= ~(value & PM1_STATUS_BITS);
		} else if (offset === PM1_ENABLE) s.pm1Enable = value & PM1_ENABLE_BITS;
		else if (offset === PM1_CONTROL) this.#writeControl(value);
		else if (offset >= GPE0) {
			this.#writeGpe(offset, value & 0xff);
			this.#writeGpe(offset + 1, value >> 8);
		}
	}

	#writeControl(value: number): void {
		// SLP_EN is write-only.
		this.state.pm1Control = value & PM1_CONTROL_BITS;
		if ((value & SLP_EN) !== 0 && ((value >> SLP_TYP_SHIFT) & 7) === SLP_TYP_SOFT_OFF) this.#powerOff();
	}

	#writeGpe(offset: number, value: number): void {
		const i = offset - GPE0;
		if (i < 2) this.state.gpe[i] &= ~value;
		else if (i < 4) this.state.gpe[i] = value;
	}

	#writeApm(offset: number, value: number): void {
		const s = this.state;
		if (offset === 1) {
			s.apmStatus = value;
			return;
		}
		s.apmControl = value;
		if (value === ACPI_ENABLE) s.pm1Control |= SCI_EN;
		if (value === ACPI_DISABLE) s.pm1Control &= ~SCI_EN;
		this.#update();
	}

	/** Every transaction ends in "no acknowledge". */
	#writeSmbus(offset: number, value: number): void {
		const s = this.state;
		if (offset === SMBUS_STATUS) s.smbusStatus &= ~value;
		else if (offset === SMBUS_CONTROL && value & SMBUS_START) s.smbusStatus |= SMBUS_DEVICE_ERROR;
	}

	/** How often the timer's highest bit has changed: that is what sets TMR_STS. */
	#halves(): number {
		return Math.floor(this.#timer.ticks / TIMER_HALF);
	}

	#noteOverflow(): void {
		const s = this.state;
		const halves = this.#halves();
		if (halves > s.timerSeen) s.pm1Status |= TMR_STS;
		s.timerSeen = halves;
	}

	/** Drives SCI, and wakes up at the timer's next overflow if that would raise it. */
	#update(): void {
		this.#noteOverflow();
		this.#drive();
		const s = this.state;
		if (s.pm1Enable & ~s.pm1Status & TMR_STS)
			this.#overflow.set(this.#timer.timeOf((this.#halves() + 1) * TIMER_HALF));
		else this.#overflow.cancel();
	}

	#drive(): void {
		const s = this.state;
		this.#sci.set((s.pm1Control & SCI_EN) !== 0 && (s.pm1Status & s.pm1Enable & PM1_ENABLE_BITS) !== 0);
	}
}

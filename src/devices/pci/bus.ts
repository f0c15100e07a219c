/**
 * PCI configuration mechanism #1 and the functions of bus 0.
 * PCI Local Bus Specification 3.0, section "Configuration Mechanism #1".
 *
 *   0  CONFIG_ADDRESS (CF8)  bit 31 enable, 23:16 bus, 15:11 device, 10:8 function, 7:2 register; only as a dword
 *   4  CONFIG_DATA    (CFC)  one, two or four bytes of the addressed register
 *
 * Byte and word accesses to CF8-CFB are ordinary I/O; of those only CF9 (reset control) exists.
 *
 * Not emulated: buses other than 0, type 1 cycles, mechanism #2, special cycles, master abort status.
 */
import type { Bus } from "../../bus/bus.ts";
import type { Device, Handler } from "../../bus/device.ts";
import type { PciFunction } from "./function.ts";

const ADDRESS_ENABLE = 0x80000000;
const ADDRESS_WRITABLE = 0x80fffffc;
const DATA = 4;

export class PciBus implements Device {
	readonly name: string;
	readonly state = { address: 0 };
	#base: number;
	#functions: (PciFunction | undefined)[] = new Array(256);
	#resetControl: Handler | undefined;

	/**
	 * @param base the first of the eight ports, CF8
	 * @param resetControl answers byte accesses to the second port, CF9 (PIIX3's reset control register)
	 */
	constructor(name: string, base: number, resetControl?: Handler) {
		this.name = name;
		this.#base = base;
		this.#resetControl = resetControl;
	}

	/** Puts a function at slot 0..31, function 0..7. */
	add(slot: number, number: number, device: PciFunction): void {
		const index = slot * 8 + number;
		if (this.#functions[index])
			throw new Error(`${device.name} and ${this.#functions[index].name} share a PCI address`);
		this.#functions[index] = device;
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#base, 8, this, 4);
	}

	reset(): void {
		this.state.address = 0;
	}

	read(offset: number, size: number): number {
		if (offset >= DATA) {
			const target = this.#target();
			return target ? target.readConfig((this.state.address & 0xfc) + (offset & 3), size) : ones(size);
		}
		if (size === 4) return this.state.address;
		if (offset === 1 && size === 1 && this.#resetControl) return this.#resetControl.read(0, 1);
		return ones(size);
	}

	write(offset: number, value: number, size: number): void {
		if (offset >= DATA) this.#target()?.writeConfig((this.state.address & 0xfc) + (offset & 3), value, size);
		else if (size === 4) this.state.address = (value & ADDRESS_WRITABLE) >>> 0;
		else if (offset === 1 && size === 1) this.#resetControl?.write(0, value, 1);
	}

	/** The function that CONFIG_ADDRESS selects; only bus 0 has any. */
	#target(): PciFunction | undefined {
		const address = this.state.address;
		if ((address & ADDRESS_ENABLE) === 0 || (address & 0xff0000) !== 0) return undefined;
		return this.#functions[(address >>> 8) & 0xff];
	}
}

function ones(size: number): number {
	return size === 4 ? 0xffffffff : size === 2 ? 0xffff : 0xff;
}

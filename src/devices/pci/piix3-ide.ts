/**
 * PIIX3 IDE interface, function 1 of the south bridge: 8086:7010.
 * Intel 82371FB/82371SB (PIIX/PIIX3) data sheet, "IDE Controller".
 *
 *   20..23  BMIBA: 16 ports, the primary channel's bus master and then the secondary's
 *   40..43  IDETIM, a word a channel: timing and decode enable (bit 15)      44  SIDETIM
 *
 * The channels sit at the legacy addresses; see ata/channel.ts and ata/bus-master.ts.
 *
 * Not emulated: timing; decode enable (the channels always answer); native mode.
 */
import type { BusMaster } from "../ata/bus-master.ts";
import { PciFunction, pciState } from "./function.ts";

const PORTS = 16;
const CHANNEL_PORTS = 8;

export class Piix3Ide extends PciFunction {
	readonly state = pciState();

	/** @param masters the primary and the secondary channel's */
	constructor(name: string, masters: BusMaster[]) {
		const read = (offset: number, size: number) => {
			let value = 0;
			for (let i = size - 1; i >= 0; i--)
				value = (value << 8) | masters[(offset + i) >> 3].readByte((offset + i) & 7);
			return value >>> 0;
		};
		const write = (offset: number, value: number, size: number) => {
			for (let i = 0; i < size; i++, value >>>= 8) {
				masters[(offset + i) >> 3].writeByte((offset + i) & (CHANNEL_PORTS - 1), value & 0xff);
			}
		};
		super({
			name,
			vendor: 0x8086,
			device: 0x7010,
			classCode: 0x010180,
			subsystemVendor: 0x1af4,
			subsystem: 0x1100,
			status: 0x0280,
			commandMask: 0x0005,
			bars: [
				undefined,
				undefined,
				undefined,
				undefined,
				{ kind: "ports", size: PORTS, handler: { read, write }, width: 4 },
			],
		});
		this.writable(0x40, 0xffff, 2);
		this.writable(0x42, 0xffff, 2);
		this.writable(0x44, 0xff, 1);
	}
}

/**
 * The PC: an i440FX machine as a list of devices with their addresses and lines.
 *
 *   00:00.0  440FX host bridge         00:01.0  PIIX3 ISA     00:01.1  IDE, bus master     00:01.3  power management
 *   00:02.0  VGA
 *
 *   IRQ  0 timer   1 keyboard   2 cascade   3 COM2   4 COM1   8 RTC   9 SCI   12 mouse   13 x87   14, 15 ATA
 */
import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../bus/clock.ts";
import type { ByteSink, Device, Line } from "../bus/device.ts";
import type { PhysicalMemory } from "../bus/memory.ts";
import { AtapiCdrom } from "../devices/ata/atapi.ts";
import type { BlockDevice } from "../devices/ata/block.ts";
import { BusMaster } from "../devices/ata/bus-master.ts";
import { AtaChannel } from "../devices/ata/channel.ts";
import { AtaDisk } from "../devices/ata/disk.ts";
import { CoprocessorError } from "../devices/coprocessor.ts";
import { DebugConsole, DebugExit, PostCodes } from "../devices/debug.ts";
import { Dma } from "../devices/dma.ts";
import { FwCfg } from "../devices/fw-cfg.ts";
import { PciBus } from "../devices/pci/bus.ts";
import { I440fx } from "../devices/pci/i440fx.ts";
import { Piix3 } from "../devices/pci/piix3.ts";
import { Piix3Ide } from "../devices/pci/piix3-ide.ts";
import { Piix4Pm } from "../devices/pci/piix4-pm.ts";
import { Pic } from "../devices/pic/pic.ts";
import { Pit } from "../devices/pit/pit.ts";
import { Ps2Controller } from "../devices/ps2/controller.ts";
import { Keyboard } from "../devices/ps2/keyboard.ts";
import { Mouse } from "../devices/ps2/mouse.ts";
import { type BootDevice, cmosMemory } from "../devices/rtc/memory.ts";
import { Rtc } from "../devices/rtc/rtc.ts";
import { A20Gate, SystemControl } from "../devices/system-control.ts";
import { Uart } from "../devices/uart.ts";
import { Vga } from "../devices/vga/vga.ts";

/** What the devices ask of the processor and of the machine around them. */
export interface PcPins {
	/** The processor's INTR. */
	interrupt(high: boolean): void;
	a20(enabled: boolean): void;
	/** The processor's IGNNE#. */
	ignoreFloatError(): void;
	/** The guest asked for a reset. Called inside a port write: do it after the instruction. */
	reset(): void;
	/** The guest switched the machine off. */
	powerOff(): void;
	/** The guest ended the run with this status. */
	exit(status: number): void;
}

export interface PcParts {
	pins: PcPins;
	clock: Clock;
	bus: Bus;
	/** RAM is mapped already, from 0 to its size. */
	memory: PhysicalMemory;
	/** The ROM that ends at 4 GiB: a multiple of 64 KiB. */
	firmware: Uint8Array;
	vgaBios?: Uint8Array;
	/** Primary master and slave, secondary slave. */
	hda?: BlockDevice;
	hdb?: BlockDevice;
	hdd?: BlockDevice;
	/** The disc in the drive, which is the secondary master. */
	cdrom?: BlockDevice;
	/** c the first disk, d the CD-ROM; default "dc". */
	bootOrder?: string;
	/** What the clock shows at power-on, seconds since 1970. */
	time: number;
	com1?: ByteSink;
	com2?: ByteSink;
	debugConsole?: ByteSink;
	/** What SeaBIOS logs (port 402). */
	firmwareLog?: ByteSink;
	post?: ByteSink;
}

export interface Pc {
	/** Every device, in the order in which they are attached, reset and restored. */
	readonly devices: readonly Device[];
	readonly pic: Pic;
	readonly coprocessor: CoprocessorError;
	readonly com1: Uart;
	readonly com2: Uart;
	readonly keyboard: Keyboard;
	readonly mouse: Mouse;
	readonly cdrom: AtapiCdrom;
	readonly vga: Vga;
	readonly powerManagement: Piix4Pm;
	readonly postCodes: PostCodes;
	/** Sectors moved since power-on. */
	activity(): { cdrom: number; disk: number };
	/** The RESET line. */
	reset(): void;
	/** After a snapshot was copied into the devices' states. */
	restored(): void;
}

const BOOT_DEVICES: Record<string, BootDevice> = { a: "floppy", c: "disk", d: "cdrom", n: "network" };
const silent: ByteSink = () => {};

/** Constructs the devices, wires them and attaches them to the bus; `reset` has been called once. */
export function wirePc(parts: PcParts): Pc {
	const { clock, memory, pins } = parts;
	const reset = () => pins.reset();

	const pic = new Pic(
		"pic",
		{ master: 0x20, slave: 0xa0, elcr: 0x4d0 },
		{ set: (high) => pins.interrupt(high) },
	);
	const irq = (number: number) => pic.line(number);
	const a20 = new A20Gate("a20", (enabled) => pins.a20(enabled));

	const host = new I440fx("host bridge", memory, parts.firmware);
	const isa = new Piix3("isa bridge", irq, reset);
	const pci = new PciBus("pci", 0xcf8, isa);
	const storage = wireStorage(parts, irq);
	const ide = new Piix3Ide("ide", storage.masters);
	const pm = new Piix4Pm("pm", 0xb2, clock, irq(9), () => pins.powerOff());
	const vga = new Vga({ clock, memory, rom: parts.vgaBios });
	pci.add(0, 0, host);
	pci.add(1, 0, isa);
	pci.add(1, 1, ide);
	pci.add(1, 3, pm);
	pci.add(2, 0, vga);

	const pit = new Pit("pit", { counters: 0x40, portB: 0x61 }, clock, irq(0));
	const rtc = new Rtc("rtc", 0x70, clock, irq(8), parts.time, cmosOf(parts));
	const keyboard = new Keyboard("keyboard", clock);
	const mouse = new Mouse("mouse", clock);
	const ps2Wiring = { data: 0x60, status: 0x64, keyboardIrq: irq(1), mouseIrq: irq(12), a20, reset };
	const ps2 = new Ps2Controller("ps2", ps2Wiring, clock, keyboard, mouse);
	const com1 = new Uart("com1", 0x3f8, clock, irq(4), parts.com1 ?? silent);
	const com2 = new Uart("com2", 0x2f8, clock, irq(3), parts.com2 ?? silent);
	const port92 = new SystemControl("port 92", 0x92, a20, reset);
	const coprocessor = new CoprocessorError("coprocessor", 0xf0, irq(13), () => pins.ignoreFloatError());
	const dma = new Dma("dma", { first: 0x00, second: 0xc0, pages: 0x81 });
	const fwCfg = new FwCfg("fw_cfg", { selector: 0x510, dma: 0x514 }, memory, { ram: memory.ramSize });
	const postCodes = new PostCodes("post", 0x80, parts.post);
	const debugConsole = new DebugConsole("debug console", 0xe9, parts.debugConsole ?? silent);
	const firmwareLog = new DebugConsole("firmware log", 0x402, parts.firmwareLog ?? silent);
	const debugExit = new DebugExit("debug exit", 0xf4, (status) => pins.exit(status));

	const chipset: Device[] = [pci, host, isa, ide, pm, vga, a20, port92, coprocessor, dma];
	const board: Device[] = [pit, rtc, keyboard, mouse, ps2, com1, com2, fwCfg, postCodes, debugConsole];
	const devices: Device[] = [...chipset, ...storage.devices, ...board, firmwareLog, debugExit, pic];
	for (const device of devices) device.attach(parts.bus);
	for (const device of devices) device.reset();
	return {
		devices,
		pic,
		coprocessor,
		com1,
		com2,
		keyboard,
		mouse,
		cdrom: storage.cdrom,
		vga,
		powerManagement: pm,
		postCodes,
		activity: storage.activity,
		reset: () => {
			for (const device of devices) device.reset();
		},
		restored: () => {
			for (const device of devices) device.restored?.();
		},
	};
}

/** The two ATA channels with their drives and bus masters. */
function wireStorage({ clock, memory, hda, hdb, hdd, cdrom: disc }: PcParts, irq: (number: number) => Line) {
	const disk = (name: string, image: BlockDevice | undefined, serial: string) =>
		image && new AtaDisk(name, clock, image, serial);
	const disks = [disk("hda", hda, "GT00001"), disk("hdb", hdb, "GT00002"), disk("hdd", hdd, "GT00004")];
	const cdrom = new AtapiCdrom("cdrom", clock, disc);
	const masters = [new BusMaster("ide0 bus master", memory), new BusMaster("ide1 bus master", memory)];
	const channels = [
		new AtaChannel("ide0", { command: 0x1f0, control: 0x3f6 }, clock, irq(14), masters[0], [
			disks[0],
			disks[1],
		]),
		new AtaChannel("ide1", { command: 0x170, control: 0x376 }, clock, irq(15), masters[1], [cdrom, disks[2]]),
	];
	masters.forEach((master, i) => {
		master.onStart = () => channels[i].dmaStarted();
	});
	const present = disks.filter((drive) => drive !== undefined);
	const devices: Device[] = [...present, cdrom, ...masters, ...channels];
	const activity = () => ({
		cdrom: cdrom.state.activity,
		disk: present.reduce((sum, drive) => sum + drive.state.activity, 0),
	});
	return { cdrom, masters, devices, activity };
}

function cmosOf({ memory, hda, hdb, hdd, bootOrder = "dc" }: PcParts): Map<number, number> {
	const order = [...bootOrder].map((letter) => {
		const device = BOOT_DEVICES[letter];
		if (!device) throw new Error(`boot order "${bootOrder}": no drive is called ${letter}`);
		return device;
	});
	const disks = [hda?.size, hdb?.size, undefined, hdd?.size];
	return cmosMemory({ memory: memory.ramSize, bootOrder: order, disks });
}

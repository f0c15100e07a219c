/**
 * Register scripts on QEMU's i440FX board and on Gantry's: what they read must be the same. Where QEMU knowingly
 * differs from the data sheet, the script looks elsewhere: PCI command and status after reset, MCR.OUT2 after reset,
 * OUT in modes 2, 4 and 5 and counting while the gate is low, PAM's read-only and write-only, DSC after an error,
 * PM1 status at power-on, the key of "medium removal prevented", the length in GET EVENT STATUS, sense that is told twice.
 */
import { expect } from "chai";
import { gantry, type Peer, qemu } from "./qtest.ts";

type Script = (io: Peer) => Promise<Record<string, unknown>>;

/** Runs the script on both and compares everything that it returns. */
function same(title: string, script: Script): void {
	it(title, async () => {
		const ours = gantry();
		const theirs = await qemu();
		try {
			expect(await script(ours)).to.deep.equal(await script(theirs));
		} finally {
			theirs.stop();
		}
	});
}

async function outs(io: Peer, ...pairs: [port: number, value: number][]): Promise<void> {
	for (const [port, value] of pairs) await io.out(port, value);
}

async function ins(io: Peer, ...ports: number[]): Promise<number[]> {
	const values: number[] = [];
	for (const port of ports) values.push(await io.in(port));
	return values;
}

async function config(io: Peer, bdf: number, register: number): Promise<number> {
	await io.out(0xcf8, 0x80000000 + bdf * 256 + register, 4);
	return io.in(0xcfc, 4);
}

async function setConfig(io: Peer, bdf: number, register: number, value: number, size = 4): Promise<void> {
	await io.out(0xcf8, 0x80000000 + bdf * 256 + (register & 0xfc), 4);
	await io.out(0xcfc + (register & 3), value, size);
}

const [HOST, ISA, IDE, PM, VGA] = [0x00, 0x08, 0x09, 0x0b, 0x10];

describe("Gantry's board beside QEMU's", function () {
	this.timeout(60_000);

	same("has the same PCI functions with the same headers", async (io) => {
		const found: Record<string, unknown> = {};
		for (let bdf = 0; bdf < 256; bdf++) {
			const id = await config(io, bdf, 0);
			if (id === 0xffffffff) continue;
			const registers = [0x08, 0x0c, 0x10, 0x14, 0x18, 0x20, 0x28, 0x2c, 0x30, 0x3c];
			const values: string[] = [];
			for (const register of registers) values.push((await config(io, bdf, register)).toString(16));
			found[`${bdf.toString(16)} ${id.toString(16)}`] = values;
		}
		return found;
	});

	same("answers the same sizes and kept bits when registers are written with ones", async (io) => {
		const found: Record<string, unknown> = {};
		for (const [bdf, registers] of [
			[HOST, [0x10, 0x3c]],
			[ISA, [0x10, 0x3c]],
			[IDE, [0x10, 0x20, 0x3c]],
			[PM, [0x10, 0x3c]],
			[VGA, [0x10, 0x14, 0x18, 0x3c]],
		] as const) {
			for (const register of registers) {
				await setConfig(io, bdf, register, 0xffffffff);
				found[`${bdf.toString(16)}:${register.toString(16)}`] = (await config(io, bdf, register)).toString(
					16,
				);
			}
		}
		return found;
	});

	same("moves the power management registers with PMBA and counts SCI_EN by APMC", async (io) => {
		await setConfig(io, PM, 0x40, 0x601);
		const hidden = await io.in(0x604, 2);
		await setConfig(io, PM, 0x80, 1, 1);
		await io.out(0xb2, 0xf1);
		const acpi = await io.in(0x604, 2);
		await io.out(0x602, 0x0121, 2);
		const enabled = await io.in(0x602, 2);
		await io.out(0xb3, 0x5a);
		return {
			hidden,
			acpi,
			enabled,
			apms: await ins(io, 0xb2, 0xb3),
			devactb: (await config(io, PM, 0x58)) >>> 24,
		};
	});

	same("initialises, masks, polls and reads back its 8259s", async (io) => {
		await outs(io, [0x20, 0x11], [0x21, 0x20], [0x21, 0x04], [0x21, 0x01]);
		await outs(io, [0xa0, 0x11], [0xa1, 0x28], [0xa1, 0x02], [0xa1, 0x01], [0x21, 0xfb], [0xa1, 0xff]);
		const masks = await ins(io, 0x21, 0xa1);
		await outs(io, [0x4d0, 0xff], [0x4d1, 0xff]);
		const elcr = await ins(io, 0x4d0, 0x4d1);
		await outs(io, [0x4d0, 0], [0x4d1, 0], [0x20, 0x0b], [0xa0, 0x0b]);
		const idle = await ins(io, 0x20, 0xa0);
		// COM1's transmitter asks for IRQ 4: seen in IRR, taken by a poll, then in ISR.
		await outs(io, [0x3fc, 0x08], [0x3f9, 0x02], [0x20, 0x0a]);
		const irr = (await io.in(0x20)) & 0x10;
		await outs(io, [0x21, 0xef], [0x20, 0x0c]);
		const polled = await io.in(0x20);
		await io.out(0x20, 0x0b);
		const isr = await io.in(0x20);
		await outs(io, [0x20, 0x64]);
		return { masks, elcr, idle, irr, polled, isr, after: await io.in(0x20) };
	});

	same("programs the 8254 and reads it back", async (io) => {
		const found: Record<string, unknown> = {};
		for (const mode of [0, 1, 3]) {
			await outs(io, [0x61, 0], [0x43, 0xb0 | (mode << 1)], [0x42, 0x34], [0x42, 0x12], [0x43, 0xe8]);
			// The gate is low: output, mode, access. Whether the count has been loaded yet, QEMU does not say.
			found[`status in mode ${mode}`] = (await io.in(0x42)) & 0xbf;
		}
		await outs(io, [0x61, 0x01], [0x43, 0xb0], [0x42, 100], [0x42, 0]);
		await io.pass(5);
		found["OUT 2 after a count of 100"] = (await io.in(0x61)) & 0x2f;
		return found;
	});

	same("keeps time and CMOS, and stands still under SET", async (io) => {
		const cmos = async (register: number) => {
			await io.out(0x70, register);
			return io.in(0x71);
		};
		const set = async (register: number, value: number) => outs(io, [0x70, register], [0x71, value]);
		const registers = async (...list: number[]) => {
			const values: number[] = [];
			for (const register of list) values.push(await cmos(register));
			return values;
		};
		const date = await registers(0x02, 0x04, 0x06, 0x07, 0x08, 0x09, 0x32);
		const control = [(await cmos(0x0a)) & 0x7f, await cmos(0x0b), await cmos(0x0d)];
		const sizes = await registers(0x15, 0x16, 0x17, 0x18, 0x30, 0x31, 0x34, 0x35);
		await set(0x0b, 0x82);
		await set(0x04, 0x13);
		await set(0x0b, 0x80);
		const frozen = await registers(0x02, 0x07, 0x0b);
		await set(0x0b, 0x02);
		await set(0x0b, 0x06);
		const binary = await registers(0x02, 0x07, 0x09);
		await set(0x40, 0xa5);
		return { date, control, sizes, frozen, binary, stored: await cmos(0x40) };
	});

	same("answers Linux's and SeaBIOS's probes of the serial port", async (io) => {
		const found: Record<string, unknown> = {};
		found.idle = await ins(io, 0x3f9, 0x3fa, 0x3fb, 0x3fd);
		await outs(io, [0x3fb, 0x83], [0x3f8, 0x0c], [0x3f9, 0x00]);
		found.divisor = await ins(io, 0x3f8, 0x3f9, 0x3fb);
		await outs(io, [0x3fb, 0x03], [0x3f9, 0xff], [0x3ff, 0x5a]);
		found.kept = await ins(io, 0x3f9, 0x3ff);
		await outs(io, [0x3f9, 0x00], [0x3fa, 0xc1], [0x3fc, 0x1a]);
		found.loop = [(await io.in(0x3fe)) & 0xf0, await io.in(0x3fa)];
		await outs(io, [0x3f8, 0x42]);
		await io.pass(10);
		found.looped = [(await io.in(0x3fd)) & 0x61, await io.in(0x3f8), (await io.in(0x3fd)) & 0x61];
		await outs(io, [0x3fc, 0x00], [0x3f9, 0x02]);
		await io.pass(10);
		found.thre = [await io.in(0x3fa), await io.in(0x3fa)];
		return found;
	});

	same("answers the 8042's, the keyboard's and the mouse's commands", async (io) => {
		const found: Record<string, unknown> = {};
		const drain = async () => {
			const bytes: string[] = [];
			for (let quiet = 0; quiet < 4; ) {
				const status = await io.in(0x64);
				if (status & 1) bytes.push(`${status & 0x20 ? "aux " : ""}${(await io.in(0x60)).toString(16)}`);
				else quiet++;
				await io.pass(1);
			}
			return bytes;
		};
		const controller = async (...values: number[]) => {
			await io.out(0x64, values[0]);
			for (const value of values.slice(1)) await io.out(0x60, value);
			return drain();
		};
		const keyboard = async (...values: number[]) => {
			const all: string[] = [];
			for (const value of values) {
				await io.out(0x60, value);
				all.push(...(await drain()));
			}
			return all;
		};
		const mouse = async (...values: number[]) => {
			const all: string[] = [];
			for (const value of values) all.push(...(await controller(0xd4, value)));
			return all;
		};
		await drain();
		found.selfTest = await controller(0xaa);
		found.tests = [await controller(0xab), await controller(0xa9)];
		found.config = [await controller(0x60, 0x00), await controller(0x20)];
		found.switches = [
			await controller(0xa7),
			await controller(0xad),
			await controller(0x20),
			await controller(0xa8),
			await controller(0xae),
		];
		found.buffers = [await controller(0xd2, 0x12), await controller(0xd3, 0x34)];
		found.outputPort = (await controller(0xd0)).map((byte) => Number.parseInt(byte, 16) & 3);
		found.keyboardReset = await keyboard(0xff);
		found.identity = await keyboard(0xf2);
		found.echo = await keyboard(0xee);
		found.leds = await keyboard(0xed, 0x07);
		found.scanSet = await keyboard(0xf0, 0x00);
		found.rates = await keyboard(0xf3, 0x20, 0xf4, 0xf5, 0xf6);
		found.mouseReset = await mouse(0xff);
		found.mouseIdentity = await mouse(0xf2);
		found.mouseStatus = await mouse(0xe8, 0x03, 0xe7, 0xf3, 0x50, 0xe9);
		found.wheel = await mouse(0xf3, 200, 0xf3, 100, 0xf3, 80, 0xf2);
		found.remote = await mouse(0xf0, 0xeb, 0xe9);
		found.wrap = await mouse(0xee, 0x55, 0xec);
		return found;
	});

	same("reads and writes its disk by every address and transfer", (io) => disk(io));
	same("answers packets about its disc", (io) => disc(io));

	same("walks descriptor tables by bus master", async (io) => {
		await setConfig(io, IDE, 0x20, 0xc000);
		await setConfig(io, IDE, 0x04, 0x05, 2);
		await io.write(0x1000, [0x00, 0x80, 0, 0, 0x00, 0x02, 0, 0, 0x00, 0xa0, 0, 0, 0x00, 0x02, 0, 0x80]);
		await io.out(0xc004, 0x1000, 4);
		await io.out(0xc002, 0x66);
		const found: Record<string, unknown> = {
			idle: [await io.in(0xc000), await io.in(0xc002), await io.in(0xc004, 4)],
		};
		await outs(
			io,
			[0x1f6, 0xe0],
			[0x1f2, 2],
			[0x1f3, 0x21],
			[0x1f4, 0x03],
			[0x1f5, 0],
			[0x1f7, 0xc8],
			[0xc000, 0x09],
		);
		await io.pass(200);
		found.done = [await io.in(0xc002), await io.in(0x1f7)];
		await io.out(0xc000, 0);
		found.data = [await io.read(0x8000, 4), await io.read(0xa000, 4), await io.read(0xa1fc, 4)];
		await io.out(0xc002, 0x66);
		found.cleared = await io.in(0xc002);
		return found;
	});

	same("keeps DMA registers, port 92h and the reset control register", async (io) => {
		await outs(
			io,
			[0x0c, 0],
			[0x02, 0x34],
			[0x02, 0x12],
			[0xd8, 0],
			[0xc6, 0x78],
			[0xc6, 0x56],
			[0x82, 0x9a],
		);
		await outs(io, [0x0c, 0], [0xd8, 0]);
		const dma = await ins(io, 0x02, 0x02, 0xc6, 0xc6, 0x82);
		await outs(io, [0x92, 0x02], [0xcf9, 0x02]);
		return { dma, controls: await ins(io, 0x92, 0xcf9) };
	});

	same("shows SeaBIOS the same first items of fw_cfg", async (io) => {
		const item = async (selector: number, length: number) => {
			await io.out(0x510, selector, 2);
			return ins(io, ...new Array(length).fill(0x511));
		};
		return {
			signature: await item(0, 4),
			features: await item(1, 4),
			ram: await item(3, 8),
			processors: [await item(5, 2), await item(0x0f, 2)],
			dma: [await io.in(0x514, 4), await io.in(0x518, 4)],
		};
	});

	same("shadows the BIOS segment as PAM says", async (io) => {
		const seen: Record<string, unknown> = { rom: await io.read(0xffff0, 4) };
		await setConfig(io, HOST, 0x59, 0x30, 1);
		await io.write(0xffff0, [1, 2, 3, 4]);
		seen.shadow = await io.read(0xffff0, 4);
		await setConfig(io, HOST, 0x59, 0x00, 1);
		seen.romAgain = await io.read(0xffff0, 4);
		return seen;
	});
});

async function ready(io: Peer, control: number): Promise<number> {
	for (let i = 0; i < 1000; i++) {
		const status = await io.in(control);
		if ((status & 0x80) === 0) return status;
		await io.pass(1);
	}
	throw new Error("BSY stays set");
}

async function disk(io: Peer): Promise<Record<string, unknown>> {
	const found: Record<string, unknown> = {};
	const first = async () => {
		const status = await ready(io, 0x3f6);
		if (status & 1) return { status, error: await io.in(0x1f1) };
		const word = await io.in(0x1f0, 4);
		for (let i = 1; i < 128; i++) await io.in(0x1f0, 4);
		return { status, word, after: await ready(io, 0x3f6) };
	};
	const command = async (code: number, device: number, ...registers: number[]) => {
		await io.out(0x1f6, device);
		for (let i = 0; i < registers.length; i++) await io.out(0x1f2 + i, registers[i]);
		await io.out(0x1f7, code);
	};
	found.signature = await ins(io, 0x1f2, 0x1f3, 0x1f4, 0x1f5, 0x1f7);
	await command(0xa0 | 0x4c, 0xa0);
	await ready(io, 0x3f6);
	const identity: number[] = [];
	for (let i = 0; i < 256; i++) identity.push(await io.in(0x1f0, 2));
	// Geometry, sizes, LBA and DMA, 48-bit addresses; not names, and not features that only one of them has.
	found.identity = [1, 3, 6, 47, 49, 60, 61, 64, 100, 101].map((word) => identity[word]);
	await command(0x20, 0xe0, 1, 0x22, 0x11, 0x00);
	found.lba = await first();
	await command(0x20, 0xa3, 1, 0x05, 0x02, 0x00);
	found.chs = await first();
	await command(0x20, 0xe0, 1, 0xff, 0xff, 0x0f);
	found.outside = (await ready(io, 0x3f6)) & 0x89;
	for (const [port, value] of [
		[0x1f2, 0],
		[0x1f2, 1],
		[0x1f3, 0],
		[0x1f3, 0x33],
		[0x1f4, 0],
		[0x1f4, 0x12],
	])
		await io.out(port, value);
	for (const value of [0, 0]) await io.out(0x1f5, value);
	await io.out(0x1f6, 0xe0);
	await io.out(0x1f7, 0x24);
	found.wide = await first();
	await command(0x30, 0xe0, 1, 0x40, 0, 0);
	await ready(io, 0x3f6);
	for (let i = 0; i < 128; i++) await io.out(0x1f0, 0x11223344 + i, 4);
	found.written = await ready(io, 0x3f6);
	await command(0x20, 0xe0, 1, 0x40, 0, 0);
	found.readBack = await first();
	const codes: Record<string, unknown> = {};
	for (const code of [0x10, 0x40, 0x91, 0xe0, 0xe5, 0xe7, 0xf8, 0x00, 0xfe]) {
		await command(code, 0xe0, 1, 0, 0, 0);
		const status = await ready(io, 0x3f6);
		codes[code.toString(16)] = [status & ~0x10, status & 1 ? await io.in(0x1f1) : 0];
	}
	found.codes = codes;
	await command(0xc6, 0xe0, 8);
	found.multiple = await ready(io, 0x3f6);
	await io.out(0x1f6, 0xb0);
	found.absent = await io.in(0x1f7);
	await io.out(0x1f6, 0xa0);
	await io.out(0x3f6, 0x04);
	await io.pass(5);
	await io.out(0x3f6, 0x00);
	await io.pass(5);
	found.reset = [await ready(io, 0x3f6), await ins(io, 0x1f1, 0x1f2, 0x1f3, 0x1f4, 0x1f5)];
	return found;
}

async function disc(io: Peer): Promise<Record<string, unknown>> {
	const packet = async (...bytes: number[]) => {
		for (const [port, value] of [
			[0x176, 0xa0],
			[0x171, 0],
			[0x174, 0x00],
			[0x175, 0x10],
			[0x177, 0xa0],
		])
			await io.out(port, value);
		await ready(io, 0x376);
		const reason = await io.in(0x172);
		for (let i = 0; i < 12; i += 2) await io.out(0x170, (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8), 2);
		const data: number[] = [];
		const blocks: number[] = [];
		let status = await ready(io, 0x376);
		while (status & 8) {
			const length = (await io.in(0x174)) | ((await io.in(0x175)) << 8);
			blocks.push(length);
			for (let i = 0; i < length; i += 2) {
				const word = await io.in(0x170, 2);
				data.push(word & 0xff, word >> 8);
			}
			status = await ready(io, 0x376);
		}
		const failed = status & 1;
		return {
			reason: reason & 3,
			blocks,
			data,
			failed,
			key: failed ? (await io.in(0x171)) >> 4 : 0,
			end: (await io.in(0x172)) & 3,
		};
	};
	/** The first and the last word of each sector are its number and its complement. */
	const sectors = async (...bytes: number[]) => {
		const { data, ...rest } = await packet(...bytes);
		return { ...rest, length: data.length, first: data.filter((_, i) => i % 2048 < 4 || i % 2048 >= 2044) };
	};
	const found: Record<string, unknown> = {};
	found.signature = await ins(io, 0x172, 0x173, 0x174, 0x175);
	await io.out(0x177, 0xec);
	found.identifyDevice = [(await ready(io, 0x376)) & 1, await io.in(0x171), await ins(io, 0x174, 0x175)];
	found.ready = await packet(0x00);
	found.capacity = await packet(0x25);
	found.inquiry = (await packet(0x12, 0, 0, 0, 36)).data.slice(0, 5);
	found.read = await sectors(0x28, 0, 0, 0, 0, 0x25, 0, 0, 3);
	found.read12 = await sectors(0xa8, 0, 0, 0, 0, 1, 0, 0, 0, 1);
	found.outside = await packet(0x28, 0, 0, 0, 2, 0xbc, 0, 0, 1);
	const sense = async () => {
		const { data } = await packet(0x03, 0, 0, 0, 18);
		return [data[0] & 0x7f, data[2], data[7], data[12], data[13], data.length];
	};
	found.sense = await sense();
	found.unknown = await packet(0xc7);
	found.unknownSense = await sense();
	/** Bit 1 of a track's control says whether it may be copied: as one likes. */
	const toc = async (...bytes: number[]) => {
		const { data } = await packet(0x43, ...bytes);
		return data.map((byte, i) => (i % 8 === 5 ? byte & ~2 : byte));
	};
	found.toc = await toc(0, 0, 0, 0, 0, 0, 0, 64);
	found.tocMsf = await toc(2, 0, 0, 0, 0, 0xaa, 0, 64);
	found.sessions = (await toc(0, 0, 0, 0, 0, 0, 0, 64, 0x40)).slice(0, 4);
	found.event = (await packet(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8)).data.slice(2);
	found.lock = await packet(0x1e, 0, 0, 0, 1);
	found.eject = (await packet(0x1b, 0, 0, 0, 2)).failed;
	found.ejectSense = (await sense())[3];
	found.mechanism = await packet(0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8);
	found.profile = (await packet(0x46, 2, 0, 0, 0, 0, 0, 0, 8)).data.slice(6);
	return found;
}

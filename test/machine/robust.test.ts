import { readFileSync } from "node:fs";
import { expect } from "chai";
import { createPc } from "../../src/machine/machine.ts";
import { Random } from "../harness/random.ts";

const directory = process.env.GANTRY_BUILD ?? new URL("../../build", import.meta.url).pathname;
const built = (name: string) => new Uint8Array(readFileSync(`${directory}/${name}`));
/** More machines for a longer look: GANTRY_FUZZ=200. */
const MACHINES = Number(process.env.GANTRY_FUZZ ?? 6);
const ACCESSES = 2000;

/** Ranges that the board's devices answer, first and last port. */
const PORTS = [
	[0x1f0, 0x1f7],
	[0x3f6, 0x3f6],
	[0x170, 0x177],
	[0x376, 0x376],
	[0x20, 0x21],
	[0xa0, 0xa1],
	[0x40, 0x43],
	[0x60, 0x64],
	[0x70, 0x71],
	[0x92, 0x92],
	[0x510, 0x51b],
	[0xb2, 0xb3],
	[0x3f8, 0x3ff],
	[0x2f8, 0x2ff],
	[0x1ce, 0x1d0],
	[0x3c0, 0x3cf],
	[0x3d4, 0x3da],
	[0xcf8, 0xcff],
	[0x4d0, 0x4d1],
	[0, 0xdf],
	[0xc000, 0xc010],
	[0, 0xffff],
];
const FUNCTIONS = [0x00, 0x08, 0x09, 0x0b, 0x10];
const WINDOWS = [0xa0000, 0xb8000, 0xe0000000, 0xfd000000, 0xfebf0000];

type Pc = ReturnType<typeof createPc>;

function open(): Pc {
	const wasm = Object.fromEntries(
		["core.wasm", "interpreter.wasm", "decode.bin", "stencils.bin"].map((name) => [name, built(name)]),
	);
	const disc = { size: 1 << 20, read: (_: number, length: number) => new Uint8Array(length) };
	const hda = { ...disc, write() {} };
	return createPc({ wasm, memory: 4 << 20, bios: built("bios.bin"), time: 0, seed: 1, hda, cdrom: disc });
}

function configure({ bus }: Pc, random: Random): void {
	const address = 0x80000000 + random.pick(FUNCTIONS) * 0x100 + random.below(64) * 4;
	bus.writePort(0xcf8, address, 4);
	bus.writePort(0xcfc, random.u32(), 4);
}

function letTimePass({ clock }: Pc, random: Random): void {
	clock.skipTo(clock.now + random.below(random.pick([1000, 1e6, 1e7])));
	clock.fireDue();
	expect(clock.state.deadlines.some(Number.isNaN), "an alarm at no time").to.equal(false);
	expect(clock.next, "an alarm that is due for ever").to.be.greaterThan(clock.now);
}

function access(pc: Pc, random: Random): void {
	const { bus } = pc;
	const size = random.pick([1, 1, 1, 2, 4]);
	const [first, last] = random.pick(PORTS);
	const port = random.between(first, last);
	const value = (random.chance(0.5) ? random.u32() : random.below(256)) % 2 ** (8 * size);
	const kind = random.below(40);
	if (kind < 20) bus.writePort(port, value, size);
	else if (kind < 30) bus.readPort(port, size);
	else if (kind < 34) configure(pc, random);
	else if (kind < 36) bus.writeMemory(random.pick(WINDOWS) + random.below(0x10000), value, size);
	else if (kind < 38) bus.readMemory(random.pick(WINDOWS) + random.below(0x10000), size);
	else if (kind < 39) letTimePass(pc, random);
	else if (random.chance(0.1)) pc.screen.render();
	else if (random.chance(0.12)) pc.load(pc.save());
}

describe("a PC whose registers are written at random", function () {
	this.timeout(60_000 + MACHINES * 5000);

	it("neither throws nor stands still, and runs on", () => {
		for (let seed = 0; seed < MACHINES; seed++) {
			const random = new Random(seed);
			const pc = open();
			for (let i = 0; i < ACCESSES; i++) access(pc, random);
			const end = pc.clock.now + 100_000;
			for (let runs = 0; runs < 100 && pc.clock.now < end; runs++) {
				const { kind } = pc.run(end);
				if (kind === "shutdown" || kind === "halted") break;
			}
		}
	});

	it("remembers a bounded number of addresses that nobody claims", () => {
		const { bus } = open();
		for (let i = 0; i < 10_000; i++) bus.readMemory(0xd0000000 + i * 4, 4);
		expect(bus.unclaimed.size).to.be.at.most(4096);
	});
});

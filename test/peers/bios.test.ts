/**
 * Gantry's BIOS in QEMU against SeaBIOS in QEMU: the same programs call the same services, and what they see
 * must be the same, line by line. Under Gantry's ROM the VGA has no ROM of its own, so INT 10h is Gantry's too.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { runBios as runOnGantry } from "../firmware/bios-run.ts";
import {
	BIOS32,
	comparable,
	golden,
	goldenPath,
	KEYS,
	ofAnyDisc,
	type Program,
	TASKS,
	type Transcript,
} from "../guest/bios/programs.ts";
import { type Options, type Run, runBios } from "./bios-run.ts";
import { make } from "./qemu.ts";

/** Runs a program under both ROMs; with UPDATE=1, SeaBIOS's answers become the golden ones. */
async function both(program: Program, options: Options = {}): Promise<Run> {
	const roms = ["Gantry", "SeaBIOS"] as const;
	const [ours, theirs] = await Promise.all(roms.map((rom) => runBios(program, rom, options)));
	const expected = comparable(program, theirs);
	if (process.env.UPDATE) {
		mkdirSync(new URL(".", goldenPath(program)), { recursive: true });
		writeFileSync(goldenPath(program), `${expected.join("\n")}\n`);
	}
	expect(comparable(program, ours).join("\n")).to.equal(expected.join("\n"));
	expect(golden(program), "golden transcript (UPDATE=1 records it)").to.deep.equal(expected);
	return ours;
}

interface Range {
	base: bigint;
	end: bigint;
	type: number;
}

function memoryMap(transcript: Transcript): Range[] {
	return transcript.lines
		.map((line) => /^e820 ([0-9a-f]{16}) ([0-9a-f]{16}) (\d) eax 534d4150 ecx 20 carry 0$/.exec(line))
		.filter((match) => match !== null)
		.map(([, base, length, type]) => ({
			base: BigInt(`0x${base}`),
			end: BigInt(`0x${base}`) + BigInt(`0x${length}`),
			type: Number(type),
		}));
}

const KIB = 1024n;
const MIB = KIB * KIB;
const GIB = 1024n * MIB;
const USABLE = 1;

describe("BIOS under QEMU, against SeaBIOS", () => {
	before(() => {
		make("firmware/bios");
		make("test/guest/bios");
	});

	describe("reports memory", () => {
		for (const memory of [16, 128, 4096])
			it(`of ${memory} MiB without gaps in the usable part`, async () => {
				const transcript = await runBios("memory", "Gantry", { memory });
				const map = memoryMap(transcript);
				for (let i = 1; i < map.length; i++)
					expect(map[i].base >= map[i - 1].end, `range ${i}`).to.equal(true);
				const usable = map.filter((range) => range.type === USABLE);
				expect(usable[0]).to.deep.equal({ base: 0n, end: 639n * KIB, type: USABLE });
				expect(usable[1].base).to.equal(MIB);
				const total = usable.reduce((sum, range) => sum + range.end - range.base, 0n);
				expect(total > BigInt(memory) * MIB - 512n * KIB, `${total}`).to.equal(true);
				expect(usable.some((range) => range.base === 4n * GIB)).to.equal(memory === 4096);
			});

		it("and moves blocks and the A20 line as SeaBIOS does", async () => {
			const { lines } = await both("memory");
			expect(lines).to.include("2400 ah 00 al 00 carry 0 wraps 1");
			expect(lines).to.include("2401 ah 00 al 00 carry 0 wraps 0");
		});
	});

	it("reads and writes disks and CDs alike", async () => {
		const { lines } = await both("disk");
		expect(lines).to.include("boot drive e0");
		expect(lines.filter((line) => line.startsWith("80 42 "))[1]).to.match(/^80 42 12345\+7 done 7 carry 0/);
	});

	it("draws and scrolls text and graphics alike, in the same register state", async () => {
		const { own } = await both("video");
		const mono = own.find((line) => line.startsWith("own: registers 07: "));
		expect(mono).to.include("misc 66");
		expect(mono).to.include("28 0d 96 b9 a3 ff");
	});

	it("offers the same VBE modes, banks and scrolling", async () => {
		const { own } = await both("vbe");
		expect(own).to.deep.equal(["own: 4f09 set ax 004f", "own: 4f09 get ax 004f 123c7ff0"]);
	});

	it("keeps time alike", async function () {
		// QEMU's clock is the host's, which may be kept busy by others for a tick or two.
		this.retries(3);
		const { lines } = await both("clock");
		expect(lines).to.include("04 cx 2024 dx 0229 carry 0");
		expect(lines).to.include("86 waited 3 to 5 ticks, carry 0");
	});

	it("answers for PCI alike, and leaves tables that sum to zero", async () => {
		const { own } = await both("pci");
		expect(own).to.include("own: b109 odd ah 87 carry 1");
		expect(own.filter((line) => line.includes("sum"))).to.have.members([
			"own: RSDP sum 00 revision 0",
			"own: BIOS32 sum 00",
			"own: SMBIOS sums 00 00",
			"own: PIR sum 00",
		]);
	});

	it("answers for PCI in 32-bit mode too", async () => {
		expect((await runBios("bios32", "Gantry")).lines).to.deep.equal(BIOS32);
	});

	for (const program of TASKS)
		it(`serves a task in virtual-8086 mode: ${program}`, async () => {
			const keys = program === "keyboard" ? KEYS.map(([, qemu]) => qemu) : undefined;
			const { lines } = await runBios(`v86-${program}`, "Gantry", { keys });
			expect(ofAnyDisc(lines).join("\n")).to.equal(ofAnyDisc(golden(program)!).join("\n"));
		});

	it("translates keys alike", async () => {
		const { lines, own } = await both("keyboard", { keys: KEYS.map(([, qemu]) => qemu) });
		expect(own).to.deep.equal(["own: 00 3b00"]);
		expect(lines.at(-1)).to.match(/^key 4400/);
		expect(lines.filter((line) => line.startsWith("key ")).length).to.be.greaterThan(35);
	});
});

describe("BIOS under QEMU, choosing what to boot", () => {
	before(() => {
		make("firmware/bios");
		make("test/guest/bios");
	});

	/** Prints DL and a letter on COM1, then ends QEMU. */
	const bootSector = new Uint8Array(512);
	bootSector.set([
		0xba, 0xf8, 0x03, 0xb0, 0x48, 0xee, 0xb0, 0x0a, 0xee, 0xb0, 0x00, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd,
	]);
	bootSector.set([0x55, 0xaa], 510);

	it("starts the disk's boot sector where CMOS says disk first", async () => {
		const { lines, log } = await runBios("clock", "Gantry", { order: "c", bootSector });
		expect(lines).to.deep.equal(["H"]);
		expect(log).to.include("boot: hard disk\n");
	});

	it("goes on to the CD where the disk has no boot sector", async () => {
		const { log } = await runBios("pci", "Gantry", { order: "cd" });
		expect(log).to.include("Hard disk: no boot sector.\nboot: CD, entry 0000:7c00\n");
	});

	it("says in one line that there is nothing to boot", async () => {
		const { log } = await runBios(undefined, "Gantry", { order: "dc", noCd: true, until: /Insert one/ });
		expect(log.trimEnd().split("\n").at(-1)).to.equal("No bootable disk or CD. Insert one and reset.");
	});

	it("runs a video ROM that the adapter brings", async () => {
		const { lines, log } = await runBios("pci", "Gantry", { videoRom: true });
		expect(log).to.include("video ROM at C000:0000\n");
		expect(lines[0]).to.match(/^b101 ah 00/);
	});
});

describe("BIOS on Gantry, with another's video ROM", () => {
	it("runs SeaVGABIOS in big real mode and leaves INT 10h to it", () => {
		const vgaBios = new Uint8Array(readFileSync("/usr/share/seabios/vgabios-stdvga.bin"));
		const { lines, log } = runOnGantry("vbe", { vgaBios });
		expect(log).to.include("video ROM at C000:0000\nStart SeaVGABIOS");
		expect(lines).to.deep.equal(golden("vbe"));
	});
});

// The system-mode programs on two bare processors in step: every mode, every kind of gate and fault.

import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { RegionStats } from "../../src/bus/processor.ts";
import { readMultibootImage } from "../../src/machine/multiboot-image.ts";
import type { ProcessorOptions } from "../../src/translate/processor.ts";
import { programPath } from "../guest/system/programs.ts";
import { everything, openProcessor, startFlat } from "../x86/open.ts";
import { BARE } from "./lockstep-guests.ts";

const RAM_SIZE = 64 << 20;
/** What the programs use of it. */
const USED = 8 << 20;
const EXIT_PORT = 0xf4;
const DEBUG_PORT = 0xe9;
const LONGEST = 20_000_000;
/** Instructions between two comparisons: not the length of any loop, and more where a draft must have 512 before it begins. */
const SLICE = 997;
const SLICE_OF_DRAFTS = 6007;

function open(name: string, options: ProcessorOptions) {
	const subject = { said: "", exited: false };
	const { processor, memory } = openProcessor(
		RAM_SIZE,
		{
			writePort(port, value) {
				if (port === DEBUG_PORT) subject.said += String.fromCharCode(value & 0xff);
				if (port !== EXIT_PORT) return;
				subject.exited = true;
				processor.stopAt(0);
			},
		},
		options,
	);
	const image = readMultibootImage(readFileSync(programPath(name)));
	for (const { address, bytes } of image.segments) memory.write(address, bytes);
	startFlat(processor, image.entry);
	const registers = processor.registers();
	registers.general[0] = 0x2bad_b002n;
	processor.setRegisters(registers);
	return { subject, processor, memory };
}

describe("in lock-step on bare processors,", function () {
	this.timeout(120_000);

	for (const name of BARE)
		it(`${name} goes through the same states, interpreted and compiled`, () => goInStep(name, { hot: 2 }));

	for (const name of BARE)
		it(`${name} does so too where every block is drafted at its second entry`, () =>
			goInStep(name, { hot: 50_000, drafts: { after: 2, blocks: 1 } }));

	// A block with a breakpoint is asked for and refused again and again.
	for (const name of ["debug", "hot"] as const)
		it(`${name} does so too where every block is compiled at its first entry`, () =>
			goInStep(name, { hot: 1 }));

	// By then it is known where calls go, and a region is all of a loop.
	for (const name of ["calls", "calls32", "bases", "floating", "loops", "windows"] as const)
		it(`${name} does so too where blocks are compiled after a hundred entries`, () =>
			goInStep(name, { hot: 100 }));

	// Drafts count how often their blocks are entered, and make room.
	for (const name of ["calls", "contexts", "hot", "paging", "loops", "windows"] as const)
		it(`${name} does so too where drafts become regions after a hundred entries`, () => {
			const { drafts, compiled } = goInStep(name, { hot: 100, drafts: { after: 8, blocks: 1 } });
			expect(drafts, "drafts").to.be.above(0);
			expect(compiled, "regions").to.be.above(0);
		});

	it("calls is drafted only once so many of its blocks are warm", () => {
		const draftsWith = (blocks: number) =>
			goInStep("calls", { hot: 50_000, drafts: { after: 8, blocks } }).drafts;
		expect(draftsWith(10)).to.be.above(0);
		expect(draftsWith(1000)).to.equal(0);
	});
});

function goInStep(name: (typeof BARE)[number], options: ProcessorOptions): RegionStats {
	const one = open(name, { compiler: false, model: everything() });
	const other = open(name, { ...options, model: everything() });
	const slice = options.drafts ? SLICE_OF_DRAFTS : SLICE;
	let stop: string;
	do {
		stop = one.processor.run(one.processor.retired + slice);
		expect(other.processor.run(other.processor.retired + slice)).to.equal(stop);
		const where = `after ${one.processor.retired} instructions`;
		if (Buffer.compare(one.processor.save(), other.processor.save())) {
			expect(other.processor.registers(), where).to.deep.equal(one.processor.registers());
			expect.fail(`hidden state ${where}`);
		}
		const same = Buffer.compare(one.memory.ram.subarray(0, USED), other.memory.ram.subarray(0, USED)) === 0;
		expect(same, `memory ${where}`).to.equal(true);
	} while (stop === "limit" && !one.subject.exited && one.processor.retired < LONGEST);
	expect(other.subject).to.deep.equal(one.subject);
	expect(one.subject.exited || stop === "shutdown").to.equal(true);
	expect(one.memory.ram.subarray(USED).some((byte) => byte !== 0)).to.equal(false);
	return other.processor.regionStats;
}

import { expect } from "chai";
import { Iso } from "../../src/image/iso-reader.ts";
import {
	atHandoff,
	findMultibootHeader,
	handoffDisc,
	MultibootError,
	startMultiboot,
} from "../../src/machine/multiboot.ts";
import { readMultibootImage } from "../../src/machine/multiboot-image.ts";
import { FakeMachine } from "../harness/fake-machine.ts";
import { multibootGuest } from "../harness/multiboot-guest.ts";

const INFO = 0x9000;
const RDI = 7;
const MIB = 1 << 20;

/** A machine as the hand-off disc's code leaves it: the memory map at 8000h. */
function handedOff(): FakeMachine {
	const machine = new FakeMachine();
	const map: [base: number, length: number, type: number][] = [
		[0, 0x9fc00, 1],
		[0xf0000, 0x10000, 2],
		[MIB, machine.ram.length - MIB, 1],
	];
	const view = new DataView(machine.ram.buffer);
	for (const [i, [base, length, type]] of map.entries()) {
		view.setBigUint64(0x8000 + i * 20, BigInt(base), true);
		view.setBigUint64(0x8008 + i * 20, BigInt(length), true);
		view.setUint32(0x8010 + i * 20, type, true);
	}
	machine.processor.current.general[RDI] = BigInt(0x8000 + map.length * 20);
	return machine;
}

function word(machine: FakeMachine, address: number): number {
	return new DataView(machine.ram.buffer).getUint32(address, true);
}

function text(machine: FakeMachine, address: number): string {
	return new TextDecoder().decode(machine.ram.subarray(address, machine.ram.indexOf(0, address)));
}

/** A kernel placed by the addresses in its header: 64 bytes, header at 16. */
function addressKernel(changes: Partial<Record<number, number>> = {}): Uint8Array {
	const bytes = new Uint8Array(64).fill(0x90);
	const flags = 1 << 16;
	const fields = [0x1badb002, flags, -(0x1badb002 + flags), MIB + 16, MIB, 0, MIB + 4096, MIB + 48];
	const view = new DataView(bytes.buffer);
	for (const [i, value] of fields.entries()) view.setUint32(16 + i * 4, changes[i] ?? value, true);
	return bytes;
}

describe("a Multiboot kernel", () => {
	let kernel: Uint8Array;
	before(() => (kernel = multibootGuest()));

	it("is known by a header whose checksum is right, anywhere 4-byte aligned in the first 8 KiB", () => {
		expect(findMultibootHeader(kernel)).to.have.property("flags", 3);
		expect(findMultibootHeader(addressKernel({ 2: 1 }))).to.equal(undefined);
		const late = new Uint8Array(9000);
		late.set(addressKernel(), 8192);
		expect(findMultibootHeader(late)).to.equal(undefined);
	});

	it("is placed by its program headers and entered at the address of its entry point", () => {
		const machine = handedOff();
		machine.ram.fill(0xcc, MIB);
		const { segments, entry } = readMultibootImage(kernel);
		startMultiboot(machine, kernel, { commandLine: "", modules: [] });
		for (const { address, bytes, size } of segments) {
			expect(machine.ram.subarray(address, address + bytes.length)).to.deep.equal(bytes);
			expect(
				machine.ram.subarray(address + bytes.length, address + size).every((byte) => byte === 0),
			).to.equal(true);
		}
		expect(machine.processor.registers().rip).to.equal(BigInt(entry));
	});

	it("is placed by its header's addresses where they are given", () => {
		const machine = handedOff();
		machine.ram.fill(0xcc, MIB);
		startMultiboot(machine, addressKernel(), { commandLine: "", modules: [] });
		expect(machine.ram.subarray(MIB, MIB + 64)).to.deep.equal(addressKernel());
		expect([machine.ram[MIB + 64], machine.ram[MIB + 4095], machine.ram[MIB + 4096]]).to.deep.equal([
			0, 0, 0xcc,
		]);
		expect(machine.processor.registers().rip).to.equal(BigInt(MIB + 48));
	});

	it("finds the machine state that the specification promises", () => {
		const machine = handedOff();
		startMultiboot(machine, kernel, { commandLine: "", modules: [] });
		const registers = machine.processor.registers();
		expect(registers.general[0]).to.equal(0x2badb002n);
		expect(registers.general[3]).to.equal(BigInt(INFO));
		expect(registers.cr0 & 0x80000001n).to.equal(1n);
		expect(registers.rflags & 0x20200n).to.equal(0n);
		for (const [i, { base, limit, attributes }] of registers.segments.entries()) {
			expect({ base, limit }).to.deep.equal({ base: 0n, limit: 0xffffffff });
			expect(attributes & 0x409a).to.equal(i === 1 ? 0x409a : 0x4092);
		}
	});

	it("is told its command line, the memory and the BIOS's map of it", () => {
		const machine = handedOff();
		startMultiboot(machine, kernel, { commandLine: "kernel root=0", modules: [] });
		expect(word(machine, INFO) & 0x4d).to.equal(0x4d);
		expect(word(machine, INFO + 4)).to.equal(639);
		expect(word(machine, INFO + 8)).to.equal((machine.ram.length - MIB) / 1024);
		expect(text(machine, word(machine, INFO + 16))).to.equal("kernel root=0");
		const map = word(machine, INFO + 48);
		expect(word(machine, INFO + 44)).to.equal(3 * 24);
		expect(word(machine, map)).to.equal(20);
		expect(machine.ram.subarray(map + 4 + 24, map + 24 + 24)).to.deep.equal(
			machine.ram.subarray(0x8014, 0x8028),
		);
	});

	it("gets its modules on pages behind itself", () => {
		const machine = handedOff();
		const modules = ["a x=1", "b"].map((commandLine, i) => ({
			commandLine,
			bytes: new Uint8Array(5000).fill(i + 1),
		}));
		startMultiboot(machine, kernel, { commandLine: "", modules });
		const list = word(machine, INFO + 24);
		expect(word(machine, INFO + 20)).to.equal(2);
		for (const [i, module] of modules.entries()) {
			const [start, end, name] = [0, 4, 8].map((at) => word(machine, list + i * 16 + at));
			expect(start % 4096).to.equal(0);
			expect(machine.ram.subarray(start, end)).to.deep.equal(module.bytes);
			expect(text(machine, name)).to.equal(module.commandLine);
		}
	});

	const refused: [why: string, kernel: () => Uint8Array][] = [
		["it has no Multiboot header", () => new Uint8Array(100)],
		["demands features that are not known", () => addressKernel({ 1: 0x10010, 2: -(0x1badb002 + 0x10010) })],
		["addresses lie outside the file", () => addressKernel({ 5: MIB + 65 })],
		["where there is no free memory", () => addressKernel({ 6: 16 * MIB })],
		["where there is no free memory", () => addressKernel({ 3: 0xf0010, 4: 0xf0000 })],
		["where the boot information goes", () => addressKernel({ 3: 0x9010, 4: 0x9000, 6: 0xa000 })],
		["truncated ELF file", () => kernel.slice(0, findMultibootHeader(kernel)!.offset + 12)],
	];
	for (const [why, file] of refused) {
		it(`is refused: ${why}`, () => {
			expect(() => startMultiboot(handedOff(), file(), { commandLine: "", modules: [] })).to.throw(
				MultibootError,
				why,
			);
		});
	}
});

describe("the hand-off disc", () => {
	it("boots by El Torito, and its code ends by CLI and OUT F4h, where the hand-off is", () => {
		const disc = handoffDisc();
		const { sector, loadSegment, media } = new Iso(disc).boot!;
		expect({ loadSegment, media }).to.deep.equal({ loadSegment: 0, media: 0 });
		const code = disc.subarray(sector * 2048, sector * 2048 + 2048);
		const end = code.findLastIndex((byte) => byte !== 0) + 1;
		expect([...code.subarray(end - 3, end)]).to.deep.equal([0xfa, 0xe6, 0xf4]);
		const machine = new FakeMachine();
		machine.processor.current.rip = BigInt(0x7c00 + end);
		expect(atHandoff(machine.processor.registers())).to.equal(true);
		machine.processor.current.rip = 0x7c00n;
		expect(atHandoff(machine.processor.registers())).to.equal(false);
	});
});

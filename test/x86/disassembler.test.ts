import { expect } from "chai";
import { disassemble1 } from "../../src/x86/disassembler/index.ts";

const ADDRESS = 0x1000n;

// What it reads out of bytes is compared with an independent disassembler in test/decode.
describe("the disassembler", () => {
	it("names what branches and RIP-relative operands point at", () => {
		const name = (address: bigint) => (address === 0x1010n ? "kmain" : undefined);
		const text = (code: string) => disassemble1(Buffer.from(code, "hex"), ADDRESS, 64, name).text;
		expect(text("e80b000000")).to.equal("call 0x1010 <kmain>");
		expect(text("488d0509000000")).to.equal("lea rax, [rip+9] <kmain>");
		expect(text("eb00")).to.equal("jmp 0x1002");
	});

	it("says of bytes that begin no instruction that they are bad, one at a time", () => {
		const bad = disassemble1(Uint8Array.of(0x06, 0x90), ADDRESS, 64);
		expect(bad).to.deep.equal({ address: ADDRESS, bytes: Uint8Array.of(0x06), text: "(bad)" });
	});
});

import { expect } from "chai";
import { nameSection } from "../../src/translate/names.ts";

/** One function, exported as "f", that traps. */
const TRAP = [
	...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
	...[1, 4, 1, 0x60, 0, 0],
	...[3, 2, 1, 0],
	...[7, 5, 1, 1, 0x66, 0, 0],
	...[10, 5, 1, 3, 0, 0x00, 0x0b],
];

describe("a module's name section", () => {
	it("is what the engine's stack traces show", () => {
		const bytes = Uint8Array.from([...TRAP, ...nameSection("guest", [[0, "region ffffffff80001234"]])]);
		const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
		let stack = "";
		try {
			(f as () => void)();
		} catch (error) {
			stack = (error as Error).stack!;
		}
		expect(stack).to.match(/region ffffffff80001234 \(wasm:\/\/wasm\/guest-/);
	});

	it("holds names of any length", () => {
		const bytes = Uint8Array.from([...TRAP, ...nameSection("x".repeat(300))]);
		expect(WebAssembly.validate(bytes)).to.equal(true);
		expect(WebAssembly.Module.customSections(new WebAssembly.Module(bytes), "name")).to.have.length(1);
	});
});

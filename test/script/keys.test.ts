import { expect } from "chai";
import { keyNames } from "../../src/devices/ps2/keys.ts";
import { combination, strokeFor } from "../../src/script/keys.ts";

describe("typing on a US layout", () => {
	it("has a stroke of its own for every printable ASCII character, on a key that a keyboard has", () => {
		const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
		const strokes = ascii.map(strokeFor);
		expect(new Set(strokes.map(({ code, shift }) => `${code} ${shift}`)).size).to.equal(95);
		for (const { code } of strokes) expect(keyNames).to.include(code);
		expect(strokeFor("A")).to.deep.equal({ code: "KeyA", shift: true });
	});

	it("says which character it cannot type", () => {
		expect(() => strokeFor("\u00fc")).to.throw('no key of a US keyboard types "\u00fc"');
	});

	it("takes combinations by the names that people use", () => {
		expect(combination("Ctrl+Alt+Del")).to.deep.equal(["ControlLeft", "AltLeft", "Delete"]);
	});
});

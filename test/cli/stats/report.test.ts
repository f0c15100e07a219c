import { expect } from "chai";
import { Places } from "../../../src/cli/stats/places.ts";
import { statsReport } from "../../../src/cli/stats/report.ts";
import { SymbolTable } from "../../../src/debug/symbols.ts";

const symbols = new SymbolTable();
symbols.add([
	{ name: "memcpy", address: 0xffff_ffff_8000_1000n, size: 64n, kind: "function", image: "kernel" },
]);

const wasm = (name: string, url = "wasm://wasm/1") => [{ name, url, line: 0 }];

const report = statsReport({
	samples: [
		{ stack: wasm("region ffffffff80001010"), milliseconds: 300 },
		{ stack: wasm("region 7c00"), milliseconds: 100 },
		{ stack: wasm("region ffffffff80001010"), milliseconds: 100 },
		{ stack: wasm("src/core/paging/walk"), milliseconds: 400 },
		{ stack: wasm("src/core/decode/decode"), milliseconds: 99 },
		{ stack: wasm("src/core/ports/input"), milliseconds: 1 },
	],
	places: new Places(() => ""),
	symbols,
	instructions: 500e6,
	guestTime: 0.75,
	compiler: [
		["regions", 2],
		["modules", 1],
	],
	exits: [
		{ cause: "an event that is near", count: 25 },
		{ cause: "MOV Ev, Gv", count: 75 },
	],
}).split("\n");

describe("the report of --stats", () => {
	it("says how much was done in which time", () => {
		expect(report[0]).to.equal(
			"where the time went: 1.00 s, 0.75 s of guest time, 500 million instructions, 500 million a second",
		);
		expect(report).to.include("compiler: 2 regions, 1 modules");
	});

	it("has every part, with the causes of the slow path by their size, but the smallest", () => {
		expect(report.slice(1, 9)).to.deep.equal([
			"   50.0 %  compiled code",
			"    0.0 %  interpreter",
			"   50.0 %  slow path",
			"            40.0 %  page walks",
			"             9.9 %  decoding",
			"    0.0 %  compiling",
			"    0.0 %  devices",
			"    0.0 %  the rest",
		]);
	});

	it("says why compiled code was left, most often first", () => {
		const at = report.indexOf("why compiled code was left, 100 times:");
		expect(report.slice(at + 1, at + 3)).to.deep.equal([
			"   75.0 %  MOV Ev, Gv",
			"   25.0 %  an event that is near",
		]);
	});

	it("names the hottest regions by the guest's symbols", () => {
		expect(report.slice(-4)).to.deep.equal([
			"hottest regions:",
			"   40.0 %  ffffffff80001010  memcpy+0x10 (kernel)",
			"   10.0 %  0000000000007c00",
			"",
		]);
	});
});

import { expect } from "chai";
import { Places } from "../../../src/cli/stats/places.ts";
import type { Frame } from "../../../src/cli/stats/sampler.ts";

const BUNDLE = [
	"// node_modules/x/index.js",
	"// src/devices/pit/pit.ts",
	"function tick() {",
	"// not a source",
	"}",
	"// src/machine/machine.ts",
	"function run() {}",
].join("\n");

const places = new Places((url) => {
	expect(url).to.equal("file:///build/gantry.cjs");
	return BUNDLE;
});

const frame = (name: string, url = "", line = 0): Frame => ({ name, url, line });
const source = (path: string) => frame("f", `file:///home/me/gantry/src/${path}`);
const of = (...stack: Frame[]) => {
	const { part, detail } = places.of(stack);
	return detail ? `${part}: ${detail}` : part;
};

describe("the places of --stats", () => {
	it("tell core's functions by their files, and the interpreter by its module", () => {
		expect(of(frame("src/core/paging/walk", "wasm://wasm/000"))).to.equal("slow path: page walks");
		expect(of(frame("src/core/float/add/f64Add", "wasm://wasm/000"))).to.equal("slow path: floating point");
		expect(of(frame("src/core/aes/aesEncrypt", "wasm://wasm/000"))).to.equal("slow path: AES, SHA");
		expect(of(frame("src/core/msr/read", "wasm://wasm/000"))).to.equal(
			"slow path: system registers and modes",
		);
		expect(of(frame("wasm-function[913]", "wasm://wasm/interpreter-000"))).to.equal("interpreter");
		expect(of(frame("region 100273", "wasm://wasm/111"))).to.equal("compiled code: region 100273");
		expect(of(frame("wasm-function[9]", "wasm://wasm/drafts-000"))).to.equal(
			"compiled code: drafts of warm code",
		);
		expect(of(frame("src/core/draft/block/draftBlock", "wasm://wasm/000"))).to.equal("compiling: drafting");
		expect(of(frame("wasm-to-js:ii:i", "wasm://wasm/000"))).to.match(/^the rest: crossing/);
	});

	it("tell JavaScript by its source, in a bundle by the comment above it", () => {
		expect(of(source("devices/ata/channel.ts"))).to.equal("devices: ata");
		expect(of(source("devices/uart.ts"))).to.equal("devices: uart");
		expect(of(source("bus/bus.ts"))).to.equal("devices: the bus");
		expect(of(source("x86/semantics/shift.ts"))).to.equal("compiling: Gantry's part");
		expect(of(source("translate/processor.ts"))).to.equal("the rest: the run loop");
		expect(of(frame("tick", "file:///build/gantry.cjs", 2))).to.equal("devices: pit");
		expect(of(frame("run", "file:///build/gantry.cjs", 6))).to.equal("the rest: the run loop");
		expect(of(frame("early", "file:///build/gantry.cjs", 0))).to.equal("the rest: Node");
		expect(of(frame("get", "file:///g/node_modules/pngjs/src/png.ts"))).to.equal("the rest: Node");
		expect(of(frame("write", "node:fs"))).to.equal("the rest: Node");
	});

	it("give the engine's own functions to who called them", () => {
		const regions = source("translate/region/regions.ts");
		expect(of(frame("Module"), regions)).to.equal("compiling: the engine's part");
		expect(of(frame("Module"), source("machine/machine.ts"))).to.equal("the rest: loading Gantry's own code");
		expect(of(frame("push"), frame("map"), source("devices/uart.ts"))).to.equal("devices: uart");
		expect(of(frame("(garbage collector)"), regions)).to.equal("the rest: garbage collection");
		expect(of(frame("(program)"))).to.equal("the rest: the engine");
		expect(of(frame("push"))).to.equal("the rest: the engine");
	});
});

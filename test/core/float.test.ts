import { readFileSync } from "node:fs";
import { expect } from "chai";
import recorded from "./sweep/hashes.json" with { type: "json" };

/** Exports of sweep.ts. */
interface Sweep {
	setX87(on: number): void;
	run(format: number, op: number, environment: number, count: number): bigint;
}

const FORMATS = ["singles", "doubles", "double extended numbers"];

/** The arithmetic of src/core/float alone, with a driver that draws operands and hashes results. */
async function compile(): Promise<Sweep> {
	const asc = await import("assemblyscript/asc");
	let binary: Uint8Array | undefined;
	const { error, stderr } = await asc.main(
		[
			"test/core/sweep/sweep.ts",
			"--outFile",
			"sweep.wasm",
			"--runtime",
			"stub",
			"--noAssert",
			"-O3",
			"--use",
			"abort=",
		],
		{
			readFile: (name: string) => (name.startsWith("test/") || name.startsWith("src/") ? text(name) : null),
			writeFile: (_: string, contents: unknown) => {
				if (contents instanceof Uint8Array) binary = contents;
			},
			listFiles: () => [],
		},
	);
	if (error || !binary) throw new Error(`sweep.ts does not compile:\n${stderr.toString()}`);
	const { instance } = await WebAssembly.instantiate(binary.slice());
	return instance.exports as unknown as Sweep;
}

function text(name: string): string | null {
	try {
		return readFileSync(name, "utf8");
	} catch {
		return null;
	}
}

describe("floating-point arithmetic gives the results and flags of a real processor", function () {
	this.timeout(240_000);
	let sweep: Sweep;
	before(async () => {
		sweep = await compile();
	});

	FORMATS.forEach((name, format) => {
		it(`for ${name}: every operation in every rounding mode, a million operands and more each`, () => {
			sweep.setX87(format === 2 ? 1 : 0);
			const sequences = Object.entries(recorded.hashes).filter(([key]) => Number(key[0]) === format);
			const wrong = sequences.filter(([key, hash]) => {
				const [, op, environment] = key.split(" ").map(Number);
				const found = BigInt.asUintN(64, sweep.run(format, op, environment, recorded.count));
				return found.toString(16).padStart(16, "0") !== hash;
			});
			expect(sequences.length).to.be.greaterThan(100);
			expect(wrong.map(([key]) => key)).to.deep.equal([]);
		});
	});
});

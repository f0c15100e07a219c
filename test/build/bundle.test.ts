import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Command, keptPath, loadBundle } from "../../src/cli/bundle.ts";
import { buildDirectory } from "../../src/cli/node-host.ts";

describe("a bundle with kept code", () => {
	const built = join(buildDirectory(), "gantry.cjs");
	let directory: string;
	let copy: string;

	beforeEach(() => {
		directory = mkdtempSync(join(buildDirectory(), "bundle-"));
		copy = join(directory, "gantry.cjs");
		copyFileSync(built, copy);
	});
	afterEach(() => rmSync(directory, { recursive: true }));

	it("is what the build leaves", () => {
		expect(loadBundle<Command>(built)).to.include({ isPrepared: true });
	});

	it("loads without it", () => {
		const { isPrepared, exports } = loadBundle<Command>(copy);
		expect(isPrepared).to.equal(false);
		expect(exports.main).to.be.a("function");
	});

	for (const [what, spoil] of Object.entries<(code: Buffer) => Buffer>({
		"is not whole": (code) => code.subarray(0, 1000),
		"is another engine's": (code) => Buffer.concat([Buffer.alloc(16, 0xff), code.subarray(16)]),
	}))
		it(`loads where it ${what}`, () => {
			writeFileSync(keptPath(copy), spoil(readFileSync(keptPath(built))));
			const { isPrepared, exports } = loadBundle<Command>(copy);
			expect(isPrepared).to.equal(false);
			expect(exports.main).to.be.a("function");
		});
});

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { run } from "./qemu.ts";

const ROOT = join(import.meta.dirname, "../..");
const OUT = join(ROOT, "build/test/fuzz-loader");
const MODULES = join(ROOT, "build/iso-tree/system/modules");
const ROUNDS = 40000;

describe("the kernel's module loader under AddressSanitizer", () => {
	it(`neither touches foreign bytes nor keeps a block, whatever is in the file`, () => {
		mkdirSync(join(ROOT, "build/test"), { recursive: true });
		const flags =
			"-std=gnu11 -g -O1 -w -fsanitize=address,undefined -fno-sanitize-recover=all -fno-builtin".split(" ");
		const include = [`-I${ROOT}/kernel`, `-I${ROOT}/kernel/include`];
		const source = join(ROOT, "test/guest/kernel/fuzz-loader.c");
		const compiled = run("gcc", [...flags, ...include, "-o", OUT, source]);
		expect(compiled.status, compiled.stderr).to.equal(0);
		const files = readdirSync(MODULES).map((file) => join(MODULES, file));
		const fuzzed = run(OUT, [`${ROUNDS}`, ...files]);
		expect(fuzzed.status, fuzzed.stdout + fuzzed.stderr).to.equal(0);
		const [, loaded, refused] = /^(\d+) loaded, (\d+) refused\n$/.exec(fuzzed.stdout)!;
		expect(Number(loaded)).to.be.greaterThan(ROUNDS / 10);
		expect(Number(refused)).to.be.greaterThan(ROUNDS / 10);
	});
});

/**
 * The build: everything under build/ that is not compiled C.
 *
 *   tsx src/build/main.ts              both of these
 *   tsx src/build/main.ts processor    core.wasm, interpreter.wasm, decode.bin, stencils.bin
 *   tsx src/build/main.ts bundle       build/gantry.mjs, the command, and build/api.mjs, what programs import; needs the ISO
 */
import { mkdirSync } from "node:fs";
import { compileCore, generateFromRows } from "./processor.ts";

const OUT = "build";

async function processor(): Promise<void> {
	await compileCore(OUT);
	generateFromRows(OUT);
}

async function bundle(): Promise<void> {
	const { bundleCommand, bundleModule } = await import("./bundle.ts");
	await bundleModule("src/cli/api.ts", `${OUT}/api.mjs`);
	await bundleCommand("src/cli/bundled.ts", `${OUT}/gantry`);
}

const steps: Record<string, () => Promise<void>> = { processor, bundle };

async function main(names: string[]): Promise<void> {
	mkdirSync(OUT, { recursive: true });
	for (const name of names.length ? names : Object.keys(steps)) {
		const step = steps[name];
		if (!step) throw new Error(`unknown step "${name}"; there are ${Object.keys(steps).join(", ")}`);
		await step();
	}
}

main(process.argv.slice(2)).catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});

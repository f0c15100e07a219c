/** The build's part that makes the processor: core.wasm from AssemblyScript, the rest from the rows. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildStencils } from "../translate/draft/stencils.ts";
import { buildInterpreter } from "../translate/interpreter.ts";
import { nameSection } from "../translate/names.ts";
import { buildTables } from "../translate/tables.ts";
import { DEFAULT_MODEL, parseModel } from "../x86/models.ts";
import { rows } from "../x86/rows/index.ts";

const ASC_OPTIONS = [
	"--enable",
	"simd",
	"--runtime",
	"stub",
	"--importMemory",
	"--noAssert",
	"-O3",
	"--enable",
	"simd",
	"--converge",
	"--memoryBase",
	"12288",
	"--initialMemory",
	"1",
	"--use",
	"abort=",
	"--disableWarning",
	"201",
	// Names of functions, for stack traces and profiles; the code is the same without.
	"--debug",
];

/** Compiles src/core to `out`/core.wasm. @throws with the compiler's messages */
export async function compileCore(out: string): Promise<void> {
	const asc = await import("assemblyscript/asc");
	const { error, stderr } = await asc.main([
		"src/core/index.ts",
		"--outFile",
		join(out, "core.wasm"),
		...ASC_OPTIONS,
	]);
	if (error) throw new Error(`src/core does not compile:\n${stderr.toString()}`);
}

/** Writes interpreter.wasm, decode.bin and stencils.bin. @throws where the rows contradict themselves */
export function generateFromRows(out: string): void {
	mkdirSync(out, { recursive: true });
	const { features } = parseModel(DEFAULT_MODEL);
	const { variants, bytes } = buildTables(rows, (feature) => features.has(feature));
	writeFileSync(join(out, "decode.bin"), bytes);
	writeFileSync(join(out, "stencils.bin"), buildStencils(variants));
	const named = Buffer.concat([buildInterpreter(variants), nameSection("interpreter")]);
	writeFileSync(join(out, "interpreter.wasm"), named);
}

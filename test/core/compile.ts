import { readFileSync } from "node:fs";

/**
 * The exports of an AssemblyScript file and what it imports, alone.
 * @param memory the compiler's options about where things lie
 */
export async function compileCore<Exports>(entry: string, memory: string[] = []): Promise<Exports> {
	const asc = await import("assemblyscript/asc");
	let binary: Uint8Array | undefined;
	const { error, stderr } = await asc.main(
		[entry, "--outFile", "core.wasm", "--runtime", "stub", "--noAssert", "-O3", "--use", "abort=", ...memory],
		{
			readFile: (name: string) => (name.startsWith("test/") || name.startsWith("src/") ? text(name) : null),
			writeFile: (_: string, contents: unknown) => {
				if (contents instanceof Uint8Array) binary = contents;
			},
			listFiles: () => [],
		},
	);
	if (error || !binary) throw new Error(`${entry} does not compile:\n${stderr.toString()}`);
	const { instance } = await WebAssembly.instantiate(binary.slice());
	return instance.exports as unknown as Exports;
}

function text(name: string): string | null {
	try {
		return readFileSync(name, "utf8");
	} catch {
		return null;
	}
}

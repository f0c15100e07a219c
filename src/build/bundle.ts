/** Bundling: sources to one file that Node runs, and for the command the code that Node's engine makes of it. */
import { rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import type { BootOptions, Session } from "../cli/api.ts";
import { keptPath, loadBundle } from "../cli/bundle.ts";

const NODE: BuildOptions = {
	bundle: true,
	platform: "node",
	target: "node20",
	packages: "external",
	logLevel: "warning",
};

/** An ES module. */
export async function bundleModule(entry: string, outfile: string): Promise<void> {
	await build({ ...NODE, entryPoints: [entry], outfile, format: "esm" });
}

/**
 * A command that starts with kept code: `name`.mjs, which runs `name`.cjs.
 * @param entry exports `main`, which the command is, and `boot`, which is rehearsed
 */
export async function bundleCommand(entry: string, name: string): Promise<void> {
	const bundle = `${name}.cjs`;
	rmSync(keptPath(bundle), { force: true });
	await build({
		...NODE,
		entryPoints: [entry],
		outfile: bundle,
		format: "cjs",
		supported: { "dynamic-import": false },
		define: { "import.meta.url": "bundleUrl" },
		banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
	});
	await build({
		...NODE,
		entryPoints: ["src/cli/launch.ts"],
		outfile: `${name}.mjs`,
		format: "esm",
		banner: { js: "#!/usr/bin/env node" },
	});
	await rehearse(bundle);
}

/** The disc that is rehearsed, and what it says when it is ready. */
const DISC = "build/pocket-rocket.iso";
const PROMPT = "rocket> ";
/** Entries after which a block is compiled: few, so that most of the compiler runs. */
const HOT = 500;

/** Boots Pocket Rocket from the bundle, and keeps what the engine has compiled of it then. */
async function rehearse(bundle: string): Promise<void> {
	type Exports = { boot(options: BootOptions): Promise<Session> };
	const { exports, compiledCode } = loadBundle<Exports>(resolve(bundle));
	const session = await exports.boot({ cdrom: DISC, hot: HOT });
	await session.serial.expect(PROMPT, { within: 60 });
	const code = compiledCode();
	session.close();
	writeFileSync(keptPath(bundle), code);
}

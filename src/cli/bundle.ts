/**
 * Bundles with kept code. The engine parses and compiles a function when it is first called, and a short run pays for
 * most of Gantry. It can keep what it has compiled (node:vm, "cachedData"): the build runs a bundle
 * once and writes that down beside it. Kept code is used by the very engine that wrote it, and only by it; any other compiles as ever.
 * A script with kept code cannot import ES modules.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";

/** What a bundle that is a command exports. */
export interface Command {
	main(): Promise<void>;
}

export interface Bundle<Exports> {
	exports: Exports;
	/** Whether its kept code is in use. */
	isPrepared: boolean;
	/** What the engine has compiled of it by now, to be kept at `keptPath`. */
	compiledCode(): Uint8Array;
}

/** Where a bundle's code is kept. */
export const keptPath = (path: string): string => path.replace(/\.cjs$/, ".cache");

/** Loads a CommonJS bundle as a module of its own, with its kept code if there is some. */
export function loadBundle<Exports>(path: string): Bundle<Exports> {
	const kept = keptPath(path);
	const script = new Script(
		`(function (exports, require, module, __filename, __dirname) {${readFileSync(path, "utf8")}\n})`,
		{
			filename: pathToFileURL(path).href,
			cachedData: existsSync(kept) ? readFileSync(kept) : undefined,
		},
	);
	const module = { exports: {} };
	script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
	return {
		exports: module.exports as Exports,
		isPrepared: script.cachedDataRejected === false,
		compiledCode: () => script.createCachedData(),
	};
}

// What a function on the stack is part of. WebAssembly is told apart by its names: core/'s functions are named by their
// files, the interpreter's module by itself, regions by where their code lies. JavaScript is told apart by its source file,
// which in the bundle is the last one whose name came as a comment.

import type { Frame } from "./sampler.ts";

/** The parts, in the report's order. */
export const PARTS = [
	"compiled code",
	"interpreter",
	"slow path",
	"compiling",
	"devices",
	"the rest",
] as const;
export type Part = (typeof PARTS)[number];

export interface Place {
	part: Part;
	/** What of it; for compiled code the region's name. */
	detail: string;
}

/** A file's text, to find sources in a bundle. */
export type ReadText = (url: string) => string;

/** What the functions of core/ are for, by their file. */
const CAUSES: Record<string, string> = {
	decode: "decoding",
	blocks: "decoding",
	paging: "page walks",
	memory: "accesses that miss the TLB",
	tlb: "accesses that miss the TLB",
	events: "exceptions and interrupts",
	fault: "exceptions and interrupts",
	transfer: "gates, interrupts, far transfers",
	segments: "segments",
	descriptor: "segments",
	stack: "gates, interrupts, far transfers",
	syscall: "SYSCALL, SYSRET",
	strings: "string instructions",
	ports: "ports",
	bus: "device memory",
	arithmetic: "arithmetic",
	flags: "flags",
	float: "floating point",
	x87: "floating point",
	sse: "vectors",
	avx: "vectors",
	mmx: "vectors",
	packed: "vectors",
	aes: "AES, SHA",
	crypto: "AES, SHA",
};
const SYSTEM = "system registers and modes";
const WASM = "wasm://";

export class Places {
	readonly #readText: ReadText;
	readonly #bundles = new Map<string, [line: number, source: string][]>();

	constructor(readText: ReadText) {
		this.#readText = readText;
	}

	/** @param stack innermost first, not empty */
	of(stack: Frame[]): Place {
		const [frame] = stack;
		if (frame.url.startsWith(WASM)) return placeInWasm(frame);
		if (frame.url === "") return this.#native(stack);
		const source = this.#source(frame);
		return source === undefined ? { part: "the rest", detail: "Node" } : placeInSource(source);
	}

	/** The engine's own functions belong to who called them. */
	#native(stack: Frame[]): Place {
		const [{ name }] = stack;
		if (name === "(garbage collector)") return { part: "the rest", detail: "garbage collection" };
		if (/^\(.*\)$/.test(name)) return { part: "the rest", detail: "the engine" };
		const caller = stack.findIndex(({ url }) => url !== "");
		if (caller < 0) return { part: "the rest", detail: "the engine" };
		const place = this.of(stack.slice(caller));
		if (name !== "Module" && name !== "Instance") return place;
		const isRegion = place.part === "compiling";
		return isRegion
			? { part: "compiling", detail: "the engine's part" }
			: { part: "the rest", detail: "loading Gantry's own code" };
	}

	/** "src/devices/uart.ts", or undefined for what is not Gantry's. */
	#source({ url, line }: Frame): string | undefined {
		if (!url.startsWith("file://") || url.includes("/node_modules/")) return undefined;
		const own = /\/(src\/\S+\.ts)$/.exec(url)?.[1];
		if (own) return own;
		return this.#sourcesIn(url).findLast(([from]) => from <= line)?.[1];
	}

	#sourcesIn(url: string): [number, string][] {
		const known = this.#bundles.get(url);
		if (known) return known;
		const lines = this.#readText(url).split("\n");
		const sources = lines.flatMap((text, line): [number, string][] => {
			const source = /^\/\/ (src\/\S+\.ts)$/.exec(text)?.[1];
			return source ? [[line, source]] : [];
		});
		this.#bundles.set(url, sources);
		return sources;
	}
}

function placeInWasm({ name, url }: Frame): Place {
	const core = /^~?src\/core\/(\w+)/.exec(name)?.[1];
	if (core === "draft") return { part: "compiling", detail: "drafting" };
	if (core) return { part: "slow path", detail: CAUSES[core] ?? SYSTEM };
	if (/^(js-to-wasm|wasm-to-js)/.test(name)) {
		return { part: "the rest", detail: "crossing between WebAssembly and JavaScript" };
	}
	if (url.includes("/interpreter-")) return { part: "interpreter", detail: "" };
	if (url.includes("/drafts-")) return { part: "compiled code", detail: "drafts of warm code" };
	return { part: "compiled code", detail: name };
}

function placeInSource(source: string): Place {
	const [, folder, file] = source.split("/");
	if (folder === "devices") return { part: "devices", detail: file.replace(/\.ts$/, "") };
	if (folder === "bus") return { part: "devices", detail: "the bus" };
	if (source === "src/translate/processor.ts" || folder === "machine") {
		return { part: "the rest", detail: "the run loop" };
	}
	if (folder === "translate" || folder === "x86") return { part: "compiling", detail: "Gantry's part" };
	return { part: "the rest", detail: "the script, files, the console" };
}

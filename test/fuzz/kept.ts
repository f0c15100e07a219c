/** Programs that once showed a difference, as files: registers, events, and what memory holds where it is not zero. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "./generate.ts";
import { RAM_SIZE } from "./layout.ts";

const FOLDER = join(import.meta.dirname, "kept");
/** Zeros that end a piece. */
const GAP = 16;
const LINE = 64;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Pieces of memory by their address in hexadecimal. */
function pieces(image: Uint8Array): Record<string, string[]> {
	const found: Record<string, string[]> = {};
	for (let at = 0; at < image.length; at++) {
		if (!image[at]) continue;
		let end = at + 1;
		for (let next = end; next < image.length && next - end < GAP; next++) if (image[next]) end = next + 1;
		const lines: string[] = [];
		for (let from = at; from < end; from += LINE)
			lines.push(hex(image.subarray(from, Math.min(end, from + LINE))));
		found[at.toString(16)] = lines;
		at = end;
	}
	return found;
}

const BIG = /^-?\d+n$/;
const toText = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);
const fromText = (_: string, value: unknown) =>
	typeof value === "string" && BIG.test(value) ? BigInt(value.slice(0, -1)) : value;

export function serialize({ image, spans, ...rest }: Program): string {
	const line = ([name, value]: [string, unknown]) =>
		`\t"${name}": ${JSON.stringify(value, toText, name === "memory" ? "\t" : undefined)}`;
	const parts = { instructions: spans.length, ...rest, memory: pieces(image) };
	return `{\n${Object.entries(parts).map(line).join(",\n")}\n}\n`;
}

function parse(text: string): Program {
	const { memory, instructions: _, ...rest } = JSON.parse(text, fromText);
	const image = new Uint8Array(RAM_SIZE);
	for (const [at, lines] of Object.entries<string[]>(memory))
		image.set(Buffer.from(lines.join(""), "hex"), Number.parseInt(at, 16));
	return { state: [], ...rest, image, spans: [] };
}

/** What is kept, by name. */
export function keptPrograms(): [name: string, program: Program][] {
	return readdirSync(FOLDER)
		.filter((name) => name.endsWith(".program"))
		.map((name) => [name, parse(readFileSync(join(FOLDER, name), "utf8"))]);
}

export const keptPath = (name: string): string => join(FOLDER, `${name}.program`);

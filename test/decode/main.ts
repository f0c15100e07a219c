// npm run test:decode -- [--strings N] [--seed N] [--rows]: random strings in each of the three modes, one after the other, and
// with --rows every encoding of every row with every ModRM byte and every prefix. Ends with what was compared and what differs.

import { parseArgs } from "node:util";
import type { CodeSize } from "../../src/x86/disassembler/index.ts";
import { Random } from "../vectors/states.ts";
import { difference, hex, type Newer } from "./opinions.ts";
import { ProcessorDecoder } from "./processor.ts";
import { PREFIXES, randomBytes, rowStrings, withPrefix } from "./strings.ts";

const SHOWN = 100;

const { values } = parseArgs({
	options: {
		strings: { type: "string", default: "10000000" },
		seed: { type: "string", default: "1" },
		rows: { type: "boolean", default: false },
	},
});

const processor = await ProcessorDecoder.open();
const newer: Newer = new Map();
const found = new Set<string>();
let differing = 0;

function compare(bytes: Uint8Array, mode: CodeSize): void {
	const readings = difference(bytes, mode, newer);
	const fields = processor.difference(bytes, mode);
	if (!readings && !fields) return;
	differing++;
	if (found.size >= SHOWN) return;
	const text = readings ?? `${mode} ${hex(bytes)}: ${fields}`;
	if (found.size < found.add(text).size) console.log(text);
}

let compared = 0;
const strings = Number(values.strings);
for (const mode of [64, 32, 16] as const) {
	const random = new Random(Number(values.seed) + mode);
	const share = Math.ceil(strings / 3);
	for (let i = 0; i < share; i++) compare(randomBytes(random), mode);
	compared += share;
	console.log(`${mode}-bit mode: ${share} random strings, ${differing} differences so far`);
	if (!values.rows) continue;
	const all = rowStrings(mode, true);
	for (const string of all) for (const prefix of PREFIXES) compare(withPrefix(prefix, string), mode);
	compared += all.length * PREFIXES.length;
	console.log(
		`${mode}-bit mode: ${all.length} encodings of rows, each with ${PREFIXES.length} prefixes, ${differing} differences so far`,
	);
}
for (const [what, count] of [...newer].sort((a, b) => b[1] - a[1])) console.log(`${count} times of ${what}`);
console.log(`${compared} strings compared, ${differing} differences`);
process.exitCode = differing ? 1 : 0;

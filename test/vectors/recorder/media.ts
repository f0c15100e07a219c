/**
 * Records x87.bin.gz and mmx.bin.gz: every row of src/x86/rows/{x87,mmx}.ts, executed natively by media.c.
 *
 *	npx tsx media.ts RECORDER [NAME of one file]
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "../../../src/x86/row.ts";
import { multimedia } from "../../../src/x86/rows/mmx.ts";
import { sseRows } from "../../../src/x86/rows/sse.ts";
import { floatingPoint } from "../../../src/x86/rows/x87.ts";
import {
	FX,
	MEMORY,
	MEMORY_AT,
	type MediaCase,
	type MemoryKind,
	mediaStates,
	packMedia,
	STATE,
} from "../media.ts";
import { Random } from "../states.ts";

/** Recorded beside the others: those that use MMX and XMM registers, and the x87's WAIT where nothing is due. */
const isMixed = ([, instruction]: Row): boolean =>
	instruction === "WAIT" || (/[PQN]q/.test(instruction) && /[VWU](x|q|dq)/.test(instruction));
/** In the vectors of SSE as well. */
const FROM_MEMORY = /^CVTPI2P[SD] Vx, Mq/;
const besides = (rows: readonly Row[]) => rows.filter((row) => !isMixed(row));

const FILES: [name: string, rows: readonly Row[]][] = [
	["x87", besides(floatingPoint)],
	["mmx", besides(multimedia)],
	[
		"mixed",
		[...floatingPoint, ...sseRows]
			.filter(isMixed)
			.concat(sseRows.filter(([, name]) => FROM_MEMORY.test(name))),
	],
];

const MEMORY_KINDS: [pattern: RegExp, kind: MemoryKind][] = [
	[/^FI.* Mw|^FILD Mw/, "i16"],
	[/^FI.* Md/, "i32"],
	[/^FI.* Mq/, "i64"],
	[/^(FNSTENV|FNSAVE|FXSAVE)/, "zero"],
	[/^FB/, "bcd"],
	[/^FLDCW/, "word"],
	[/ Menv/, "environment"],
	[/ Mstate/, "state"],
	[/ Mfx/, "fxstate"],
	[/^F.* Md/, "f32"],
	[/^F.* Mq/, "f64"],
	[/ Mt/, "f80"],
];

const DOMAINS: Record<string, MediaCase["domain"]> = {
	F2XM1: "power",
	FYL2XP1: "near one",
	FSIN: "angle",
	FCOS: "angle",
	FSINCOS: "angle",
	FPTAN: "angle",
};

const STATES = 240;
const RDI = 7;

function seedOf(text: string): number {
	return [...text].reduce((h, char) => Math.imul(h ^ char.charCodeAt(0), 0x01000193), 0x811c9dc5) >>> 0;
}

/** The byte strings of a row: memory is [RDI], the only general register RAX, the others are drawn. */
function codesOf([encoding, instruction]: Row, random: Random): string[] {
	const tokens = encoding.split(" ").filter((token) => token !== "NP" && token !== "ib");
	const last = tokens.at(-1)!;
	const bytes = tokens.slice(0, -1).join("");
	if (last.endsWith("+i"))
		return Array.from({ length: 8 }, (_, i) => bytes + hex(Number.parseInt(last, 16) + i));
	if (!last.startsWith("/")) return [bytes + last];
	const operands = instruction.split(" ").slice(1).join(" ");
	const immediate = () =>
		encoding.includes("ib") ? hex(random.below(2) ? random.below(20) : random.next() & 255) : "";
	const reg = () => (last !== "/r" ? Number(last[1]) : /G/.test(operands) ? 0 : random.below(8));
	const code = (mod: number, rm: number) => bytes + hex((mod << 6) | (reg() << 3) | rm) + immediate();
	const memory = /[MQEW]/.test(operands)
		? Array.from({ length: last === "/r" ? 4 : 1 }, () => code(0, RDI))
		: [];
	const registers = /M/.test(operands)
		? []
		: Array.from({ length: 8 }, () => code(3, /[ER][dqy]/.test(operands) ? 0 : random.below(8)));
	const codes = [...memory, ...registers];
	return /Ey/.test(operands) ? [...codes, ...codes.map((bare) => `48${bare}`)] : codes;
}

const hex = (byte: number) => byte.toString(16).padStart(2, "0");

function caseOf(row: Row): MediaCase {
	const [encoding, instruction, , , options] = row;
	const name = `${encoding}: ${instruction}`;
	const codes = codesOf(row, new Random(seedOf(name) ^ 0x5eed));
	const memory = MEMORY_KINDS.find(([pattern]) => pattern.test(instruction))?.[1] ?? "bits";
	const control = options?.check === "requireX87";
	const domain = DOMAINS[instruction];
	return {
		name,
		seed: seedOf(name),
		codes,
		states: Math.ceil(STATES / codes.length),
		memory,
		control,
		domain,
		...(isMixed(row) || FROM_MEMORY.test(instruction) ? { vectors: true } : {}),
	};
}

/** `struct state` of media.c. */
const RECORD = 512 + 32 + 16 + MEMORY;
const CODE_AT = 544;
const DATA_AT = 560;

function execute(recorder: string, cases: MediaCase[]): Uint8Array[] {
	const records: Buffer[] = [];
	for (const { code, input } of mediaStates(cases)) {
		const record = Buffer.alloc(RECORD);
		record.set(input.subarray(0, FX + 16), 0);
		record.writeUInt32LE(code.length / 2, 528);
		record.write(code, CODE_AT, "hex");
		record.set(input.subarray(MEMORY_AT), DATA_AT);
		records.push(record);
	}
	const run = spawnSync(recorder, {
		input: Buffer.concat(records),
		maxBuffer: 2 ** 31,
		stdio: ["pipe", "pipe", "inherit"],
	});
	if (run.status !== 0) throw new Error(`the recorder ended with ${run.status ?? run.signal}`);
	return records.map((_, i) => {
		const from = run.stdout.subarray(i * RECORD, (i + 1) * RECORD);
		const output = new Uint8Array(STATE);
		output.set(from.subarray(0, FX + 16), 0);
		output.set(from.subarray(DATA_AT, DATA_AT + MEMORY), MEMORY_AT);
		return output;
	});
}

function processorName(): string {
	const info = readFileSync("/proc/cpuinfo", "utf8");
	const field = (name: string) => info.match(new RegExp(`^${name}\\s*: (.*)$`, "m"))?.[1] ?? "?";
	return `${field("vendor_id")} family ${field("cpu family")} model ${field("model")} stepping ${field("stepping")}`;
}

const [recorder, only] = process.argv.slice(2);
for (const [name, rows] of FILES) {
	if (only && only !== name) continue;
	const cases = rows.map(caseOf);
	const outputs = execute(recorder, cases);
	const file = packMedia(processorName(), cases, outputs);
	writeFileSync(fileURLToPath(new URL(`../${name}.bin.gz`, import.meta.url)), file);
	console.log(`${name}: ${cases.length} cases, ${outputs.length} states, ${file.length} bytes`);
}

/**
 * Writes the assembly of code that is large rather than hot: blocks of ten or so varied instructions and a branch,
 * no two alike, gathered into functions of a few blocks that lie in an order other than the one they run in. Each pass runs every block once.
 *
 *   npx tsx bench/programs/cold.ts OUTPUT.s
 *
 * Two programs come out of it, cold_2000 and cold_50000, by their numbers of blocks; cold.c calls them. All they
 * compute depends on registers and memory that every block changes, so that one wrong block changes the checksum.
 * Flags are read only behind instructions that define them: what the SDM leaves undefined differs between emulators.
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** Bytes of memory that the blocks work on; RBP points to its middle. */
const ARENA = 1 << 16;
const SEED = 20_261_122;

/** A name for each register at 64, 32, 16 and 8 bits. RSP is the stack, RBP the arena. */
const REGISTERS = [
	["rax", "eax", "ax", "al"],
	["rcx", "ecx", "cx", "cl"],
	["rdx", "edx", "dx", "dl"],
	["rbx", "ebx", "bx", "bl"],
	["rsi", "esi", "si", "sil"],
	["rdi", "edi", "di", "dil"],
	...Array.from({ length: 8 }, (_, i) => [`r${i + 8}`, `r${i + 8}d`, `r${i + 8}w`, `r${i + 8}b`]),
];
const SIZES = ["qword", "dword", "word", "byte"];
const ARITHMETIC = ["add", "sub", "xor", "and", "or"];
const CONDITIONS = ["z", "nz", "c", "nc", "s", "ns", "l", "ge", "be", "a", "o", "no"];

/** splitmix32: small, and the same for ever, as the program must be. */
class Choice {
	#state: number;

	constructor(seed: number) {
		this.#state = seed | 0;
	}

	below(limit: number): number {
		this.#state = (this.#state + 0x9e3779b9) | 0;
		let z = this.#state;
		z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
		z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
		return Math.floor((((z ^ (z >>> 15)) >>> 0) / 2 ** 32) * limit);
	}

	of<T>(values: readonly T[]): T {
		return values[this.below(values.length)];
	}

	/** Mostly 64 and 32 bits, as compilers write. */
	width = () => this.of([0, 0, 0, 1, 1, 1, 1, 2, 3]);
	register = (width: number) => this.of(REGISTERS)[width];
	/** Signed, small or large. */
	immediate = () => (this.below(2) ? this.below(256) - 128 : this.below(0x7fff_ffff) - 0x4000_0000);
	condition = () => this.of(CONDITIONS);

	memory(width: number): string {
		return `${SIZES[width]} ptr [rbp${signed(this.below(ARENA - 8) - ARENA / 2)}]`;
	}
}

const signed = (value: number): string => (value < 0 ? `${value}` : `+${value}`);
/** What fits the operand: immediates are sign-extended from 32 bits at most. */
const fitting = (value: number, width: number): number =>
	width === 3 ? (value << 24) >> 24 : width === 2 ? (value << 16) >> 16 : value;

/** Each makes one idiom of one to three instructions. */
const IDIOMS: ((c: Choice) => string[])[] = [
	(c) => same(c, (r) => [`${c.of(ARITHMETIC)} ${r()}, ${r()}`]),
	(c) => same(c, (r, w) => [`${c.of(ARITHMETIC)} ${r()}, ${fitting(c.immediate(), w)}`]),
	(c) => same(c, (r, w) => [`mov ${r()}, ${c.memory(w)}`]),
	(c) => same(c, (r, w) => [`mov ${c.memory(w)}, ${r()}`]),
	(c) => same(c, (r, w) => [`${c.of(ARITHMETIC)} ${r()}, ${c.memory(w)}`]),
	(c) => same(c, (r, w) => [`${c.of(ARITHMETIC)} ${c.memory(w)}, ${r()}`]),
	(c) => same(c, (r) => [`mov ${r()}, ${r()}`]),
	(c) => [`mov ${c.register(1)}, ${c.below(0x7fff_ffff)}`],
	(c) => [
		`lea ${c.register(0)}, [${c.register(0)}+${c.register(0)}*${c.of([1, 2, 4, 8])}${signed(c.immediate())}]`,
	],
	(c) => [`${c.of(["movzx", "movsx"])} ${c.register(1)}, ${c.memory(3)}`],
	(c) => [`movsxd ${c.register(0)}, ${c.memory(1)}`],
	(c) => same(c, (r) => [`${c.of(["shl", "shr", "sar", "rol", "ror"])} ${r()}, ${1 + c.below(7)}`]),
	(c) => [`imul ${c.register(0)}, ${c.register(0)}, ${c.immediate()}`],
	(c) => [`bswap ${c.register(c.below(2))}`],
	(c) => same(c, (r) => [`${c.of(["neg", "not", "inc", "dec"])} ${r()}`]),
	(c) => same(c, (r) => [`add ${r()}, ${r()}`, `adc ${r()}, ${r()}`]),
	(c) => [
		`cmp ${c.register(0)}, ${c.register(0)}`,
		`cmov${c.condition()} ${c.register(0)}, ${c.register(0)}`,
	],
	(c) => [`test ${c.register(1)}, ${c.below(0x7fff_ffff)}`, `set${c.condition()} ${c.register(3)}`],
	(c) => [
		`push ${c.register(0)}`,
		`${c.of(ARITHMETIC)} ${c.register(1)}, ${c.register(1)}`,
		`pop ${c.register(0)}`,
	],
	indexed,
];

/** An idiom whose operands have one width. */
function same(c: Choice, make: (register: () => string, width: number) => string[]): string[] {
	const width = c.width();
	return make(() => c.register(width), width);
}

/** A computed address inside the arena. */
function indexed(c: Choice): string[] {
	const [wide, narrow] = c.of(REGISTERS);
	return [`and ${narrow}, ${ARENA / 2 - 8}`, `add ${c.register(0)}, qword ptr [rbp+${wide}]`];
}

/** The block's label, its work, and the branch to the block that runs next; some take a detour that depends on data. */
function block(c: Choice, label: string, next: string): string[] {
	const lines = [`${label}:`];
	const length = 7 + c.below(6);
	while (lines.length < length) lines.push(...c.of(IDIOMS)(c));
	if (c.below(3) === 0) return [...lines, `jmp ${next}`];
	const compare = `${c.of(["cmp", "test"])} ${c.register(1)}, ${c.register(1)}`;
	const detour = [`add ${c.register(0)}, ${c.immediate()}`, `jmp ${next}`];
	return [...lines, compare, `j${c.condition()} ${next}`, ...detour];
}

function shuffle<T>(c: Choice, values: T[]): T[] {
	for (let i = values.length - 1; i > 0; i--) {
		const j = c.below(i + 1);
		[values[i], values[j]] = [values[j], values[i]];
	}
	return values;
}

/** A function of `count` blocks, entered at its first and left from its last; between them they lie as it comes. */
function procedure(c: Choice, name: string, count: number): string[] {
	const label = (i: number) => `.L${name}_${i}`;
	const next = (i: number) => (i + 1 < count ? label(i + 1) : `.L${name}_end`);
	const blocks = Array.from({ length: count }, (_, i) => block(c, label(i), next(i)));
	const [entry, ...others] = blocks;
	return [`${name}:`, ...entry.flat(), ...shuffle(c, others).flat(), `.L${name}_end:`, "ret"];
}

/** The pass: registers come from `state` (RDI) and go back to it, RSI points to the arena's middle. */
function pass(name: string, functions: string[]): string[] {
	const kept = ["rbx", "rbp", "r12", "r13", "r14", "r15"];
	// RDI last: the others are loaded and stored through it.
	const working = REGISTERS.map(([wide]) => wide).filter((wide) => wide !== "rdi");
	return [
		`.globl ${name}`,
		`${name}:`,
		...kept.map((register) => `push ${register}`),
		"push rdi",
		"mov rbp, rsi",
		...working.map((register, i) => `mov ${register}, [rdi+${i * 8}]`),
		`mov rdi, [rdi+${working.length * 8}]`,
		...functions.map((f) => `call ${f}`),
		"xchg rdi, [rsp]",
		...working.map((register, i) => `mov [rdi+${i * 8}], ${register}`),
		"pop rax",
		`mov [rdi+${working.length * 8}], rax`,
		...[...kept].reverse().map((register) => `pop ${register}`),
		"ret",
	];
}

/** The assembly of `cold_COUNT`: exactly `count` blocks. */
export function coldCode(count: number, seed = SEED): string {
	const c = new Choice(seed + count);
	const lines: string[] = [];
	const functions: string[] = [];
	for (let left = count; left > 0; ) {
		const size = Math.min(left, 4 + c.below(9));
		const name = `cold_${count}_${functions.length}`;
		functions.push(name);
		lines.push(...procedure(c, name, size));
		left -= size;
	}
	return [".intel_syntax noprefix", ".text", ...lines, ...pass(`cold_${count}`, functions), ""].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
	writeFileSync(process.argv[2], coldCode(2000) + coldCode(50_000));

/** The guests that are measured, and their phases in the order in which they run. */

export interface PhaseInfo {
	/** As its mark on COM1 has it. */
	name: string;
	/** As the table has it; default: the name. */
	label?: string;
	/** What it computes, where a real processor has said so: the same source, built for the host. */
	checksum?: string;
}

export interface Program {
	/** As the table and --only have it. */
	group: string;
	/** What its figures are in; "ns" are of one round trip. */
	unit: "ms" | "ns";
	file: string;
	/** A Multiboot image, or a disc that is booted to its prompt. */
	kind: "image" | "disc";
	/** The processor's mode that it needs. */
	bits: 32 | 64;
	phases: PhaseInfo[];
}

const COMPUTE = ["sieve", "crc32", "matmul", "fibonacci", "sort", "chase", "splitmix", "dispatch"];
const compute = COMPUTE.map((name) => ({ name }));

export const PROGRAMS: Program[] = [
	{
		group: "64-bit",
		unit: "ms",
		file: "build/bench/compute64.bin",
		kind: "image",
		bits: 64,
		phases: compute,
	},
	{
		group: "32-bit",
		unit: "ms",
		file: "build/bench/compute32.bin",
		kind: "image",
		bits: 32,
		phases: compute,
	},
	{
		group: "cold code",
		unit: "ms",
		file: "build/bench/cold64.bin",
		kind: "image",
		bits: 64,
		phases: [
			{ name: "often", label: "2,000 blocks, 1,600 times" },
			{ name: "twice", label: "50,000 blocks, twice" },
		],
	},
	{
		group: "one of many",
		unit: "ns",
		file: "build/bench/system64.bin",
		kind: "image",
		bits: 64,
		phases: [
			{ name: "syscall", label: "SYSCALL, SYSRET" },
			{ name: "fault", label: "page fault in ring 3" },
			{ name: "switch", label: "context switch, CR3" },
			{ name: "indirect", label: "indirect call, 8 targets" },
			{ name: "interrupt", label: "INT 80h, IRETQ" },
			{ name: "port", label: "IN, unused port" },
			{ name: "copy", label: "REP MOVSB, 4 KiB" },
			{ name: "copy32", label: "REP MOVSB, 32 bytes" },
			{ name: "fill", label: "REP STOSQ, 4 KiB" },
		],
	},
	{
		group: "floating point",
		unit: "ms",
		file: "build/bench/float64.bin",
		kind: "image",
		bits: 64,
		phases: [
			{ name: "nbody", label: "n-body, double", checksum: "2d0cfc9b" },
			{ name: "mandelbrot", label: "mandelbrot, double", checksum: "28a541f7" },
			{ name: "mandelbrot-packed", label: "mandelbrot, SSE2", checksum: "28a541f7" },
			{ name: "matrix-sse2", label: "matrix product, SSE2", checksum: "05364380" },
			{ name: "matrix-avx2", label: "matrix product, AVX2, FMA", checksum: "3dd05608" },
			{ name: "nbody-x87", label: "n-body, x87", checksum: "9155ed87" },
			{ name: "polynomial-x87", label: "polynomial, x87", checksum: "0a2c79e7" },
		],
	},
	{
		group: "streams",
		unit: "ms",
		file: "build/bench/streams64.bin",
		kind: "image",
		bits: 64,
		phases: [
			{ name: "sha256", label: "SHA-256, plain C", checksum: "1b69ad44" },
			{ name: "sha256-ni", label: "SHA-256, SHA", checksum: "1b69ad44" },
			{ name: "aes", label: "AES-128, plain C", checksum: "a357c140" },
			{ name: "aes-ni", label: "AES-128, AES", checksum: "a357c140" },
			{ name: "copy-movsb", label: "copy 64 KiB, REP MOVSB", checksum: "8ef80000" },
			{ name: "copy-sse", label: "copy 64 KiB, SSE", checksum: "8ef80000" },
			{ name: "copy-avx", label: "copy 64 KiB, AVX", checksum: "8ef80000" },
			{ name: "fill-stosb", label: "fill 64 KiB, REP STOSB", checksum: "e2100000" },
			{ name: "fill-sse", label: "fill 64 KiB, SSE", checksum: "e2100000" },
			{ name: "fill-avx", label: "fill 64 KiB, AVX", checksum: "e2100000" },
		],
	},
	{
		group: "power-on",
		unit: "ms",
		file: "build/pocket-rocket.iso",
		kind: "disc",
		bits: 64,
		phases: [{ name: "prompt", label: "to Pocket Rocket's prompt" }],
	},
];

export const labelOf = ({ name, label }: PhaseInfo): string => label ?? name;

/** The programs with those of their phases that the pattern finds in "GROUP NAME LABEL". */
export function choose(programs: Program[], pattern: RegExp): Program[] {
	const wanted =
		({ group }: Program) =>
		(phase: PhaseInfo) =>
			pattern.test(`${group} ${phase.name} ${labelOf(phase)}`);
	return programs
		.map((program) => ({ ...program, phases: program.phases.filter(wanted(program)) }))
		.filter((program) => program.phases.length > 0);
}

const MULTIBOOT_MAGIC = 0x1badb002;
/** Behind the Multiboot header's eight fields: start32.S, start64.S. */
const SELECTED = 32;

/** A copy of the image that runs those phases only. @param all the program with all of its phases */
export function select(image: Uint8Array, all: PhaseInfo[], chosen: PhaseInfo[]): Uint8Array {
	const copy = new Uint8Array(image);
	const view = new DataView(copy.buffer);
	if (view.getUint32(0, true) !== MULTIBOOT_MAGIC)
		throw new Error("not a benchmark image: no Multiboot header");
	const names = new Set(chosen.map(({ name }) => name));
	const mask = all.reduce((bits, { name }, i) => bits | (names.has(name) ? 1 << i : 0), 0);
	view.setUint32(SELECTED, mask >>> 0, true);
	return copy;
}

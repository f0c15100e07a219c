/**
 * What a processor may have: one line a feature, as CPUID announces it. A row of the instruction set names its feature
 * by the same name; a model (models.ts) is a set of them.
 *
 * A feature is done when everything that its bit promises is there; only then can a model have it.
 */

type Register = "eax" | "ebx" | "ecx" | "edx";

export interface Feature {
	name: string;
	leaf: number;
	subleaf: number;
	register: Register;
	bit: number;
	done: boolean;
	/** Features without which it cannot be. */
	needs: readonly string[];
	/** Bits that it makes writable, by register. */
	allows: Partial<Record<"cr4" | "efer" | "xcr0", readonly number[]>>;
}

interface Options {
	needs?: string;
	cr4?: readonly number[];
	efer?: readonly number[];
	xcr0?: readonly number[];
}

/** @param where "7:ebx.5", or with a subleaf "13/1:eax.0" */
function feature(name: string, where: string, done: boolean, options: Options = {}): Feature {
	const [, leaf, subleaf, register, bit] = /^(\w+?)(?:\/(\d+))?:(e[a-d]x)\.(\d+)$/.exec(where)!;
	const { needs, ...allows } = options;
	return {
		name,
		leaf: Number(leaf),
		subleaf: Number(subleaf ?? 0),
		register: register as Register,
		bit: Number(bit),
		done,
		needs: needs?.split(" ") ?? [],
		allows,
	};
}

// SDM 2A, "CPUID - CPU Identification"
export const FEATURES: readonly Feature[] = [
	feature("FPU", "1:edx.0", true),
	feature("VME", "1:edx.1", true, { cr4: [0, 1] }),
	feature("DE", "1:edx.2", true, { cr4: [3] }),
	feature("PSE", "1:edx.3", true, { cr4: [4] }),
	feature("TSC", "1:edx.4", true, { cr4: [2] }),
	feature("MSR", "1:edx.5", true),
	feature("PAE", "1:edx.6", true, { cr4: [5] }),
	feature("CX8", "1:edx.8", true),
	feature("SEP", "1:edx.11", true),
	feature("MTRR", "1:edx.12", true),
	feature("PGE", "1:edx.13", true, { cr4: [7] }),
	feature("CMOV", "1:edx.15", true),
	feature("PAT", "1:edx.16", true),
	feature("PSE36", "1:edx.17", true),
	feature("CLFSH", "1:edx.19", true),
	feature("MMX", "1:edx.23", true, { needs: "FPU" }),
	feature("FXSR", "1:edx.24", true, { needs: "FPU", cr4: [9] }),
	feature("SSE", "1:edx.25", true, { needs: "FXSR", cr4: [10] }),
	feature("SSE2", "1:edx.26", true, { needs: "SSE" }),

	feature("SSE3", "1:ecx.0", true, { needs: "SSE2" }),
	feature("PCLMULQDQ", "1:ecx.1", true, { needs: "SSE2" }),
	feature("MONITOR", "1:ecx.3", true),
	feature("SSSE3", "1:ecx.9", true, { needs: "SSE3" }),
	feature("FMA", "1:ecx.12", true, { needs: "AVX" }),
	feature("CMPXCHG16B", "1:ecx.13", true),
	feature("PCID", "1:ecx.17", true, { needs: "X64", cr4: [17] }),
	feature("SSE4_1", "1:ecx.19", true, { needs: "SSSE3" }),
	feature("SSE4_2", "1:ecx.20", true, { needs: "SSE4_1" }),
	feature("MOVBE", "1:ecx.22", true),
	feature("POPCNT", "1:ecx.23", true),
	feature("AES", "1:ecx.25", true, { needs: "SSE2" }),
	feature("XSAVE", "1:ecx.26", true, { needs: "FXSR", cr4: [18], xcr0: [0, 1] }),
	feature("AVX", "1:ecx.28", true, { needs: "XSAVE SSE4_2", xcr0: [2] }),
	feature("F16C", "1:ecx.29", true, { needs: "AVX" }),
	feature("RDRAND", "1:ecx.30", true),
	feature("HYPERVISOR", "1:ecx.31", true),

	feature("FSGSBASE", "7:ebx.0", true, { needs: "X64", cr4: [16] }),
	feature("BMI1", "7:ebx.3", true, { needs: "AVX" }),
	feature("AVX2", "7:ebx.5", true, { needs: "AVX" }),
	feature("SMEP", "7:ebx.7", true, { cr4: [20] }),
	feature("BMI2", "7:ebx.8", true, { needs: "AVX" }),
	feature("ERMS", "7:ebx.9", true),
	feature("INVPCID", "7:ebx.10", true),
	feature("RDSEED", "7:ebx.18", true),
	feature("ADX", "7:ebx.19", true),
	feature("SMAP", "7:ebx.20", true, { cr4: [21] }),
	feature("CLFLUSHOPT", "7:ebx.23", true),
	feature("CLWB", "7:ebx.24", true),
	feature("SHA", "7:ebx.29", true, { needs: "SSE2" }),
	feature("UMIP", "7:ecx.2", true, { cr4: [11] }),
	feature("PKU", "7:ecx.3", true, { needs: "XSAVE X64", cr4: [22], xcr0: [9] }),
	feature("LA57", "7:ecx.16", true, { needs: "X64", cr4: [12] }),
	feature("RDPID", "7:ecx.22", true),

	feature("XSAVEOPT", "13/1:eax.0", true, { needs: "XSAVE" }),
	feature("XSAVEC", "13/1:eax.1", true, { needs: "XSAVE" }),

	feature("LAHF", "0x80000001:ecx.0", true),
	feature("LZCNT", "0x80000001:ecx.5", true),
	feature("PREFETCHW", "0x80000001:ecx.8", true),
	feature("SYSCALL", "0x80000001:edx.11", true, { needs: "X64", efer: [0] }),
	feature("NX", "0x80000001:edx.20", true, { needs: "PAE", efer: [11] }),
	feature("PDPE1GB", "0x80000001:edx.26", true, { needs: "X64" }),
	feature("RDTSCP", "0x80000001:edx.27", true),
	feature("X64", "0x80000001:edx.29", true, { needs: "PAE", efer: [8, 10] }),
	feature("INVARIANT_TSC", "0x80000007:edx.8", true),
];

const byName = new Map(FEATURES.map((known) => [known.name, known]));

/** Names that other emulators' users know them by. */
const SYNONYMS: Record<string, string> = {
	lm: "X64",
	cx16: "CMPXCHG16B",
	clflush: "CLFSH",
	abm: "LZCNT",
	aesni: "AES",
	pni: "SSE3",
	shani: "SHA",
	lahflm: "LAHF",
	invtsc: "INVARIANT_TSC",
	"3dnowprefetch": "PREFETCHW",
};

const plain = (name: string): string => name.toLowerCase().replace(/[._-]/g, "");
const byPlainName = new Map(FEATURES.map((known) => [plain(known.name), known]));

/** The feature that a user calls `name`: "sse4.1", "sse4_1" and "SSE41" are one. */
export function findFeature(name: string): Feature | undefined {
	return byPlainName.get(plain(name)) ?? byName.get(SYNONYMS[plain(name)]);
}

/** Those of `names` that are done and have all they need. */
export function closure(names: Iterable<string>): Set<string> {
	const set = new Set([...names].filter((name) => byName.get(name)?.done));
	for (let before = -1; before !== set.size; ) {
		before = set.size;
		for (const name of set) if (!byName.get(name)!.needs.every((need) => set.has(need))) set.delete(name);
	}
	return set;
}

/** A feature with all that it needs. */
export function withNeeds(name: string): string[] {
	return [name, ...byName.get(name)!.needs.flatMap(withNeeds)];
}

/** The bits that a set of features makes writable. */
export function allowed(register: keyof Feature["allows"], features: ReadonlySet<string>): bigint {
	let bits = 0n;
	for (const name of features)
		for (const bit of byName.get(name)!.allows[register] ?? []) bits |= 1n << BigInt(bit);
	return bits;
}

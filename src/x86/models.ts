/**
 * The processors that `-cpu` can name: a signature and a set of features. Features can be added and removed:
 * "x86-64-v3,-smap,+la57".
 */
import { closure, FEATURES, findFeature, withNeeds } from "./features.ts";

export interface Model {
	/** As the user wrote it. */
	name: string;
	family: number;
	model: number;
	stepping: number;
	/** Names as in FEATURES. */
	features: ReadonlySet<string>;
}

/** What the user asked for cannot be had; one line. */
export class ModelError extends Error {}

const PENTIUM_3 =
	"FPU VME DE PSE TSC MSR PAE CX8 SEP MTRR PGE CMOV PAT PSE36 MMX FXSR SSE HYPERVISOR INVARIANT_TSC";
const V1 = `${PENTIUM_3} CLFSH SSE2 X64 SYSCALL NX`;
const QEMU64 = `${V1} SSE3 CMPXCHG16B LAHF`;
// System V ABI, AMD64 supplement, "Micro-architecture levels"
const V2 = `${QEMU64} SSSE3 SSE4_1 SSE4_2 POPCNT`;
const V3 = `${V2} XSAVE AVX AVX2 BMI1 BMI2 F16C FMA LZCNT MOVBE`;
/** What the levels leave open, and what processors of the third one have. */
const MODERN =
	"PDPE1GB RDTSCP RDRAND RDSEED ADX AES PCLMULQDQ SHA FSGSBASE SMEP SMAP UMIP PCID INVPCID ERMS XSAVEOPT XSAVEC CLFLUSHOPT CLWB PREFETCHW RDPID MONITOR";

interface Data {
	family: number;
	model: number;
	stepping: number;
	features: string;
}

const MODELS: Record<string, Data> = {
	pentium3: { family: 6, model: 8, stepping: 3, features: PENTIUM_3 },
	qemu64: { family: 15, model: 107, stepping: 1, features: QEMU64 },
	"x86-64-v2": { family: 6, model: 15, stepping: 11, features: `${V2} PDPE1GB RDTSCP` },
	"x86-64-v3": { family: 6, model: 94, stepping: 3, features: `${V3} ${MODERN}` },
	max: { family: 6, model: 94, stepping: 3, features: FEATURES.map(({ name }) => name).join(" ") },
};

export const DEFAULT_MODEL = "x86-64-v3";
export const modelNames = (): string[] => Object.keys(MODELS);
/** Those that a model can be given. */
const featureNames = (): string[] =>
	FEATURES.filter(({ done }) => done).map(({ name }) => name.toLowerCase());

/** @param text a model's name, then features with + or -, separated by commas @throws ModelError */
export function parseModel(text: string): Model {
	const [name, ...changes] = text.split(",");
	const data = MODELS[name.toLowerCase()];
	if (!data) throw new ModelError(`unknown processor "${name}"; there are ${modelNames().join(", ")}`);
	const features = closure(data.features.split(" "));
	for (const change of changes) apply(change, features);
	const { family, model, stepping } = data;
	return { name: text, family, model, stepping, features: closure(features) };
}

function apply(change: string, features: Set<string>): void {
	const sign = change[0];
	if (sign !== "+" && sign !== "-")
		throw new ModelError(`"${change}": a feature is added with + or removed with -`);
	const feature = findFeature(change.slice(1));
	if (!feature)
		throw new ModelError(
			`unknown processor feature "${change.slice(1)}"; there are ${featureNames().join(", ")}`,
		);
	if (sign === "-") {
		features.delete(feature.name);
		return;
	}
	for (const name of withNeeds(feature.name)) {
		if (!findFeature(name)!.done)
			throw new ModelError(`the processor feature "${name.toLowerCase()}" is not implemented`);
		features.add(name);
	}
}

/**
 * A model as the processor's core wants it: the leaves that CPUID answers, and which bits of control registers exist.
 * Bits that depend on what the guest has switched on (OSXSAVE, OSPKE, the size of the XSAVE area) are the core's.
 */
import { allowed, FEATURES } from "./features.ts";
import type { Model } from "./models.ts";

export interface Leaf {
	leaf: number;
	/** -1: whatever ECX says. */
	subleaf: number;
	/** EAX EBX ECX EDX. */
	values: [number, number, number, number];
}

const ORDER = ["eax", "ebx", "ecx", "edx"];
const VENDOR = [0x756e6547, 0x6c65746e, 0x49656e69]; // "GenuineIntel" in EBX, ECX, EDX
const HYPERVISOR = "GantryGantry";
const BRAND = "Gantry x86-64 processor 1 GHz";
const CLFLUSH_64 = 0x800;
const PHYSICAL_BITS = 40;

/** CR0 to CR4 bits that every model has: MCE and PCE are accepted without machine checks or counters. */
const CR4_ALWAYS = 0x140n;

export function signature({ family, model, stepping }: Model): number {
	const extendedFamily = Math.max(0, family - 15);
	const high = family === 6 || family >= 15 ? model >> 4 : 0;
	return (extendedFamily << 20) | (high << 16) | (Math.min(family, 15) << 8) | ((model & 15) << 4) | stepping;
}

/** Where the XSAVE components lie in the standard format: SDM 1, "Standard Format of the XSAVE Area". */
const COMPONENTS: [feature: string, number: number, size: number, offset: number][] = [
	["AVX", 2, 256, 576],
	["PKU", 9, 8, 2688],
];
const LEGACY_AREA = 576;

export function cpuidLeaves(model: Model): Leaf[] {
	const { features } = model;
	const has = (name: string) => features.has(name);
	const leaves = new Leaves(model);
	const highest = has("XSAVE") ? 13 : has("SMEP") || has("ERMS") || has("FSGSBASE") ? 7 : 2;
	leaves.add(0, [highest, VENDOR[0], VENDOR[1], VENDOR[2]]);
	leaves.add(1, [signature(model), CLFLUSH_64, 0, 0]);
	leaves.add(2, [1, 0, 0, 0]);
	if (has("MONITOR")) leaves.add(5, [64, 64, 3, 0]);
	if (highest >= 7) leaves.add(7, [0, 0, 0, 0], 0);
	if (has("XSAVE")) addXsave(leaves, model);
	leaves.add(0x40000000, [0x40000000, ...words(HYPERVISOR)] as Leaf["values"]);
	const long = has("X64");
	leaves.add(0x80000000, [long ? 0x80000008 : 0x80000004, VENDOR[0], VENDOR[1], VENDOR[2]]);
	leaves.add(0x80000001, [0, 0, 0, 0]);
	for (let i = 0; i < 3; i++)
		leaves.add(0x80000002 + i, words(BRAND.padEnd(48, "\0").slice(i * 16, i * 16 + 16)) as Leaf["values"]);
	leaves.add(0x80000007, [0, 0, 0, 0]);
	leaves.add(0x80000008, [PHYSICAL_BITS | ((has("LA57") ? 57 : long ? 48 : 32) << 8), 0, 0, 0]);
	return leaves.list;
}

function addXsave(leaves: Leaves, { features }: Model): void {
	const present = COMPONENTS.filter(([name]) => features.has(name));
	const size = Math.max(LEGACY_AREA, ...present.map(([, , bytes, offset]) => offset + bytes));
	leaves.add(13, [Number(allowed("xcr0", features)), 0, size, 0], 0);
	leaves.add(13, [0, 0, 0, 0], 1);
	for (const [, number, bytes, offset] of present) leaves.add(13, [bytes, offset, 0, 0], number);
}

class Leaves {
	readonly list: Leaf[] = [];
	readonly #features: ReadonlySet<string>;

	constructor({ features }: Model) {
		this.#features = features;
	}

	/** Adds a leaf, with the bits of the features that it announces. */
	add(leaf: number, values: Leaf["values"], subleaf = -1): void {
		for (const feature of FEATURES) {
			if (feature.leaf !== leaf || feature.subleaf !== Math.max(subleaf, 0)) continue;
			if (this.#features.has(feature.name))
				values[ORDER.indexOf(feature.register)] =
					(values[ORDER.indexOf(feature.register)] | (1 << feature.bit)) >>> 0;
		}
		this.list.push({ leaf, subleaf, values });
	}
}

/** Text as little-endian words of four characters. */
function words(text: string): number[] {
	const out: number[] = [];
	for (let i = 0; i < text.length; i += 4)
		out.push(
			(text.charCodeAt(i) |
				(text.charCodeAt(i + 1) << 8) |
				(text.charCodeAt(i + 2) << 16) |
				(text.charCodeAt(i + 3) << 24)) >>>
				0,
		);
	return out;
}

/** Which bits can be set. */
export function controlMasks({ features }: Model): { cr4: bigint; efer: bigint; xcr0: bigint } {
	return {
		cr4: allowed("cr4", features) | CR4_ALWAYS,
		efer: allowed("efer", features),
		xcr0: allowed("xcr0", features),
	};
}

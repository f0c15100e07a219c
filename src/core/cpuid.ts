// CPUID: the leaves of the processor's model, with the bits that follow the guest's own settings.

import { CR4, MODEL_LEAF_SIZE, MODEL_LEAF_TABLE, MODEL_LEAVES, RAX, RBX, RCX, RDX, STATUS_NEXT, XCR0 } from "./state";
import { areaSize } from "./xsave";

const CR4_OSXSAVE: u32 = 0x40000;
const CR4_PKE: u32 = 0x400000;
const LEAF1_OSXSAVE: u32 = 0x8000000;
const LEAF7_OSPKE: u32 = 0x10;

/** The model's answer; 0 where it has none. Past the highest leaf Intel processors repeat the last basic one; here it is zeros, as virtual machines answer. */
function find(leaf: u32, subleaf: i32): usize {
	let at: usize = MODEL_LEAF_TABLE;
	for (let i = load<u32>(MODEL_LEAVES); i; i--) {
		if (load<u32>(at) == leaf && (load<i32>(at + 4) == subleaf || load<i32>(at + 4) == -1)) return at;
		at += MODEL_LEAF_SIZE;
	}
	return 0;
}

/** Leaf 13: how large the area is with what XCR0 enables now, standard and compacted; else as the model says. */
function sizeLeaf(cpu: usize, subleaf: i32): u64 {
	return subleaf > 1 ? load<u64>(cpu + RBX) : areaSize(load<u64>(cpu + XCR0), subleaf == 1);
}

export function identify(cpu: usize, record: usize): i32 {
	const leaf = load<u32>(cpu + RAX);
	const subleaf = load<i32>(cpu + RCX);
	const at = find(leaf, subleaf);
	store<u64>(cpu + RAX, at ? load<u32>(at + 8) : 0);
	store<u64>(cpu + RBX, at ? load<u32>(at + 12) : 0);
	store<u64>(cpu + RCX, at ? load<u32>(at + 16) : 0);
	store<u64>(cpu + RDX, at ? load<u32>(at + 20) : 0);
	const cr4 = load<u32>(cpu + CR4);
	if (leaf == 1 && cr4 & CR4_OSXSAVE) store<u64>(cpu + RCX, load<u64>(cpu + RCX) | LEAF1_OSXSAVE);
	if (leaf == 7 && subleaf == 0 && cr4 & CR4_PKE) store<u64>(cpu + RCX, load<u64>(cpu + RCX) | LEAF7_OSPKE);
	if (leaf == 13 && at) store<u64>(cpu + RBX, sizeLeaf(cpu, subleaf));
	return STATUS_NEXT;
}

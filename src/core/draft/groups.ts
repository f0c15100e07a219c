// Accesses of a block whose places are known to each other: at known distances from what a register held where the block begins. Whether
// memory is there is asked once for all of them, before the block.

import { INFO_SEGMENTED, PAGE_BASE, REC_BASE, REC_DISPLACEMENT, REC_INDEX, REC_INFO, REC_MASK, REC_REG, REC_RM, RECORD_SIZE, RSP, STENCILS, ZERO } from "../state";
import {
	ACCESS_AT_STACK, ACCESS_BELOW_STACK, ACCESS_SIZE, ACCESS_WRITES, CHANGES_REG, CHANGES_RM, LONGEST_BLOCK, STENCIL_ACCESS, STENCIL_CHANGES,
	STENCIL_REGISTERS, STENCIL_STACK,
} from "../stencil";
import { stencilOf } from "./records";

/** How many groups a block has at most. */
export const MOST_GROUPS: u32 = 2;
/** One access alone asks for itself. */
const LEAST_ACCESSES: u32 = 2;
/** From its first byte to behind its last. */
const WIDEST: i64 = 65536;

/** What an address begins with: a register by its number, or the page's first byte. */
const PAGE_ROOT: u32 = 16;
const ROOTS: u32 = 17;
const NO_ROOT: u32 = 17;

/** Of each root: the registers' changes so far, how many accesses begin with it, where they begin and end, and whether one writes. */
const changes = new StaticArray<i64>(<i32>ROOTS);
const counts = new StaticArray<u32>(<i32>ROOTS);
const lows = new StaticArray<i64>(<i32>ROOTS);
const highs = new StaticArray<i64>(<i32>ROOTS);
const writing = new StaticArray<bool>(<i32>ROOTS);
/** Bits of those whose changes are known. */
let known: u32 = 0;

/** Of each instruction: its access's root and its distance from that. */
const rootOf = new StaticArray<u32>(<i32>LONGEST_BLOCK);
const placeOf = new StaticArray<i64>(<i32>LONGEST_BLOCK);

export let groups: u32 = 0;
const groupRoots = new StaticArray<u32>(<i32>MOST_GROUPS);

/** Finds the groups of a block that has so many instructions. */
export function findGroups(record: usize, count: u32): void {
	known = (1 << ROOTS) - 1;
	for (let root: u32 = 0; root < ROOTS; root++) {
		unchecked((changes[root] = 0));
		unchecked((counts[root] = 0));
	}
	for (let i: u32 = 0; i < count; i++, record += RECORD_SIZE) {
		const stencil: usize = STENCILS + stencilOf(record, true);
		const root = findAccess(record, stencil, i);
		unchecked((rootOf[i] = root));
		if (root != NO_ROOT) add(root, unchecked(placeOf[i]), load<u8>(stencil + STENCIL_ACCESS));
		change(record, stencil);
	}
	choose();
}

/** The root of an instruction's access; its distance goes to `placeOf`. */
function findAccess(record: usize, stencil: usize, i: u32): u32 {
	const access = <u32>load<u8>(stencil + STENCIL_ACCESS);
	if (!access || !stencilOf(record, true, true)) return NO_ROOT;
	let root: u32 = RSP >> 3;
	let distance: i64 = 0;
	if (access & ACCESS_BELOW_STACK) distance = -<i64>(access & ACCESS_SIZE);
	else if (!(access & ACCESS_AT_STACK)) {
		const base = <u32>load<u16>(record + REC_BASE);
		if (base == ZERO || load<u16>(record + REC_INDEX) != ZERO) return NO_ROOT;
		if (load<u16>(record + REC_INFO) & INFO_SEGMENTED || load<i64>(record + REC_MASK) != -1) return NO_ROOT;
		root = base == PAGE_BASE ? PAGE_ROOT : base >> 3;
		distance = load<i64>(record + REC_DISPLACEMENT);
	}
	if (!((known >> root) & 1)) return NO_ROOT;
	unchecked((placeOf[i] = distance + changes[root]));
	return root;
}

function add(root: u32, from: i64, access: u32): void {
	const to = from + (access & ACCESS_SIZE);
	const isFirst = !unchecked(counts[root]++);
	unchecked((lows[root] = isFirst ? from : min(lows[root], from)));
	unchecked((highs[root] = isFirst ? to : max(highs[root], to)));
	unchecked((writing[root] = (!isFirst && writing[root]) || (access & ACCESS_WRITES) != 0));
}

/** What an instruction changes of the registers. */
function change(record: usize, stencil: usize): void {
	unchecked((changes[RSP >> 3] += load<i8>(stencil + STENCIL_STACK)));
	known &= ~<u32>load<u16>(stencil + STENCIL_REGISTERS);
	const operands = <u32>load<u8>(stencil + STENCIL_CHANGES);
	if (operands & CHANGES_RM) known &= ~(1 << (load<u16>(record + REC_RM) >> 3));
	if (operands & CHANGES_REG) known &= ~(1 << (load<u16>(record + REC_REG) >> 3));
}

/** The roots with most accesses become groups. */
function choose(): void {
	for (groups = 0; groups < MOST_GROUPS; groups++) {
		let most: u32 = LEAST_ACCESSES - 1;
		let best: u32 = NO_ROOT;
		for (let root: u32 = 0; root < ROOTS; root++) {
			const count = unchecked(counts[root]);
			if (count <= most || unchecked(highs[root] - lows[root]) > WIDEST) continue;
			most = count;
			best = root;
		}
		if (best == NO_ROOT) return;
		unchecked((groupRoots[groups] = best));
		unchecked((counts[best] = 0));
	}
}

/** The group of an instruction's access, counted from 1; 0 where it has none. */
export function groupOf(i: u32): u32 {
	const root = unchecked(rootOf[i]);
	if (root == NO_ROOT) return 0;
	for (let group: u32 = 0; group < groups; group++) if (unchecked(groupRoots[group]) == root) return group + 1;
	return 0;
}

/** How far an instruction's access is from its group's first byte. */
export function deltaOf(i: u32): u32 {
	return <u32>unchecked(placeOf[i] - lows[rootOf[i]]);
}

/** Where the state block has what a group's addresses begin with; PAGE_BASE for the page. */
export function rootOfGroup(group: u32): u32 {
	const root = unchecked(groupRoots[group]);
	return root == PAGE_ROOT ? PAGE_BASE : root << 3;
}

export function lowOfGroup(group: u32): i64 {
	return unchecked(lows[groupRoots[group]]);
}

export function widthOfGroup(group: u32): u32 {
	return <u32>unchecked(highs[groupRoots[group]] - lows[groupRoots[group]]);
}

export function groupWrites(group: u32): bool {
	return unchecked(writing[groupRoots[group]]);
}

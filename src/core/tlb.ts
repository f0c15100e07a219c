// The TLB: which linear pages may be read, written and executed directly, for each kind of access. Generated code looks into it;
// memory.ts fills it.

import { pageWord } from "./memory";
import { walkedGlobal, walkedLarge } from "./paging";
import {
	LARGE_PAGES, TLB, TLB_ADDEND, TLB_BYTES, TLB_ENTRIES, TLB_ENTRY, TLB_EXECUTE, TLB_GLOBAL, TLB_PHYSICAL, TLB_READ, TLB_SUPERVISOR, TLB_USER,
	TLB_USER_ALIGNED, TLB_WRITE, TLBS,
} from "./state";
import { closeWindowsOver } from "./windows";

@inline
export function entryOf(tlb: usize, linear: u64): usize {
	return tlb + ((<usize>(linear >> 12) & (TLB_ENTRIES - 1)) * TLB_ENTRY);
}

@inline
export function probe(tlb: usize, linear: u64, size: u32, tag: u32): usize {
	const entry = entryOf(tlb, linear);
	if (load<u64>(entry + tag) != ((linear + size - 1) & ~4095)) return 0;
	return <usize>linear + load<u32>(entry + TLB_ADDEND);
}

/** The TLB of supervisor accesses that an instruction makes whatever CPL is: descriptors, TSS. */
export const SYSTEM_TLB: usize = TLB + TLB_SUPERVISOR * TLB_BYTES;
export const USER_TLB: usize = TLB + TLB_USER * TLB_BYTES;
export const USER_ALIGNED_TLB: usize = TLB + TLB_USER_ALIGNED * TLB_BYTES;

/** Addresses of the entries that may hold something: a flush is mostly one of a few pages. More than so many are not noted. */
const MOST_NOTED: u32 = 256;
const NOTED: usize = memory.data(MOST_NOTED * 4, 4);
/** How many they are, or more than MOST_NOTED. */
let noted: u32 = 0;

function note(entry: usize): void {
	if (noted < MOST_NOTED) store<u32>(NOTED + (noted << 2), <u32>entry);
	if (noted <= MOST_NOTED) noted++;
}

/** Of so many entries that were noted, or of all where those were too many. */
@inline
function entryAt(i: u32, count: u32): usize {
	return count <= MOST_NOTED ? load<u32>(NOTED + (i << 2)) : TLB + i * TLB_ENTRY;
}

@inline
function entriesInUse(): u32 {
	return noted <= MOST_NOTED ? noted : TLBS * TLB_ENTRIES;
}

function flush(keepsGlobal: bool): void {
	const count = entriesInUse();
	noted = 0;
	for (let i: u32 = 0; i < count; i++) {
		const entry = entryAt(i, count);
		if (keepsGlobal && load<u32>(entry + TLB_PHYSICAL) & TLB_GLOBAL) note(entry);
		else clearEntry(entry);
	}
}

export function flushAll(): void {
	flush(false);
}

/** At reset: the one that stays empty, too. */
export function emptyAll(): void {
	memory.fill(USER_ALIGNED_TLB, 0xff, TLB_BYTES);
	for (let entry: usize = TLB; entry < TLB + TLBS * TLB_BYTES; entry += TLB_ENTRY) clearEntry(entry);
	noted = 0;
}

/** As MOV to CR3 does it: global pages stay. */
export function flushLocal(): void {
	flush(true);
}

/** A tag that no address finds in this entry, also not with the page of its last byte: that page is half a TLB away. */
@inline
function nothingIn(entry: usize): u64 {
	return (<u64>((entry - TLB) / TLB_ENTRY) & (TLB_ENTRIES - 1) ^ (TLB_ENTRIES / 2)) << 12;
}

function clearEntry(entry: usize): void {
	closeWindowsOver(entry);
	const nothing = nothingIn(entry);
	store<u64>(entry + TLB_READ, nothing);
	store<u64>(entry + TLB_WRITE, nothing);
	store<u64>(entry + TLB_EXECUTE, nothing);
	store<u32>(entry + TLB_PHYSICAL, 0);
}

/**
 * For the compiler: whether most of the pages that can be read through a TLB have one TLB_ADDEND, as they do where memory
 * is mapped in one piece. The one that could be in the majority is found by pairing different ones off.
 */
export function addendsAgree(tlb: usize): bool {
	let candidate: u32 = 0;
	let lead: i32 = 0;
	for (let entry = tlb; entry < tlb + TLB_BYTES; entry += TLB_ENTRY) {
		if (!holdsPage(entry)) continue;
		const addend = load<u32>(entry + TLB_ADDEND);
		if (!lead) candidate = addend;
		lead += addend == candidate ? 1 : -1;
	}
	let agreeing: u32 = 0;
	let all: u32 = 0;
	for (let entry = tlb; entry < tlb + TLB_BYTES; entry += TLB_ENTRY) {
		if (!holdsPage(entry)) continue;
		all++;
		if (load<u32>(entry + TLB_ADDEND) == candidate) agreeing++;
	}
	return agreeing * 8 > all * 7;
}

@inline
function holdsPage(entry: usize): bool {
	return entryOf(entry & ~(TLB_BYTES - 1), load<u64>(entry + TLB_READ)) == entry;
}

/** INVLPG. A large page may be in many entries, so one that was seen flushes everything. */
export function flushPage(cpu: usize, linear: u64): void {
	if (load<u32>(cpu + LARGE_PAGES)) {
		flushAll();
		store<u32>(cpu + LARGE_PAGES, 0);
		return;
	}
	for (let i: u32 = 0; i < TLBS; i++) clearEntry(entryOf(TLB + i * TLB_BYTES, linear));
}

/** Takes the right to write directly to a physical page from every entry: its writes must be seen from now on. */
export function withdrawWrites(physical: u32): void {
	const count = entriesInUse();
	for (let i: u32 = 0; i < count; i++) {
		const entry = entryAt(i, count);
		if ((load<u32>(entry + TLB_PHYSICAL) & ~4095) != (physical & ~4095)) continue;
		closeWindowsOver(entry);
		store<u64>(entry + TLB_WRITE, nothingIn(entry));
	}
}

export function fill(cpu: usize, tlb: usize, linear: u64, physical: u32, tag: u32): void {
	const entry = entryOf(tlb, linear);
	const page = linear & ~4095;
	const host = pageWord(physical) & ~4095;
	const addend = host - <u32>page;
	const mark = (physical & ~4095) | (walkedGlobal ? TLB_GLOBAL : 0);
	if (load<u32>(entry + TLB_ADDEND) != addend || load<u32>(entry + TLB_PHYSICAL) != mark || !holds(entry, page)) {
		clearEntry(entry);
		note(entry);
	}
	store<u32>(entry + TLB_ADDEND, addend);
	store<u32>(entry + TLB_PHYSICAL, mark);
	store<u64>(entry + tag, page);
	if (walkedLarge) store<u32>(cpu + LARGE_PAGES, 1);
}

function holds(entry: usize, page: u64): bool {
	return load<u64>(entry + TLB_READ) == page || load<u64>(entry + TLB_WRITE) == page || load<u64>(entry + TLB_EXECUTE) == page;
}

// Windows: pieces of linear memory, some pages long, that lie in one piece in host memory, too, and whose pages are all in a TLB. A draft that
// accesses memory at many places around one address asks once whether they are in a window. A window is no cache of its own: it says
// what the TLB says, and is closed as soon as one of the entries that it relies on changes.

import {
	OPENED, TLB, TLB_ADDEND, TLB_BYTES, TLB_ENTRIES, TLB_ENTRY, TLB_READ, TLB_WRITE, WINDOW_ADDEND, WINDOW_BYTES, WINDOW_LISTED, WINDOW_SET, WINDOW_SIZE,
	WINDOWED, WINDOWS,
} from "./state";
import { entryOf } from "./tlb";

/** How many pages before and behind the one that is asked for are looked at. */
const REACH: u64 = 32;
const PAGE: u64 = 4096;

let opened: u32 = 0;

/** The byte that says whether a window relies on a TLB's entry. */
@inline
function markOf(entry: usize): usize {
	return WINDOWED + (entry - TLB) / TLB_ENTRY;
}

/** A TLB's entry is about to lose what it says. */
@inline
export function closeWindowsOver(entry: usize): void {
	if (load<u8>(markOf(entry))) closeWindows();
}

function closeWindows(): void {
	for (let i: u32 = 0; i < opened; i++) {
		const window: usize = load<u32>(OPENED + (i << 2));
		store<u64>(window + WINDOW_BYTES, 0);
		store<u32>(window + WINDOW_LISTED, 0);
	}
	opened = 0;
	memory.fill(WINDOWED, 0, 4 * TLB_ENTRIES);
}

/**
 * Called by a draft whose window does not reach from `linear` to `last` bytes further on: moves it there.
 * @returns 1 if it does now
 */
export function openWindow(linear: u64, last: u64, window: u32): u32 {
	const set = (window - WINDOWS) / (WINDOW_SET * WINDOW_SIZE);
	const tlb: usize = TLB + (set >> 1) * TLB_BYTES;
	const tag: u32 = set & 1 ? TLB_WRITE : TLB_READ;
	const page = linear & ~(PAGE - 1);
	if (!isThere(tlb, page, tag)) return 0;
	const addend = load<u32>(entryOf(tlb, page) + TLB_ADDEND);
	let low = page;
	while (page - low < REACH * PAGE && continues(tlb, low - PAGE, tag, addend)) low -= PAGE;
	let high = page + PAGE;
	while (high - page < REACH * PAGE && continues(tlb, high, tag, addend)) high += PAGE;
	const size = <u64>1 << (63 - clz(high - low));
	let first = low + size > linear + last ? low : page;
	if (first + size > high) first = high - size;
	if (first > linear || first + size <= linear + last) return 0;
	store<u64>(window, first);
	store<u64>(window + WINDOW_BYTES, size);
	store<u32>(window + WINDOW_ADDEND, addend);
	for (let at = first; at < first + size; at += PAGE) store<u8>(markOf(entryOf(tlb, at)), 1);
	if (!load<u32>(window + WINDOW_LISTED)) {
		store<u32>(window + WINDOW_LISTED, 1);
		store<u32>(OPENED + (opened++ << 2), window);
	}
	return 1;
}

@inline
function isThere(tlb: usize, page: u64, tag: u32): bool {
	return load<u64>(entryOf(tlb, page) + tag) == page;
}

@inline
function continues(tlb: usize, page: u64, tag: u32, addend: u32): bool {
	return isThere(tlb, page, tag) && load<u32>(entryOf(tlb, page) + TLB_ADDEND) == addend;
}

// Page walks: 32-bit, PAE and 4-level paging (SDM 3A, chapter "Paging").

import { PF, raiseWith } from "./fault";
import { pageWord, writePhysical } from "./memory";
import { ADDRESS_MASK, CR0, CR2, CR3, CR4, EFER, PAGE_READ, PKRU, WALK_SCRATCH } from "./state";

/** Not a physical address. */
export const FAILED: u64 = 0xffffffffffffffff;

const P: u64 = 1;
const RW: u64 = 2;
const US: u64 = 4;
const A: u64 = 0x20;
const D: u64 = 0x40;
const PS: u64 = 0x80;
const G: u64 = 0x100;
const XD: u64 = 0x8000000000000000;
/** Address bits of an entry; above MAXPHYADDR (40) they are reserved. */
const ADDRESS: u64 = 0x000000fffffff000;
const RESERVED: u64 = 0x000fff0000000000;

/** No memory answers above 4 GiB: such addresses go to a page that nothing claims. */
const NOWHERE: u64 = 0xfec10000;

const CR0_WP: u32 = 0x10000;
const CR0_PG: u32 = 0x80000000;
const CR4_PSE: u32 = 0x10;
const CR4_PAE: u32 = 0x20;
const CR4_PGE: u32 = 0x80;
const CR4_LA57: u32 = 0x1000;
const CR4_PKE: u32 = 0x400000;
const CR4_SMEP: u32 = 0x100000;
const CR4_SMAP: u32 = 0x200000;
const EFER_NXE: u32 = 0x800;
const EFER_LMA: u32 = 0x400;

const ERROR_P: u32 = 1;
const ERROR_W: u32 = 2;
const ERROR_U: u32 = 4;
const ERROR_RSVD: u32 = 8;
const ERROR_I: u32 = 16;
const ERROR_PK: u32 = 32;

// Of the last successful walk.
export let walkedLarge: bool = false;
export let walkedGlobal: bool = false;

// Of the walk under way.
let rights: u64 = 0; // RW and US, and of all levels; XD, or of all levels
let leafAddress: usize = 0; // host address of the entry that maps the page
let structureAt: u32 = 0; // physical address of the entry that was read last
let leaf: u64 = 0;
let leafMask: u64 = 0; // bits of the linear address that pass through
let reserved: bool = false;

/** Set while the debugger asks: nothing is raised, and no A or D bit is set. */
let quiet: bool = false;

/** Host address of a paging structure's entry, or 0 where no RAM answers (it reads all ones there). */
function structure(cpu: usize, physical: u64): usize {
	if (physical >> 32) return 0;
	const at = <u32>physical & load<u32>(cpu + ADDRESS_MASK);
	structureAt = at;
	const word = pageWord(at);
	return word & PAGE_READ ? (word & ~4095) + (at & 4095) : 0;
}

/** Sets A or D in the entry that was read last, as any write: a ROM keeps what it has, decoded code is dropped. */
function setBits(at: usize, entry: u64, bits: u64, wide: bool): void {
	if (!at || quiet || (entry & bits) == bits) return;
	store<u64>(WALK_SCRATCH, entry | bits);
	writePhysical(structureAt, WALK_SCRATCH, wide ? 8 : 4);
}

/** Descends one level of 64-bit entries. False where the entry is not present or reserved bits are set. */
function descend64(cpu: usize, table: u64, index: u64, reservedBits: u64): bool {
	leafAddress = structure(cpu, (table & ADDRESS) + (index << 3));
	leaf = leafAddress ? load<u64>(leafAddress) : FAILED;
	if (!(leaf & P)) return false;
	if (!(load<u32>(cpu + EFER) & EFER_NXE)) reservedBits |= XD;
	reserved = (leaf & reservedBits) != 0;
	rights = (rights & (leaf | ~(RW | US))) | (leaf & XD);
	return !reserved;
}

/** Four levels, or five with CR4.LA57. */
function walk4(cpu: usize, linear: u64): bool {
	let table = load<u64>(cpu + CR3);
	for (let shift: u64 = load<u32>(cpu + CR4) & CR4_LA57 ? 48 : 39; shift > 12; shift -= 9) {
		const mayBeLarge = shift < 39;
		const large = (<u64>1 << shift) - 1;
		if (!descend64(cpu, table, (linear >> shift) & 511, mayBeLarge ? RESERVED : RESERVED | PS)) return false;
		if (mayBeLarge && leaf & PS) {
			reserved = (leaf & (large & ~0x1fff & ADDRESS)) != 0;
			leafMask = large;
			return !reserved;
		}
		setBits(leafAddress, leaf, A, true);
		table = leaf;
	}
	leafMask = 4095;
	return descend64(cpu, table, (linear >> 12) & 511, RESERVED);
}

/** PAE: PDPTEs have no rights, and their reserved bits fault like the others'. */
function walkPae(cpu: usize, linear: u64): bool {
	const at = structure(cpu, (load<u64>(cpu + CR3) & 0xffffffe0) + ((linear >> 30) << 3));
	const pdpte = at ? load<u64>(at) : 0;
	if (!(pdpte & P)) return false;
	if (!descend64(cpu, pdpte, (linear >> 21) & 511, RESERVED | 0x7ff0000000000000)) return false;
	if (leaf & PS) {
		leafMask = 0x1fffff;
		reserved = (leaf & 0x1fe000) != 0;
		return !reserved;
	}
	setBits(leafAddress, leaf, A, true);
	leafMask = 4095;
	return descend64(cpu, leaf, (linear >> 12) & 511, RESERVED | 0x7ff0000000000000);
}

function descend32(cpu: usize, table: u64, index: u64): bool {
	leafAddress = structure(cpu, (table & 0xfffff000) + (index << 2));
	leaf = leafAddress ? load<u32>(leafAddress) : 0xffffffff;
	rights &= leaf | ~(RW | US);
	return (leaf & P) != 0;
}

function walk2(cpu: usize, linear: u64): bool {
	if (!descend32(cpu, load<u64>(cpu + CR3), (linear >> 22) & 1023)) return false;
	if (leaf & PS && load<u32>(cpu + CR4) & CR4_PSE) {
		// PSE-36: bits 20..13 of the entry are bits 39..32 of the address.
		leafMask = 0x3fffff;
		reserved = (leaf & 0x200000) != 0;
		leaf = (leaf & 0xffc01fff) | ((leaf & 0x1fe000) << 19);
		return !reserved;
	}
	setBits(leafAddress, leaf, A, false);
	leafMask = 4095;
	return descend32(cpu, leaf, (linear >> 12) & 1023);
}

/** Whether the page's protection key forbids a data access (SDM 3A, "Protection Keys"): user pages of IA-32e paging only. */
function keyForbids(cpu: usize, kind: u32, user: bool): bool {
	const applies = kind != 2 && (rights & US) != 0 && (load<u32>(cpu + CR4) & CR4_PKE) != 0 && (load<u32>(cpu + EFER) & EFER_LMA) != 0;
	if (!applies) return false;
	const bits = load<u32>(cpu + PKRU) >> (<u32>((load<u64>(leafAddress) >> 59) & 15) * 2);
	const checksWrites = user || (load<u32>(cpu + CR0) & CR0_WP) != 0;
	return (bits & 1) != 0 || (kind == 1 && (bits & 2) != 0 && checksWrites);
}

function pageFault(cpu: usize, linear: u64, kind: u32, user: bool, present: bool): u64 {
	if (quiet) return FAILED;
	const nx = (load<u32>(cpu + EFER) & EFER_NXE) != 0 && (load<u32>(cpu + CR4) & CR4_PAE) != 0;
	const smep = (load<u32>(cpu + CR4) & CR4_SMEP) != 0;
	let error: u32 = present || reserved ? ERROR_P : 0;
	if (kind == 1) error |= ERROR_W;
	if (user) error |= ERROR_U;
	if (reserved) error |= ERROR_RSVD;
	if (kind == 2 && (nx || smep)) error |= ERROR_I;
	if (present && keyForbids(cpu, kind, user)) error |= ERROR_PK;
	store<u64>(cpu + CR2, linear);
	raiseWith(cpu, PF, error);
	return FAILED;
}

/** Whether the rights gathered on the way allow the access (SDM 3A, "Determination of Access Rights"). */
function allowed(cpu: usize, kind: u32, user: bool, implicit: bool): bool {
	const isUserPage = (rights & US) != 0;
	if (kind == 2 && rights & XD) return false;
	if (user) return isUserPage && (kind != 1 || (rights & RW) != 0);
	const cr4 = load<u32>(cpu + CR4);
	if (kind == 2) return !(isUserPage && cr4 & CR4_SMEP);
	if (isUserPage && cr4 & CR4_SMAP && implicit) return false;
	return kind != 1 || (rights & RW) != 0 || !(load<u32>(cpu + CR0) & CR0_WP);
}

/**
 * The physical address of a linear one, or FAILED with #PF raised.
 * @param kind READ, WRITE or EXECUTE
 * @param strict SMAP applies: a supervisor access without EFLAGS.AC in force
 */
export function walk(cpu: usize, linear: u64, kind: u32, user: bool, strict: bool): u64 {
	const mask = <u64>load<u32>(cpu + ADDRESS_MASK);
	walkedLarge = false;
	walkedGlobal = false;
	const cr0 = load<u32>(cpu + CR0);
	if (!(cr0 & CR0_PG)) return linear & mask;
	const cr4 = load<u32>(cpu + CR4);
	const pae = (cr4 & CR4_PAE) != 0;
	reserved = false;
	rights = RW | US;
	const present = load<u32>(cpu + EFER) & EFER_LMA ? walk4(cpu, linear) : pae ? walkPae(cpu, linear) : walk2(cpu, linear);
	if (!present) return pageFault(cpu, linear, kind, user, false);
	if (!allowed(cpu, kind, user, strict) || (!quiet && keyForbids(cpu, kind, user))) return pageFault(cpu, linear, kind, user, true);
	const raw = pae ? load<u64>(leafAddress) : <u64>load<u32>(leafAddress);
	setBits(leafAddress, raw, kind == 1 ? A | D : A, pae);
	walkedLarge = leafMask != 4095;
	walkedGlobal = (cr4 & CR4_PGE) != 0 && (leaf & G) != 0;
	const physical = (leaf & ADDRESS & ~leafMask) | (linear & leafMask);
	return physical >> 32 ? NOWHERE | (linear & 4095) : physical & mask;
}

/** As `walk`, for reading by a supervisor, without any trace: what a debugger asks. */
export function translateQuietly(cpu: usize, linear: u64): u64 {
	quiet = true;
	const physical = walk(cpu, linear, 0, false, false);
	quiet = false;
	return physical;
}

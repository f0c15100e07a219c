/**
 * /boot/kernel.sym: the kernel's symbols, for the guest (externals of modules, names in backtraces) and for the
 * host's reports.
 *
 *   ffffffff80001234 T kmalloc
 *
 * One line a symbol: the address in 16 lower-case hexadecimal digits, nm's letter for its kind, the name; sorted by
 * address, then by name: what `nm -n` prints. An upper-case letter is a global symbol: externals resolve to these
 * alone, as two files may each have a static function of the same name. Lines are ASCII, end with "\n", and are
 * searched by bisection.
 *
 *   T t  code     R r  read-only data     D d  data     B b  zero-initialised data     W V  weak
 */
import type { Elf, ElfSection, ElfSymbol } from "./elf.ts";
import {
	SHF_ALLOC,
	SHF_EXECINSTR,
	SHF_WRITE,
	SHN_LORESERVE,
	SHN_UNDEF,
	SHT_NOBITS,
	STB_GLOBAL,
	STB_LOCAL,
	STB_WEAK,
	STT_FUNC,
	STT_NOTYPE,
	STT_OBJECT,
} from "./elf.ts";

export interface KernelSymbol {
	address: bigint;
	/** nm's letter. */
	kind: string;
	name: string;
}

/** A place in the kernel: so many bytes behind a symbol. */
export interface Place {
	name: string;
	offset: bigint;
}

const LINE = /^([0-9a-f]{16}) ([A-Za-z]) (\S+)$/;

/** Functions, objects and labels that lie in a loaded section, in the order of the file format. */
export function kernelSymbols(elf: Elf): KernelSymbol[] {
	return elf.symbols
		.filter((symbol) => isPlace(elf, symbol))
		.map((symbol) => ({
			address: symbol.value,
			kind: kindOf(elf.sections[symbol.section], symbol),
			name: symbol.name,
		}))
		.sort((a, b) => compare(a.address, b.address) || compare(a.name, b.name));
}

export function formatKernelSym(symbols: readonly KernelSymbol[]): string {
	return symbols
		.map(({ address, kind, name }) => `${address.toString(16).padStart(16, "0")} ${kind} ${name}\n`)
		.join("");
}

/** @throws Error with the line that is not of the format */
export function parseKernelSym(text: string): KernelSymbol[] {
	const lines = text.split("\n");
	if (lines.at(-1) === "") lines.pop();
	return lines.map((line, index) => {
		const match = LINE.exec(line);
		if (!match)
			throw new Error(`kernel.sym, line ${index + 1}: ${JSON.stringify(line)} is not "ADDRESS KIND NAME"`);
		return { address: BigInt(`0x${match[1]}`), kind: match[2], name: match[3] };
	});
}

/**
 * The last symbol at or before the address; undefined before the first. Among symbols of one address, a global one.
 */
export function placeOf(symbols: readonly KernelSymbol[], address: bigint): Place | undefined {
	let low = 0;
	let high = symbols.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (symbols[middle].address <= address) low = middle + 1;
		else high = middle;
	}
	const last = symbols[low - 1];
	if (!last) return undefined;
	let best = last;
	for (let i = low - 1; i >= 0 && symbols[i].address === last.address; i--)
		if (isGlobal(symbols[i])) best = symbols[i];
	return { name: best.name, offset: address - best.address };
}

function isGlobal({ kind }: KernelSymbol): boolean {
	return kind === kind.toUpperCase();
}

function isPlace(elf: Elf, { name, type, binding, section }: ElfSymbol): boolean {
	if (name === "" || section === SHN_UNDEF || section >= SHN_LORESERVE) return false;
	if (type !== STT_FUNC && type !== STT_OBJECT && type !== STT_NOTYPE) return false;
	if (binding !== STB_LOCAL && binding !== STB_GLOBAL && binding !== STB_WEAK) return false;
	return (elf.sections[section].flags & SHF_ALLOC) !== 0;
}

function kindOf(section: ElfSection, { binding, type }: ElfSymbol): string {
	if (binding === STB_WEAK) return type === STT_OBJECT ? "V" : "W";
	const letter =
		section.flags & SHF_EXECINSTR
			? "t"
			: section.type === SHT_NOBITS
				? "b"
				: section.flags & SHF_WRITE
					? "d"
					: "r";
	return binding === STB_GLOBAL ? letter.toUpperCase() : letter;
}

/** Orders as nm does: by code unit, not by locale. */
function compare<T extends bigint | string>(a: T, b: T): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

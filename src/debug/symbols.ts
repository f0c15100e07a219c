// Names for addresses. A table is filled from ELF files, from kernel.sym and from modules that the
// guest says it has loaded; a lookup answers as a debugger would: name, offset, and which file.

/** What kind of thing a symbol names; a backtrace prefers functions to labels. */
export type SymbolKind = "function" | "object" | "label";

export interface GuestSymbol {
	name: string;
	/** Linear address. */
	address: bigint;
	/** In bytes; 0 where the file does not say. */
	size: bigint;
	kind: SymbolKind;
	/** The file it came from, as a reader calls it: "kernel", "example". */
	image: string;
}

export interface Place {
	symbol: GuestSymbol;
	offset: bigint;
}

/** A symbol without a size reaches this far at most: beyond it a name says nothing. */
const LONGEST_UNSIZED = 0x10000n;

/** Symbols by address. */
export class SymbolTable {
	#symbols: GuestSymbol[] = [];
	#sorted = true;

	get size(): number {
		return this.#symbols.length;
	}

	add(symbols: Iterable<GuestSymbol>): void {
		for (const symbol of symbols) this.#symbols.push(symbol);
		this.#sorted = false;
	}

	/** Forgets everything that came from `image`. */
	remove(image: string): void {
		this.#symbols = this.#symbols.filter((symbol) => symbol.image !== image);
	}

	/** The symbol that covers `address`, if one does. */
	find(address: bigint): Place | undefined {
		this.#sort();
		let low = 0;
		let high = this.#symbols.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (this.#symbols[middle].address <= address) low = middle + 1;
			else high = middle;
		}
		for (let i = low - 1; i >= 0 && i >= low - 8; i--) {
			const symbol = this.#symbols[i];
			const offset = address - symbol.address;
			if (offset < reach(symbol)) return { symbol, offset };
		}
		return undefined;
	}

	/** The symbol of that name, if there is one. */
	named(name: string): GuestSymbol | undefined {
		return this.#symbols.find((symbol) => symbol.name === name);
	}

	/**
	 * "kmalloc+0x12 (kernel)", or undefined where no symbol covers the address.
	 * @param isReturn the address is a return address: its call ends there, so the byte before it is what
	 *   surely belongs to the caller
	 */
	describe(address: bigint, isReturn = false): string | undefined {
		const back = isReturn ? 1n : 0n;
		const place = this.find(address - back);
		if (!place) return undefined;
		const distance = place.offset + back;
		const offset = distance === 0n ? "" : `+0x${distance.toString(16)}`;
		return `${place.symbol.name}${offset} (${place.symbol.image})`;
	}

	/** By address; among equals the one to prefer comes last, where `find` starts. */
	#sort(): void {
		if (this.#sorted) return;
		this.#symbols.sort((a, b) => compare(a.address, b.address) || preference(a) - preference(b));
		this.#sorted = true;
	}
}

function reach(symbol: GuestSymbol): bigint {
	return symbol.size > 0n ? symbol.size : LONGEST_UNSIZED;
}

function compare(a: bigint, b: bigint): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

function preference(symbol: GuestSymbol): number {
	return symbol.kind === "function" ? 2 : symbol.kind === "object" ? 1 : 0;
}

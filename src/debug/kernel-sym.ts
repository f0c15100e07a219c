// kernel.sym as text: what `nm -n` prints, one symbol a line, "ADDRESS TYPE NAME" or "ADDRESS NAME".

import type { GuestSymbol } from "./symbols.ts";

const LINE = /^(?:0x)?([0-9a-f]{1,16})\s+(?:([a-z?])\s+)?(\S.*)$/i;

/** Reads kernel.sym. Lines that are not symbols are passed over. A symbol reaches to the next one. */
export function kernelSym(text: string, image: string): GuestSymbol[] {
	const symbols: GuestSymbol[] = [];
	for (const line of text.split("\n")) {
		const match = LINE.exec(line.trim());
		if (!match) continue;
		const type = match[2]?.toLowerCase() ?? "t";
		const kind = type === "t" || type === "w" ? "function" : "object";
		symbols.push({ name: match[3], address: BigInt(`0x${match[1]}`), size: 0n, kind, image });
	}
	return symbols;
}

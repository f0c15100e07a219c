// kernel.sym, or what `nm -n` prints of another kernel, as symbols for reports.

import { parseKernelSym } from "../image/kernel-sym.ts";
import type { GuestSymbol } from "./symbols.ts";

const CODE = "tw";

/** None where the text is not of the format. A symbol reaches to the next one. */
export function kernelSym(text: string, image: string): GuestSymbol[] {
	try {
		return parseKernelSym(text).map(({ address, kind, name }) => ({
			name,
			address,
			size: 0n,
			kind: CODE.includes(kind.toLowerCase()) ? "function" : "object",
			image,
		}));
	} catch {
		return [];
	}
}

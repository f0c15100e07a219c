// A disc's files, for the symbols among them.

import type { FileTree } from "../debug/guest-symbols.ts";
import { Iso } from "../image/iso-reader.ts";
import type { BlockImage } from "../machine/types.ts";

/** Beyond this a disc is some distribution's, whose kernel is packed anyway. */
const LARGEST = 256 << 20;

/** Undefined for a disc that is too large or cannot be read. */
export function fileTree(disc: BlockImage): FileTree | undefined {
	if (disc.size > LARGEST) return undefined;
	try {
		const iso = new Iso(disc.read(0, disc.size));
		return {
			paths: () => iso.entries.filter((entry) => !entry.directory).map((entry) => entry.path.slice(1)),
			read: (path) => iso.read(`/${path}`),
		};
	} catch {
		return undefined;
	}
}

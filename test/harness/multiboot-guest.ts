// Builds the Multiboot guests under test/guest: NAME/kernel.c with the entry that they share.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./compiler.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GUESTS = join(ROOT, "test/guest");
const FRAMES = ["-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"];

/** @returns the kernel's path */
export function buildMultibootGuest(name = "multiboot"): string {
	const folder = join(ROOT, "build/test", name);
	mkdirSync(folder, { recursive: true });
	const sources = [join(GUESTS, "multiboot-start.S"), join(GUESTS, name, "kernel.c")];
	return build(
		sources,
		folder,
		["-m32", "-O1", ...FRAMES],
		["-m", "elf_i386", "-T", join(GUESTS, "multiboot.ld")],
	);
}

export function multibootGuest(): Uint8Array {
	return new Uint8Array(readFileSync(buildMultibootGuest()));
}

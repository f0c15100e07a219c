// Builds test/guest/multiboot with the host's gcc.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCE = join(ROOT, "test/guest/multiboot");
const OUTPUT = join(ROOT, "build/test/multiboot");

const C = [
	"-m32",
	"-std=gnu11",
	"-O1",
	"-Wall",
	"-Wextra",
	"-Werror",
	"-ffreestanding",
	"-fno-pic",
	"-fno-pie",
];
const QUIET = ["-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-mgeneral-regs-only"];
const LINK = [
	"-nostdlib",
	"-static",
	"-no-pie",
	"-Wl,-melf_i386,--build-id=none,-z,noexecstack,--no-warn-rwx-segments",
];

/** @returns the kernel's path */
export function buildMultibootGuest(): string {
	mkdirSync(OUTPUT, { recursive: true });
	const output = join(OUTPUT, "kernel.elf");
	const sources = ["start.S", "kernel.c"].map((name) => join(SOURCE, name));
	execFileSync("gcc", [...C, ...QUIET, ...LINK, "-T", join(SOURCE, "kernel.ld"), "-o", output, ...sources]);
	return output;
}

export function multibootGuest(): Uint8Array {
	return new Uint8Array(readFileSync(buildMultibootGuest()));
}

// Builds the Multiboot guests under test/guest with the host's gcc: NAME/kernel.c with the entry that they share.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GUESTS = join(ROOT, "test/guest");

const C = ["-m32", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-pic", "-fno-pie"];
const PLAIN = ["-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-mgeneral-regs-only"];
const FRAMES = ["-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"];
const LINK = ["-nostdlib", "-static", "-no-pie", "-Wl,-melf_i386,--build-id=none,-z,noexecstack,--no-warn-rwx-segments"];

/** @returns the kernel's path */
export function buildMultibootGuest(name = "multiboot"): string {
	const folder = join(ROOT, "build/test", name);
	mkdirSync(folder, { recursive: true });
	const output = join(folder, "kernel.elf");
	const sources = [join(GUESTS, "multiboot-start.S"), join(GUESTS, name, "kernel.c")];
	const script = ["-T", join(GUESTS, "multiboot.ld")];
	execFileSync("gcc", [...C, ...PLAIN, ...FRAMES, ...LINK, ...script, "-o", output, ...sources]);
	return output;
}

export function multibootGuest(): Uint8Array {
	return new Uint8Array(readFileSync(buildMultibootGuest()));
}

// The host's C compiler, as the Makefile chooses it: gcc where it makes x86-64 code, else clang with lld.

import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

interface Tools {
	cc: string[];
	ld: string;
}

let chosen: Tools | undefined;

function tools(): Tools {
	if (chosen) return chosen;
	const gcc = spawnSync("gcc", ["-dumpmachine"], { encoding: "utf8" });
	const isGcc = gcc.status === 0 && gcc.stdout.includes("x86_64");
	chosen = isGcc
		? { cc: ["gcc"], ld: "ld" }
		: { cc: ["clang", "--target=x86_64-unknown-none-elf"], ld: "ld.lld" };
	return chosen;
}

const FREESTANDING = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-pic", "-fno-pie"];
const PLAIN = ["-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-mgeneral-regs-only"];

/** Compiles one C or assembly file into an object. */
export function compile(source: string, output: string, options: string[] = []): void {
	const [command, ...target] = tools().cc;
	execFileSync(command, [...target, ...FREESTANDING, ...PLAIN, ...options, "-c", "-o", output, source]);
}

/** Links objects. */
export function link(objects: string[], output: string, options: string[] = []): void {
	execFileSync(tools().ld, ["-static", "-z", "noexecstack", ...options, "-o", output, ...objects], {
		stdio: "pipe",
	});
}

/** Compiles sources and links them. */
export function build(sources: string[], folder: string, cFlags: string[], ldFlags: string[]): string {
	const objects = sources.map((source, i) => {
		const object = join(folder, `${i}.o`);
		compile(source, object, cFlags);
		return object;
	});
	const output = join(folder, "kernel.elf");
	link(objects, output, ldFlags);
	return output;
}

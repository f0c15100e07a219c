/**
 * Every module on the test disc: those that must load, and those that must be refused with the message
 * given. `writeTestTree` makes the disc's tree from the shipped one and adds them.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { damaged, damages } from "./damaged.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

export interface Refusal {
	name: string;
	/** What `load` says after "load: NAME: ". */
	message: RegExp;
}

/** Modules that a compiler or assembler makes, one folder each here. */
const built: Refusal[] = [
	{ name: "other-abi", message: /^no mod_init_v100: it was built for another module ABI$/ },
	{ name: "data-init", message: /^no mod_init_v100: it was built for another module ABI$/ },
	{ name: "no-exit", message: /^no mod_exit_v100: it could not be unloaded$/ },
	{ name: "unresolved", message: /^unresolved symbol launch_the_missiles$/ },
	{ name: "kernel-local", message: /^unresolved symbol tick$/ },
	{ name: "unwilling", message: /^init returned false$/ },
	{ name: "overflow-32", message: /^overflow in R_X86_64_32 at \.data\+0x4: ffffffff8[0-9a-f]{7}$/ },
	{ name: "overflow-32s", message: /^overflow in R_X86_64_32S at \.data\+0x0: 9[0-9a-f]{7}$/ },
	{ name: "overflow-pc32", message: /^overflow in R_X86_64_PC32 at \.data\+0x8: ffffffff[0-7][0-9a-f]{7}$/ },
	{
		name: "overflow-plt32",
		message: /^overflow in R_X86_64_PLT32 at \.text\+0x[0-9a-f]+: ffffffff[0-7][0-9a-f]{7}$/,
	},
	{ name: "unsupported", message: /^unsupported relocation type 42 at \.text\+0x[0-9a-f]+$/ },
	{ name: "huge", message: /^out of memory: 85899\d+ bytes for its sections$/ },
	{ name: "large", message: /^out of memory: 16106\d+ bytes for its sections$/ },
	{ name: "many-sections", message: /^too many sections: \d+, at most 64$/ },
];

const elsewhere: Refusal[] = [
	{ name: "nowhere", message: /^no such file: \/system\/modules\/nowhere\.ko$/ },
	{ name: "../modules/example", message: /^not a module's name$/ },
	{ name: "folder", message: /^is a directory: \/system\/modules\/folder\.ko$/ },
];

/** Each listed refusal, with the module that provokes it. */
export const refusals: Refusal[] = [...elsewhere, ...built, ...damages];

/** Compiles the modules in this folder, and writes a tree like the shipped one with all modules in /system/modules. */
export function writeTestTree(shipped: string, tree: string): void {
	const compiled = join(ROOT, "build/test/modules");
	const make = ["-s", "-C", "modules", `FROM=${import.meta.dirname}`, `OUT=${compiled}`];
	execFileSync("make", make, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
	rmSync(tree, { recursive: true, force: true });
	cpSync(shipped, tree, { recursive: true });
	const modules = join(tree, "system/modules");
	mkdirSync(join(modules, "folder.ko"));
	writeFileSync(join(modules, "folder.ko/readme.txt"), "A directory by a module's name.\n");
	for (const file of readdirSync(compiled))
		if (file.endsWith(".ko")) cpSync(join(compiled, file), join(modules, file));
	const good = readFileSync(join(modules, "example.ko"));
	for (const damage of damages) writeFileSync(join(modules, `${damage.name}.ko`), damaged(good, damage));
}

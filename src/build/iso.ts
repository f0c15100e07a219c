/**
 * Makes an ISO from a folder: npx tsx src/build/iso.ts TREE BOOTIMAGE OUT.iso
 *
 * Names that start with "." are left out. Symbolic links are followed.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type TreeFile, writeIso } from "../image/iso-writer.ts";

/** Reads a folder as `writeIso` wants it. */
export function readTree(folder: string): { files: TreeFile[]; directories: string[] } {
	const files: TreeFile[] = [];
	const directories: string[] = [];
	const visit = (path: string) => {
		for (const name of readdirSync(join(folder, path)).sort()) {
			if (name.startsWith(".")) continue;
			const below = path ? `${path}/${name}` : name;
			if (statSync(join(folder, below)).isDirectory()) {
				directories.push(below);
				visit(below);
			} else files.push({ path: below, bytes: readFileSync(join(folder, below)) });
		}
	};
	visit("");
	return { files, directories };
}

/** Writes `out` from the folder `tree`, booting `bootImage`. */
export function makeIso(tree: string, bootImage: string, out: string): void {
	const { files, directories } = readTree(tree);
	const iso = writeIso(files, { directories, bootImage: readFileSync(bootImage) });
	mkdirSync(dirname(out), { recursive: true });
	writeFileSync(out, iso);
}

function main(): void {
	const [tree, bootImage, out] = process.argv.slice(2);
	if (!out) {
		console.error("usage: npx tsx src/build/iso.ts TREE BOOTIMAGE OUT.iso");
		process.exitCode = 2;
		return;
	}
	try {
		makeIso(tree, bootImage, out);
	} catch (error) {
		console.error(`iso: ${(error as Error).message}`);
		process.exitCode = 1;
	}
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();

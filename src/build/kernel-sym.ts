/** Writes a kernel's symbols as the guest reads them: npx tsx src/build/kernel-sym.ts KERNEL.elf OUT.sym */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { readElf } from "../image/elf.ts";
import { formatKernelSym, kernelSymbols } from "../image/kernel-sym.ts";

/** Writes `out` from the ELF file `kernel`. @throws where the kernel has no symbols */
export function makeKernelSym(kernel: string, out: string): void {
	const symbols = kernelSymbols(readElf(readFileSync(kernel)));
	if (symbols.length === 0) throw new Error(`${kernel} has no symbols`);
	mkdirSync(dirname(out), { recursive: true });
	writeFileSync(out, formatKernelSym(symbols));
}

function main(): void {
	const [kernel, out] = process.argv.slice(2);
	if (!out) {
		console.error("usage: npx tsx src/build/kernel-sym.ts KERNEL.elf OUT.sym");
		process.exitCode = 2;
		return;
	}
	try {
		makeKernelSym(kernel, out);
	} catch (error) {
		console.error(`kernel-sym: ${(error as Error).message}`);
		process.exitCode = 1;
	}
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();

/** A disk of 1 MiB with the counting boot sector. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, link } from "../../harness/compiler.ts";

const HERE = import.meta.dirname;
const OUT = join(HERE, "../../../build/test/boot-sector");

export function countingDisk(): Uint8Array {
	mkdirSync(OUT, { recursive: true });
	const [object, output] = [join(OUT, "sector.o"), join(OUT, "sector.bin")];
	compile(join(HERE, "sector.S"), object, ["-m32"]);
	link([object], output, ["-m", "elf_i386", "-Ttext=0x7c00", "-e", "start", "--oformat=binary"]);
	const disk = new Uint8Array(1 << 20);
	disk.set(readFileSync(output).subarray(0, 512));
	return disk;
}

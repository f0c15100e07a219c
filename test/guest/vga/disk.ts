/** A disk that boots script.S with a register script behind it. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encode, type Step } from "../../devices/vga/script.ts";
import { compile, link } from "../../harness/compiler.ts";

const HERE = import.meta.dirname;
const OUT = join(HERE, "../../../build/test/vga");
const SECTOR = 512;
/** The guest reads this many sectors of script. */
const SCRIPT_SECTORS = 512;

/** @param parts after each the guest writes 'W' to port E9h and waits for a key */
export function scriptDisk(parts: Step[][]): Uint8Array {
	const script = encode(parts);
	if (script.length >= SCRIPT_SECTORS * SECTOR) throw new Error("the script does not fit");
	mkdirSync(OUT, { recursive: true });
	const [object, binary] = [join(OUT, "script.o"), join(OUT, "script.bin")];
	compile(join(HERE, "script.S"), object, ["-m32"]);
	link([object], binary, ["-m", "elf_i386", "-Ttext=0x7c00", "--oformat=binary"]);
	const image = new Uint8Array((SCRIPT_SECTORS + 2) * SECTOR);
	image.set(readFileSync(binary));
	image.set(script, SECTOR);
	return image;
}

// `gantry disasm FILE`: bytes as instructions. Of an ELF file the sections that hold code, with their symbols; of
// anything else every byte.

import { formatAddress, formatBytes } from "../debug/code.ts";
import { elfSymbols } from "../debug/elf-symbols.ts";
import { SymbolTable } from "../debug/symbols.ts";
import { type Elf, ET_REL, readElf, SHF_EXECINSTR, SHT_NOBITS } from "../image/elf.ts";
import { type Host, InputError } from "../script/host.ts";
import { type CodeSize, disassemble, type Line } from "../x86/disassembler/index.ts";
import type { Words } from "./arguments.ts";
import { namesOf } from "./option-table.ts";

const ELF_MAGIC = "7f454c46";

/** @throws InputError */
export function disassembly(words: Words, host: Pick<Host, "readFile">): string {
	const { once, positionals, steps, repeated } = words;
	const foreign = [...once.keys(), ...repeated.keys(), ...steps.map(({ name }) => name)];
	for (const name of foreign) {
		if (!namesOf("disasm").includes(name)) throw new InputError(`--${name} belongs to gantry boot`);
	}
	if (positionals.length !== 1) throw new InputError("gantry disasm takes one FILE");
	const bytes = host.readFile(positionals[0]);
	const mode = once.has("mode") ? codeSize(once.get("mode")!) : undefined;
	if (hexOf(bytes.subarray(0, 4)) === ELF_MAGIC) {
		if (once.has("base"))
			throw new InputError("--base is for files of bytes: an ELF file says where it lies");
		return elfListing(bytes, mode, positionals[0]);
	}
	const base = once.has("base") ? address(once.get("base")!) : 0n;
	return listing(bytes, base, mode ?? 64, new SymbolTable());
}

function codeSize(text: string): CodeSize {
	if (text === "16" || text === "32" || text === "64") return Number(text) as CodeSize;
	throw new InputError(`--mode ${text}: 16, 32 or 64`);
}

function address(text: string): bigint {
	if (!/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(text))
		throw new InputError(`--base ${text}: an address such as 0x7c00`);
	return BigInt(text);
}

function elfListing(bytes: Uint8Array, mode: CodeSize | undefined, path: string): string {
	const elf = parse(bytes, path);
	const isCode = ({ flags, type, size }: Elf["sections"][number]) =>
		(flags & SHF_EXECINSTR) !== 0 && type !== SHT_NOBITS && size > 0;
	const sections = elf.sections.filter(isCode);
	if (sections.length === 0) throw new InputError(`${path} has no section with code`);
	const all = elfSymbols(bytes, "");
	return sections
		.map(({ name, addr, offset, size }) => {
			const symbols = new SymbolTable();
			// In a relocatable file every section begins at 0: only its own symbols mean anything there.
			symbols.add(all.symbols.filter(({ section }) => elf.type !== ET_REL || section === name));
			const code = bytes.subarray(offset, offset + size);
			return `section ${name}\n${listing(code, addr, mode ?? elf.bits, symbols)}`;
		})
		.join("\n\n");
}

function parse(bytes: Uint8Array, path: string): Elf {
	try {
		return readElf(bytes);
	} catch (error) {
		throw new InputError(`${path}: ${(error as Error).message}`);
	}
}

function listing(bytes: Uint8Array, base: bigint, mode: CodeSize, symbols: SymbolTable): string {
	const name = (at: bigint) => symbols.describe(at)?.replace(/ \(\)$/, "");
	const lines: string[] = [];
	for (const line of disassemble(bytes, base, mode, name)) {
		const place = symbols.find(line.address);
		if (place?.offset === 0n) lines.push(`${lines.length ? "\n" : ""}${place.symbol.name}:`);
		lines.push(formatLine(line));
	}
	return lines.join("\n");
}

const formatLine = ({ address, bytes, text }: Line): string =>
	`  ${formatAddress(address)}  ${formatBytes(bytes)} ${text}`;

const hexOf = (bytes: Uint8Array): string =>
	Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Modules that no compiler makes: copies of a good one with one field changed. Field names and offsets
 * are those of the System V gABI, "Object Files".
 */

const SHDR = 64;
const SYM = 24;
const RELA = 24;
const SHT_SYMTAB = 2;
const SHT_RELA = 4;

/** An ELF-64 file under the knife: the fields that the damages below change. */
class Patient {
	readonly bytes: Buffer;

	constructor(original: Uint8Array) {
		this.bytes = Buffer.from(original);
	}

	get sectionTable(): number {
		return Number(this.bytes.readBigUInt64LE(0x28));
	}

	get sectionCount(): number {
		return this.bytes.readUInt16LE(0x3c);
	}

	/** Offset in the file of section header `index`. */
	header(index: number): number {
		return this.sectionTable + index * SHDR;
	}

	/** The first section header of a type. */
	headerOf(type: number): number {
		for (let i = 0; i < this.sectionCount; i++)
			if (this.bytes.readUInt32LE(this.header(i) + 4) === type) return this.header(i);
		throw new Error(`the module has no section of type ${type}`);
	}

	/** Where a section's contents start. */
	contents(header: number): number {
		return Number(this.bytes.readBigUInt64LE(header + 24));
	}

	/** Entry `index` of the symbol table. */
	symbol(index: number): number {
		return this.contents(this.headerOf(SHT_SYMTAB)) + index * SYM;
	}

	/** Entry `index` of the first relocation section. */
	rela(index: number): number {
		return this.contents(this.headerOf(SHT_RELA)) + index * RELA;
	}
}

/** One damage: the module's name, what is done to it, and what `load` must say. */
export interface Damage {
	name: string;
	damage: (patient: Patient) => Uint8Array | undefined;
	message: RegExp;
}

export const damages: Damage[] = [
	{ name: "empty", damage: () => new Uint8Array(0), message: /^not an ELF file$/ },
	{ name: "text", damage: () => Buffer.from("This is not a module.\n"), message: /^not an ELF file$/ },
	{
		name: "cut-header",
		damage: (p) => p.bytes.subarray(0, 40),
		message: /^truncated: the ELF header ends at byte 64, the file at 40$/,
	},
	{
		name: "cut-table",
		damage: (p) => p.bytes.subarray(0, p.sectionTable + SHDR + 1),
		message: /^truncated: the section table ends at byte \d+, the file at \d+$/,
	},
	{
		name: "cut-section",
		damage: (p) => void p.bytes.writeBigUInt64LE(0xffffffffffffff00n, p.header(1) + 24),
		message: /^truncated: \.text ends at byte \d+, the file at \d+$/,
	},
	{
		name: "cut-names",
		damage: (p) => void p.bytes.writeBigUInt64LE(1n << 40n, p.header(p.bytes.readUInt16LE(0x3e)) + 32),
		message: /^truncated: a string table ends at byte \d+, the file at \d+$/,
	},
	{
		name: "class32",
		damage: (p) => void p.bytes.writeUInt8(1, 4),
		message: /^wrong class 1, not ELFCLASS64$/,
	},
	{
		name: "big-endian",
		damage: (p) => void p.bytes.writeUInt8(2, 5),
		message: /^wrong data encoding 2, not ELFDATA2LSB$/,
	},
	{
		name: "arm",
		damage: (p) => void p.bytes.writeUInt16LE(183, 0x12),
		message: /^wrong machine 183, not EM_X86_64$/,
	},
	{
		name: "program",
		damage: (p) => void p.bytes.writeUInt16LE(2, 0x10),
		message: /^wrong type 2, not ET_REL$/,
	},
	{
		name: "shared",
		damage: (p) => void p.bytes.writeUInt16LE(3, 0x10),
		message: /^wrong type 3, not ET_REL$/,
	},
	{ name: "no-table", damage: (p) => void p.bytes.writeUInt16LE(0, 0x3c), message: /^no section table$/ },
	{
		name: "no-symbols",
		damage: (p) => void p.bytes.writeUInt32LE(1, p.headerOf(SHT_SYMTAB) + 4),
		message: /^no symbol table$/,
	},
	{
		name: "no-names",
		damage: (p) => void p.bytes.writeUInt32LE(99, p.headerOf(SHT_SYMTAB) + 40),
		message: /^section index 99 out of range in the symbol table$/,
	},
	{
		name: "bad-target",
		damage: (p) => void p.bytes.writeUInt32LE(99, p.headerOf(SHT_RELA) + 44),
		message: /^section index 99 out of range in \.rela\.text$/,
	},
	{
		name: "bad-link",
		damage: (p) => void p.bytes.writeUInt32LE(1, p.headerOf(SHT_RELA) + 40),
		message: /^section index 1 of \.rela\.text is not the symbol table$/,
	},
	{
		name: "no-addend",
		damage: (p) => void p.bytes.writeUInt32LE(9, p.headerOf(SHT_RELA) + 4),
		message: /^unsupported relocations without addend in \.rela\.text$/,
	},
	{
		name: "bad-section",
		damage: (p) => void p.bytes.writeUInt16LE(98, p.symbol(1) + 6),
		message: /^section index 98 out of range in symbol number 1$/,
	},
	{
		name: "common",
		damage: (p) => void p.bytes.writeUInt16LE(0xfff2, p.symbol(1) + 6),
		message: /^section index 65522 out of range in symbol number 1$/,
	},
	{
		name: "bad-value",
		damage: (p) => void p.bytes.writeBigUInt64LE(1n << 40n, p.symbol(1) + 8),
		message: /^symbol number 1 lies outside its section$/,
	},
	{
		name: "bad-name",
		damage: (p) => void p.bytes.writeUInt32LE(0xffffff, p.symbol(1)),
		message: /^the name of symbol 1 is out of range$/,
	},
	{
		name: "bad-symbol",
		damage: (p) => void p.bytes.writeUInt32LE(5000, p.rela(0) + 12),
		message: /^symbol index 5000 out of range in \.text$/,
	},
	{
		name: "bad-type",
		damage: (p) => void p.bytes.writeUInt32LE(24, p.rela(0) + 8),
		message: /^unsupported relocation type 24 at \.text\+0x[0-9a-f]+$/,
	},
	{
		name: "outside",
		damage: (p) => void p.bytes.writeBigUInt64LE(0xffffffffffffffffn, p.rela(0)),
		message: /^relocation outside its section: \.text\+0xffffffffffffffff of 0x[0-9a-f]+ bytes$/,
	},
	{
		name: "across",
		damage: (p) => void p.bytes.writeBigUInt64LE(p.bytes.readBigUInt64LE(p.header(1) + 32) - 7n, p.rela(0)),
		message: /^relocation outside its section: \.text\+0x[0-9a-f]+ of 0x[0-9a-f]+ bytes$/,
	},
	{
		name: "bad-alignment",
		damage: (p) => void p.bytes.writeBigUInt64LE(24n, p.header(1) + 48),
		message: /^alignment 24 of \.text is not a power of two$/,
	},
	{
		name: "huge-alignment",
		damage: (p) => void p.bytes.writeBigUInt64LE(1n << 63n, p.header(1) + 48),
		message: /^out of memory: /,
	},
];

/** The damaged copy of a good module, which itself stays as it is. */
export function damaged(original: Uint8Array, damage: Damage): Uint8Array {
	const patient = new Patient(original);
	return damage.damage(patient) ?? patient.bytes;
}

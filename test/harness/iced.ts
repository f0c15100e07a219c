import {
	CpuidFeature,
	Decoder,
	DecoderOptions,
	Formatter,
	FormatterSyntax,
	MemorySizeOptions,
} from "iced-x86";

/** What iced-x86, an independent disassembler, takes bytes for. */
export interface Opinion {
	valid: boolean;
	length: number;
	/** In Intel's syntax, as src/x86/disassembler writes it; "(bad)" where it is not valid. */
	text: string;
	/** Names of the CPUID features that the instruction needs, as iced spells them. */
	features: string[];
}

const formatter = new Formatter(FormatterSyntax.Intel);
formatter.hexPrefix = "0x";
formatter.hexSuffix = "";
formatter.uppercaseHex = false;
formatter.spaceAfterOperandSeparator = true;
formatter.branchLeadingZeros = false;
formatter.showBranchSize = false;
formatter.ripRelativeAddresses = true;
formatter.usePseudoOps = false;
formatter.memorySizeOptions = MemorySizeOptions.Always;

export function icedOpinion(bytes: Uint8Array, bits: number, address: bigint): Opinion {
	const decoder = new Decoder(bits, bytes, DecoderOptions.None);
	decoder.ip = address;
	const instruction = decoder.decode();
	const valid = !instruction.isInvalid;
	const opinion = {
		valid,
		length: instruction.length,
		text: valid ? formatter.format(instruction) : "(bad)",
		features: [...instruction.cpuidFeatures()].map((feature) => CpuidFeature[feature]),
	};
	instruction.free();
	decoder.free();
	return opinion;
}

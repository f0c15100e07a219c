import { Decoder, DecoderOptions, Formatter, FormatterSyntax } from "iced-x86";

/** What iced-x86 takes the bytes for, in Intel's syntax. For messages. */
export function disassemble(bytes: Uint8Array, bits: number, address: number): string {
	const decoder = new Decoder(bits, bytes, DecoderOptions.None);
	decoder.ip = BigInt(address);
	const instruction = decoder.decode();
	const formatter = new Formatter(FormatterSyntax.Nasm);
	const text = formatter.format(instruction);
	for (const object of [formatter, instruction, decoder]) object.free();
	return text;
}

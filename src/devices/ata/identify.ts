/** The 512 bytes that IDENTIFY DEVICE and IDENTIFY PACKET DEVICE answer. ATA/ATAPI-6, "IDENTIFY DEVICE". */

export const SERIAL = 10;
export const FIRMWARE = 23;
export const MODEL = 27;

/** Words in, bytes out, with the integrity word. */
export class IdentifyData {
	#words = new Uint16Array(256);

	set(values: Record<number, number>): this {
		for (const [word, value] of Object.entries(values)) this.#words[Number(word)] = value;
		return this;
	}

	/** Two words, low first. */
	set32(word: number, value: number): this {
		return this.set({ [word]: value & 0xffff, [word + 1]: (value >>> 16) & 0xffff });
	}

	/** ATA strings: padded with spaces, the first character of each pair in the high byte. */
	text(word: number, words: number, text: string): this {
		const padded = text.padEnd(words * 2);
		for (let i = 0; i < words; i++) {
			this.#words[word + i] = (padded.charCodeAt(i * 2) << 8) | padded.charCodeAt(i * 2 + 1);
		}
		return this;
	}

	/** Word 255: signature A5h, and a checksum that makes all bytes add up to zero. */
	bytes(): Uint8Array {
		const bytes = new Uint8Array(512);
		this.#words.forEach((word, i) => {
			bytes[i * 2] = word & 0xff;
			bytes[i * 2 + 1] = word >> 8;
		});
		bytes[510] = 0xa5;
		bytes[511] = -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
		return bytes;
	}
}

/** SET FEATURES 03: the transfer mode in the count register. Bits 7:3 are its kind, 2:0 the mode. */
export interface TransferMode {
	multiword: number;
	ultra: number;
}

/** The mode that a SET FEATURES chooses; undefined for one the drive has not. -1: none of that kind. */
export function transferMode(count: number): TransferMode | undefined {
	const kind = count >> 3;
	const mode = count & 7;
	if (kind === 0 || (kind === 1 && mode <= 4)) return { multiword: -1, ultra: -1 };
	if (kind === 4 && mode <= 2) return { multiword: mode, ultra: -1 };
	if (kind === 8 && mode <= 5) return { multiword: -1, ultra: mode };
	return undefined;
}

/** Words 63 and 88: what is supported, and the mode that is selected. */
export function dmaWords({ multiword, ultra }: TransferMode): Record<number, number> {
	const selected = (mode: number) => (mode < 0 ? 0 : 1 << (mode + 8));
	return { 63: 0x07 | selected(multiword), 88: 0x3f | selected(ultra) };
}

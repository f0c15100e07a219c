/**
 * Encodings as the SDM prints them: "0F AF /r", "66 0F FE /r", "NP 0F AE /5", "VEX.128.66.0F38.W0 18 /r".
 *
 * Of a VEX prefix's parts, a length that is left out means both 128 and 256 bits, and a W that is left out means that it is
 * ignored, or the operand size where an operand has one (SDM 2A, "Opcode Column in the Instruction Summary Table").
 */

export interface Vex {
	/** LZ and 128: L is 0. LIG: it is ignored. */
	length?: "128" | "256" | "LIG";
	w?: 0 | 1;
}

export interface Encoding {
	/** 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A. */
	map: number;
	opcode: number;
	/** A mandatory prefix; NP: none of the three, NFx: neither F2 nor F3. */
	prefix?: "66" | "F2" | "F3" | "NP" | "NFx";
	vex?: Vex;
	/** `+r`: the low three bits are a register. `+cc`: the low four are a condition. `+i`: the second byte is ModRM with ST(i) in rm. */
	plus?: "r" | "cc" | "i";
	modrm: boolean;
	/** ModRM.reg, where it belongs to the opcode. */
	digit?: number;
	/** The whole ModRM byte, where it belongs to the opcode. */
	exact?: number;
}

const PREFIXES = ["66", "F2", "F3", "NP", "NFx"] as const;
const MAPS = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const VEX_MAPS = ["", "0F", "0F38", "0F3A"];
const IMMEDIATES = new Set(["ib", "iw", "iz", "iv", "cb", "cz", "/is4"]);

export function parseEncoding(text: string): Encoding {
	const tokens = text.split(" ").filter((token) => !IMMEDIATES.has(token));
	if (tokens[0].startsWith("VEX")) {
		const { map, prefix, vex } = parseVex(tokens.shift()!);
		return { ...parseOpcode(text, tokens, map), prefix, vex };
	}
	const isMandatory = tokens.length > 1 && (PREFIXES as readonly string[]).includes(tokens[0]);
	const prefix = isMandatory ? (tokens.shift() as Encoding["prefix"]) : undefined;
	const [first, second] = tokens.map((token) => Number.parseInt(token, 16));
	const escaped = first === 0x0f && tokens.length > 1 && !tokens[1].startsWith("/");
	const map = !escaped ? 0 : second === 0x38 ? 2 : second === 0x3a ? 3 : 1;
	return { ...parseOpcode(text, tokens.slice(MAPS[map].length), map), prefix };
}

function parseOpcode(text: string, tokens: string[], map: number): Encoding {
	const slash = tokens.find((token) => token.startsWith("/"));
	const bytes = tokens.filter((token) => !token.startsWith("/"));
	const plus = bytes.at(-1)!.split("+")[1] as Encoding["plus"];
	const [opcode, exact] = bytes.map((token) => Number.parseInt(token, 16));
	if (bytes.length > 2 || [opcode, exact ?? 0].some(Number.isNaN))
		throw new Error(`${text}: not an encoding`);
	if (plus === "i") return { map, opcode, plus, modrm: true, digit: (exact >> 3) & 7 };
	const digit = slash && slash !== "/r" ? Number(slash[1]) : undefined;
	return { map, opcode, plus, modrm: slash !== undefined || exact !== undefined, digit, exact };
}

/** "VEX.128.66.0F38.W0" */
function parseVex(token: string): { map: number; prefix: Encoding["prefix"]; vex: Vex } {
	const parts = new Set(token.split(".").slice(1));
	const take = <T extends string>(choices: readonly T[]) => choices.find((choice) => parts.delete(choice));
	const length = take(["128", "256", "LZ", "LIG"]);
	const prefix = take(["66", "F2", "F3"]) ?? "NP";
	const map = take(["0F38", "0F3A", "0F"]);
	const w = take(["W0", "W1", "WIG"]);
	if (parts.size || !map) throw new Error(`${token}: not a VEX prefix`);
	return {
		map: VEX_MAPS.indexOf(map),
		prefix,
		vex: { length: length === "LZ" ? "128" : length, w: w === "W0" ? 0 : w === "W1" ? 1 : undefined },
	};
}

/** The VEX encoding of a row's twin, of which the row says "AVX LIG" or "AVX,AVX2 W0". */
export function twinEncoding(encoding: Encoding, twin: string): Encoding {
	const words = twin.split(" ").slice(1);
	const length = words.find((word): word is "128" | "LIG" => word === "128" || word === "LIG");
	const w = words.includes("W0") ? 0 : words.includes("W1") ? 1 : undefined;
	return { ...encoding, prefix: encoding.prefix ?? "NP", vex: { length, w } };
}

/** Which of the decoder's prefix indices (none, 66, F2, F3) an encoding claims. */
export function prefixIndices({ prefix }: Encoding): number[] {
	if (prefix === undefined) return [0, 1, 2, 3];
	if (prefix === "NFx") return [0, 1];
	return [{ NP: 0, "66": 1, F2: 2, F3: 3 }[prefix]];
}

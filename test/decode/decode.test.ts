import { expect } from "chai";
import { expand } from "../../src/x86/expand.ts";
import { rows } from "../../src/x86/rows/index.ts";
import { Random } from "../vectors/states.ts";
import { difference, hex } from "./opinions.ts";
import { ProcessorDecoder } from "./processor.ts";
import { PREFIXES, randomBytes, rowStrings, withPrefix } from "./strings.ts";

const STRINGS = 20_000;
/** Of the prefixes behind each encoding; `npm run test:decode -- --rows` has them all. */
const SHARE = 4;

/** The first few of a list, with how many there are. */
const some = (list: string[]): string[] =>
	list.length > 20 ? [...list.slice(0, 20), `${list.length} in all`] : list;

describe("decoding agrees with an independent decoder", function () {
	this.timeout(240_000);
	let processor: ProcessorDecoder;
	before(async () => {
		processor = await ProcessorDecoder.open();
	});

	/** What the three readings of a string say that is not the same. */
	function compare(bytes: Uint8Array, mode: 16 | 32 | 64): string[] {
		const fields = processor.difference(bytes, mode);
		return [difference(bytes, mode) ?? "", fields ? `${mode} ${hex(bytes)}: ${fields}` : ""].filter(Boolean);
	}

	for (const mode of [64, 32, 16] as const) {
		it(`on random ${mode}-bit bytes: validity, length, operands`, () => {
			const random = new Random(mode + 2);
			const wrong: string[] = [];
			for (let i = 0; i < STRINGS; i++) wrong.push(...compare(randomBytes(random), mode));
			expect(some(wrong)).to.deep.equal([]);
		});

		it(`on every row's ${mode}-bit encodings, behind prefixes in turn`, () => {
			const wrong = new Set<string>();
			const all = rowStrings(mode);
			all.forEach((string, i) => {
				for (let at = i % SHARE; at < PREFIXES.length; at += SHARE)
					for (const text of compare(withPrefix(PREFIXES[at], string), mode)) wrong.add(text);
			});
			expect(all.length).to.be.greaterThan(5000);
			expect(some([...wrong])).to.deep.equal([]);
		});
	}

	it("and those encodings lead to every variant of every row", () => {
		const reached = new Set<string>();
		for (const mode of [64, 32, 16] as const)
			for (const string of rowStrings(mode))
				for (const prefix of ["", "66", "48"]) {
					const found = processor.decode(withPrefix(prefix, string), mode);
					if (found) reached.add(nameOf(found.variant));
				}
		const missed = expand(rows)
			.map(nameOf)
			.filter((name) => !reached.has(name));
		expect(missed).to.deep.equal([]);
	});
});

const nameOf = ({
	row,
	name,
	form,
	operandSize,
	length,
	opcode,
	long,
}: ReturnType<typeof expand>[number]): string =>
	`${row[0]} ${name} ${form} ${operandSize} ${length} ${opcode.toString(16)} ${long}`;

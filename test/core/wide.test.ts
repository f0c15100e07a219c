import { expect } from "chai";
import { Random } from "../vectors/states.ts";
import { compileCore } from "./compile.ts";

interface Wide {
	squareRoot(high: bigint, low: bigint): bigint;
	high: WebAssembly.Global<"i64">;
	low: WebAssembly.Global<"i64">;
}

const HALF = 1n << 63n;
const LARGEST = (1n << 64n) - 1n;

const quad = (random: Random): bigint => (BigInt(random.next()) << 32n) | BigInt(random.next());

describe("the square root of 128 bits", () => {
	let wide: Wide;
	before(async () => {
		wide = await compileCore<Wide>("src/core/float/wide.ts");
	});

	/** Root and rest by the definition: root^2 + rest is the number, and (root + 1)^2 is more. */
	function isRight(number: bigint): boolean {
		const root = BigInt.asUintN(64, wide.squareRoot(number >> 64n, BigInt.asUintN(64, number)));
		const rest = (BigInt.asUintN(64, wide.high.value) << 64n) | BigInt.asUintN(64, wide.low.value);
		return root * root + rest === number && rest <= 2n * root;
	}

	/** Numbers just at squares and in the middle between two. */
	const around = (root: bigint): bigint[] =>
		[0n, 1n, -1n, -2n, root, root + 1n, 2n * root, 2n * root - 1n]
			.map((by) => root * root + by)
			.filter((number) => number >> 126n && !(number >> 128n));

	it("is the largest number whose square is not more, for random numbers and at squares", () => {
		const random = new Random(20261123);
		const wrong: string[] = [];
		const look = (number: bigint) => {
			if (!isRight(number)) wrong.push(number.toString(16));
		};
		for (const root of [HALF, HALF + 1n, LARGEST, LARGEST - 1n, 0xb504f333f9de6484n])
			around(root).forEach(look);
		for (let i = 0; i < 100_000; i++) {
			const [high, low] = [quad(random), quad(random)];
			look(((high | (1n << 62n)) << 64n) | low);
			around(high | HALF).forEach(look);
		}
		expect(wrong).to.deep.equal([]);
	});
});

import { expect } from "chai";
import { type Side, summarize, takeTurns } from "../../bench/pair.ts";

/** A guest of two phases, of which each turn of this build takes so long. */
class Guest implements Side {
	readonly phases: string[] = [];
	#turns = 0;

	constructor(
		private readonly clock: { now: number },
		private readonly cost: (turn: number) => number,
	) {}

	isOver = (): boolean => this.#turns >= 6;

	async turn(): Promise<void> {
		this.clock.now += this.cost(this.#turns++);
		if (this.#turns === 4) this.phases.push("first 00000001");
		if (this.#turns === 6) this.phases.push("second 00000002");
	}
}

describe("two builds in turns", () => {
	it("pairs the times of the same instructions, by phase", async () => {
		const clock = { now: 0 };
		const before = new Guest(clock, (turn) => 10 + turn);
		const now = new Guest(clock, (turn) => 20 + turn);
		const phases = await takeTurns([before, now], () => clock.now);
		expect(phases).to.deep.equal([
			[
				[10, 20],
				[11, 21],
				[12, 22],
				[13, 23],
			],
			[
				[14, 24],
				[15, 25],
			],
		]);
	});

	it("answers the middle ratio, which a host that stood still for one turn does not move", () => {
		const { turns, before, now, quartiles } = summarize([
			[10, 9],
			[20, 18],
			[10, 900],
			[1000, 9],
			[10, 9],
		]);
		expect({ turns, before, now }).to.deep.equal({ turns: 5, before: 1050, now: 945 });
		expect(quartiles).to.deep.equal([0.9, 0.9, 0.9]);
	});
});

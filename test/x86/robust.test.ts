import { expect } from "chai";
import { Random } from "../harness/random.ts";
import { randomEvents, type Slicing, Subject, single, slices, whole } from "./robust-run.ts";
import { MODES, type Mode, randomWorld } from "./robust-world.ts";

/** More worlds for a longer look: GANTRY_FUZZ=1000. */
const WORLDS = Number(process.env.GANTRY_FUZZ ?? 12);
const END = 600;

function run(subject: Subject, seed: number, mode: Mode, slicing: Slicing) {
	const random = new Random(seed);
	const world = randomWorld(random, mode);
	const events = randomEvents(random, END);
	subject.load(world);
	subject.run(END, slicing, events);
	return subject.outcome();
}

describe("random programs", function () {
	this.timeout(60_000 + WORLDS * 1000);
	const [one, other] = [new Subject(), new Subject()];

	function agree(mode: Mode, slicing: (seed: number) => Slicing): void {
		for (let seed = 0; seed < WORLDS; seed++) {
			const expected = run(one, seed, mode, whole);
			expect(expected.now, `seed ${seed}`).to.be.at.most(END + 1);
			expect(run(other, seed, mode, slicing(seed)), `seed ${seed}`).to.deep.equal(expected);
		}
	}

	for (const mode of MODES) {
		it(`end the same, one instruction at a time or all at once (${mode})`, () => agree(mode, () => single));
		it(`end the same in random slices (${mode})`, () => agree(mode, (seed) => slices(new Random(seed))));
	}
});

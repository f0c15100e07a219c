import { expect } from "chai";
import { wrongJobs } from "./run.ts";
import { FORMATS, type Job, nameOf, SEQUENCES } from "./sequences.ts";

/** Of each sequence; `npm run test:float` has them all. */
const CHUNKS = 2;

/** Other chunks for each sequence. */
const sample = (format: number): Job[] =>
	SEQUENCES.filter((sequence) => sequence.format === format).flatMap((sequence, i) =>
		Array.from({ length: CHUNKS }, (_, n) => ({ sequence, chunk: (7 * i + 31 * n) % sequence.chunks })),
	);

describe("floating-point instructions give the results and flags of a real processor,", function () {
	this.timeout(240_000);

	FORMATS.forEach((name, format) => {
		it(`${name}: every operation in every rounding mode`, () => {
			const jobs = sample(format);
			expect(jobs.length).to.be.greaterThan(100);
			expect(wrongJobs(jobs, true).map(nameOf)).to.deep.equal([]);
		});
	});

	it("interpreted as well as compiled", () => {
		const jobs = FORMATS.flatMap((_, format) => sample(format).filter((_, i) => i % 8 === 0));
		expect(wrongJobs(jobs, false).map(nameOf)).to.deep.equal([]);
	});
});

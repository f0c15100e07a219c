import { expect } from "chai";
import { Marks } from "../../bench/marks.ts";

/** Marks over a clock and a counter that the test moves. */
function fixture() {
	const meters = { time: 0, count: 0 };
	const seen: string[] = [];
	const marks = new Marks({ now: () => meters.time, retired: () => meters.count }, ({ name }) =>
		seen.push(name),
	);
	const at = (time: number, count: number, text: string) => {
		Object.assign(meters, { time, count });
		for (const byte of Buffer.from(text)) marks.push(byte);
	};
	return { marks, seen, at };
}

describe("the benchmark's marks", () => {
	it("time a phase from the mark before it, and count its instructions", () => {
		const { marks, at } = fixture();
		at(100, 1000, "start 00000000\n");
		at(130, 5000, "sieve 0000198e\n");
		at(135, 5500, "crc32 f632f4ca\n");
		expect(marks.phases).to.deep.equal([
			{ name: "sieve", ms: 30, checksum: "0000198e", instructions: 4000 },
			{ name: "crc32", ms: 5, checksum: "f632f4ca", instructions: 500 },
		]);
	});

	it("read how many round trips a phase was", () => {
		const { marks, at } = fixture();
		at(0, 0, "start 00000000\nsyscall 001e8480 000000ff\n");
		expect(marks.phases[0].count).to.equal(255);
	});

	it("look past what a BIOS left on the line, and past lines that are no marks", () => {
		const { marks, at } = fixture();
		at(0, 0, "\x1b[2JSeaBIOS\r\n..start 00000000\r\nsieve 198e\r\nrep-movsb 0000198e\r\n");
		expect(marks.phases.map(({ name }) => name)).to.deep.equal(["rep-movsb"]);
	});

	it("are done at the end's mark, not before", async () => {
		const { marks, seen, at } = fixture();
		let done = false;
		marks.done.then(() => {
			done = true;
		});
		at(0, 0, "start 00000000\nsieve 00000001\nend 0000000");
		await Promise.resolve();
		expect(done).to.equal(false);
		at(0, 0, "0\n");
		await marks.done;
		expect(seen).to.deep.equal(["start", "sieve", "end"]);
		expect(marks.phases).to.have.length(1);
	});
});

import { expect } from "chai";
import type { BasicBlock } from "../../src/translate/region/discover.ts";
import { shapeOf, surroundings } from "../../src/translate/region/structure.ts";

/** Blocks by name, and where control goes from each: the branch's target first. */
function blocks(edges: Record<string, string[]>): Record<string, BasicBlock> {
	const names = Object.keys(edges);
	const made = Object.fromEntries(
		names.map((name, offset) => [name, { offset, instructions: [] } as BasicBlock]),
	);
	for (const name of names) {
		const [taken, follows] = edges[name];
		Object.assign(made[name], { taken: made[taken], follows: made[follows] });
	}
	return made;
}

describe("what lies around a hot block", () => {
	const nest: Record<string, string[]> = {
		outer: ["inner"],
		inner: ["inner", "latch"],
		latch: ["outer", "end"],
		end: [],
	};

	it("is the outermost of the loops that hold it", () => {
		const b = blocks({ start: ["outer"], ...nest });
		expect(surroundings(b.start, b.inner)).to.deep.equal({ loop: b.outer, isBehindLoop: false });
	});

	it("may be a loop that begins where control comes in", () => {
		const b = blocks(nest);
		expect(surroundings(b.outer, b.inner)).to.deep.equal({ loop: b.outer, isBehindLoop: false });
	});

	it("is not a loop that is over before it", () => {
		const b = blocks({ first: ["first", "outer"], ...nest });
		expect(surroundings(b.first, b.latch)).to.deep.equal({ loop: b.outer, isBehindLoop: true });
		const c = blocks({ start: ["first"], first: ["first", "end"], end: [] });
		expect(surroundings(c.start, c.end)).to.deep.equal({ loop: undefined, isBehindLoop: false });
	});

	it("can be entered beside the start without making a loop of two entries", () => {
		const b = blocks({ start: ["outer", "end"], ...nest });
		const { loop } = surroundings(b.start, b.inner);
		const gate: BasicBlock = { offset: 0, instructions: [], taken: loop, follows: b.start, isGate: true };
		const shape = shapeOf(gate);
		expect(shape.edge(gate, b.outer)).to.equal("merge");
		expect(shape.edge(b.latch, b.outer)).to.equal("loop");
		expect(shape.edge(b.inner, b.inner)).to.equal("loop");
		// With the inner loop as its second entry the outer one would be no loop, and one of its edges lead out.
		const wrong = shapeOf({ ...gate, taken: b.inner });
		expect([wrong.edge(b.latch, b.outer), wrong.edge(b.outer, b.inner)]).to.include("out");
	});
});

import { readFileSync } from "node:fs";
import { expect } from "chai";
import { instructionsPage } from "../../src/build/instructions.ts";
import { programPath } from "../guest/system/programs.ts";

describe("docs/instructions.md", () => {
	it("is what the rows, the vectors and the programs of now make (npx tsx src/build/instructions.ts)", function () {
		this.timeout(60_000);
		programPath("odds"); // builds them
		expect(readFileSync("docs/instructions.md", "utf8")).to.equal(instructionsPage());
	});
});

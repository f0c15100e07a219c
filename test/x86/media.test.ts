import { expect } from "chai";
import type { MediaCase } from "../vectors/media.ts";
import { formatMedia, replayMedia } from "./media-replay.ts";

/** Their results may be one unit in the last place from the recorded ones, and C1 with them. */
const TRANSCENDENTAL = /(F2XM1|FYL2X|FYL2XP1|FPTAN|FPATAN|FSINCOS|FSIN|FCOS)$/;

function agrees(name: string, approximate: (of: MediaCase) => boolean, least = 20_000): void {
	const report = replayMedia(name, approximate);
	expect(report.states).to.be.greaterThan(least);
	if (report.disagreements.size) throw new Error(formatMedia(report));
}

describe("floating-point and multimedia instructions do what a real processor did", function () {
	this.timeout(240_000);

	it("in MMX registers", () => agrees("mmx", () => false));
	it("between MMX and XMM registers", () => agrees("mixed", () => false, 2_000));
	it("on the x87's stack", () => agrees("x87", (of) => TRANSCENDENTAL.test(of.name)));
});

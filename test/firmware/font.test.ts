import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseFont } from "../../firmware/font/font.ts";

const FONT = new URL("../../firmware/font/", import.meta.url);
const text = (size: string) => readFileSync(new URL(`gantry-${size}.txt`, FONT), "utf8");

for (const [size, height] of [
	["8x16", 16],
	["8x14", 14],
	["8x8", 8],
] as const)
	describe(`the ${size} font`, () => {
		const font = parseFont(text(size), height);
		const glyph = (code: number) => [...font.subarray(code * height, (code + 1) * height)];

		it("has a shape of its own for every printing character of ASCII", () => {
			const codes = Array.from({ length: 94 }, (_, i) => 0x21 + i);
			expect(new Set(codes.map((code) => glyph(code).join())).size).to.equal(94);
			expect(glyph(0x20).every((row) => row === 0)).to.equal(true);
		});

		it("keeps letters and digits apart from the next cell", () => {
			for (const code of Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
				expect(
					glyph(code).every((row) => (row & 1) === 0),
					String.fromCharCode(code),
				).to.equal(true);
		});

		it("joins its lines with the next cell's", () => {
			// ─ ═ reach both sides, │ ║ both ends, and every corner meets them.
			expect(glyph(0xc4).filter((row) => row === 0xff)).to.have.length(1);
			expect(glyph(0xcd).filter((row) => row === 0xff)).to.have.length(2);
			const [single, double] = [glyph(0xb3)[0], glyph(0xba)[0]];
			const bottom = (code: number) => glyph(code)[height - 1];
			expect([0xda, 0xbf, 0xc2, 0xc5, 0xc3, 0xb4, 0xd1].map(bottom)).to.deep.equal(new Array(7).fill(single));
			expect([0xc9, 0xbb, 0xcb, 0xce, 0xcc, 0xb9, 0xd2].map(bottom)).to.deep.equal(new Array(7).fill(double));
			const top = (code: number) => glyph(code)[0];
			expect([0xc0, 0xd9, 0xc1, 0xcf].map(top)).to.deep.equal(new Array(4).fill(single));
			expect([0xc8, 0xbc, 0xca, 0xd0].map(top)).to.deep.equal(new Array(4).fill(double));
		});

		it("fills the block characters' halves", () => {
			expect(new Set(glyph(0xdb))).to.deep.equal(new Set([0xff]));
			expect(glyph(0xdc).map((row, y) => row | glyph(0xdf)[y])).to.deep.equal(new Array(height).fill(0xff));
			expect(glyph(0xdc).some((row, y) => row & glyph(0xdf)[y])).to.equal(false);
			expect(glyph(0xdd).map((row, y) => row ^ glyph(0xde)[y])).to.deep.equal(new Array(height).fill(0xff));
		});
	});

describe("font.ts", () => {
	it("names the line that departs from the format", () => {
		const lines = text("8x8").split("\n");
		const changed = (index: number, line: string) => lines.with(index, line).join("\n");
		expect(() => parseFont(changed(3, "...x...."), 8)).to.throw(/line 4: a row is eight times/);
		expect(() => parseFont(changed(3, ""), 8)).to.throw(/the glyph before has 7 rows, not 8/);
		expect(() => parseFont(text("8x8"), 16)).to.throw(/the glyph before has 8 rows, not 16/);
		expect(() => parseFont(changed(10, "# 05 ?"), 8)).to.throw(/line 11: glyphs are not in order/);
	});

	it("writes C that a compiler lays out like the binary", () => {
		const folder = mkdtempSync(join(tmpdir(), "gantry-font-"));
		const script = new URL("font.ts", FONT).pathname;
		const [c, bin, object] = ["font.c", "font.bin", "font.o"].map((name) => join(folder, name));
		execFileSync(process.execPath, ["--import", "tsx", script, "8x16", "c", c, "console_font"]);
		execFileSync(process.execPath, ["--import", "tsx", script, "8x16", "bin", bin]);
		execFileSync("gcc", ["-Wall", "-Werror", "-c", c, "-o", object]);
		expect(readFileSync(object).indexOf(readFileSync(bin))).to.be.greaterThan(0);
		rmSync(folder, { recursive: true });
	});
});

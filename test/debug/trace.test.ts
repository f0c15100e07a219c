import { expect } from "chai";
import { boot } from "../../src/cli/api.ts";

/** A boot sector that says A on COM1, then goes on with `rest`; vector 21h leads to an IRET. */
function sector(rest: number[]): Uint8Array {
	const bytes = new Uint8Array(512);
	bytes.set([
		...[0xfa], // cli
		...[0x31, 0xc0], // xor ax, ax
		...[0x8e, 0xd8], // mov ds, ax
		...[0xc7, 0x06, 0x84, 0x00, 0x40, 0x7c], // mov word ptr [0x84], 0x7c40
		...[0xc7, 0x06, 0x86, 0x00, 0x00, 0x00], // mov word ptr [0x86], 0
		...[0xba, 0xf8, 0x03], // mov dx, 0x3f8
		...[0xb0, 0x41], // mov al, 0x41
		...[0xee], // out dx, al
		...rest,
	]);
	bytes[0x40] = 0xcf; // iret
	bytes.set([0x55, 0xaa], 510);
	return bytes;
}

/** mov word ptr [0], 0x7c40; mov word ptr [2], 0 */
const VECTOR_0 = [0xc7, 0x06, 0x00, 0x00, 0x40, 0x7c, 0xc7, 0x06, 0x02, 0x00, 0x00, 0x00];

/** What a trace of `count` instructions says, from some time after the A, in so many seconds of guest time. */
async function traced(rest: number[], count: number, seconds: number): Promise<string[]> {
	const disk = new Uint8Array(1 << 20);
	disk.set(sector(rest));
	const session = await boot({ hda: disk, bootOrder: "c" });
	await session.serial.expect("A");
	const lines: string[] = [];
	session.symbols.add([{ name: "handler", address: 0x7c40n, size: 1n, kind: "function", image: "test" }]);
	session.trace((line) => lines.push(line), { from: session.instructions, count });
	await session.run(seconds);
	const { instructions } = session;
	session.close();
	expect(instructions).to.be.greaterThan(count);
	return lines;
}

/** From the first line that has the text on. */
const from = (lines: string[], text: string) => lines.slice(lines.findIndex((line) => line.includes(text)));
const words = (line: string) => line.trim().replace(/ +/g, " ");

describe("a trace", () => {
	it("has each instruction with its number, address, bytes, text, and what it changed", async () => {
		const lines = await traced([0x43, 0xcd, 0x21, 0xeb, 0xfb], 9, 0.001);
		expect(lines.filter((line) => /^ *\d/.test(line))).to.have.length(9);
		const [inc, int, event, , iret, jmp, again] = from(lines, "inc").map(words);
		const number = Number(inc.split(" ")[0]);
		const bx = Number.parseInt(/rbx=([0-9a-f]+)/.exec(inc)![1], 16);
		expect(inc).to.match(/^\d+ 00007c17 43 inc bx rbx=/);
		expect(int).to.match(new RegExp(`^${number + 1} 00007c18 cd 21 int 0x21 rsp=[0-9a-f]+`));
		expect(event).to.equal("interrupt 21h");
		expect(iret).to.match(new RegExp(`^${number + 2} 00007c40 cf iret rsp=[0-9a-f]+`));
		expect(jmp).to.equal(`${number + 3} 00007c1a eb fb jmp 0x7c17`);
		expect(again).to.include(`${number + 4} 00007c17 43 inc bx rbx=${(bx + 1).toString(16)}`);
	});

	it("shows an interrupt between the instructions that it came between, however long the processor slept", async () => {
		const lines = (await traced([0xfb, 0xf4, 0x43, 0xeb, 0xfc], 400, 0.2)).map(words);
		const [hlt, event, handler] = from(from(lines, "jmp 0x7c18"), "hlt");
		expect(hlt).to.match(/ 00007c18 f4 hlt$/);
		expect(event).to.equal("interrupt 8h");
		expect(handler).to.match(/^\d+ 000f[0-9a-f]{4} /);
		expect(Number(handler.split(" ")[0])).to.equal(Number(hlt.split(" ")[0]) + 1);
		const inc = from(from(lines, "interrupt 8h"), "inc bx")[0];
		expect(inc).to.match(/ 00007c19 43 inc bx rbx=/);
	});

	it("shows an exception behind the instruction that raised it, and where symbols begin", async () => {
		const lines = (await traced([...VECTOR_0, 0x31, 0xd2, 0xf7, 0xf2], 60, 0.001)).map(words);
		const [div, event, heading, handler] = from(lines, "div dx");
		expect(div).to.match(/^\d+ 00007c25 f7 f2 div dx rsp=[0-9a-f]+/);
		expect(event).to.equal("interrupt 0h");
		expect(heading).to.equal("handler (test):");
		expect(handler).to.match(new RegExp(`^${Number(div.split(" ")[0]) + 1} 00007c40 cf iret `));
	});

	it("changes nothing about the run", async () => {
		const run = async (trace: boolean) => {
			const disk = new Uint8Array(1 << 20);
			disk.set(sector([0xfb, 0xf4, 0x43, 0xcd, 0x21, 0xeb, 0xfa]));
			const session = await boot({ hda: disk, bootOrder: "c" });
			await session.serial.expect("A");
			if (trace) session.trace(() => {}, { count: 300 });
			await session.run(0.2);
			const hash = await session.hash();
			session.close();
			return hash;
		};
		expect(await run(true)).to.equal(await run(false));
	});
});

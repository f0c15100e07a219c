import { expect } from "chai";
import { HOLE_RM } from "../../src/core/stencil.ts";
import { DraftBody } from "../../src/translate/draft/body.ts";
import { draftVariant } from "../../src/translate/draft/frame.ts";
import { buildTables } from "../../src/translate/tables.ts";
import { WasmValue } from "../../src/translate/values.ts";
import { Module } from "../../src/translate/wasm.ts";
import { rows } from "../../src/x86/rows/index.ts";

const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const I64_LOAD = 0x29;
const I64_STORE = 0x37;
const ADD = 0x7c;
/** Where temporaries begin in these tests. */
const FIRST = 10;

const bytesOf = (body: DraftBody): number[] => [...body.stencil((_, nth) => FIRST + nth).bytes];
const load = (body: DraftBody, offset: number): WasmValue => {
	body.local("local.get", 0);
	body.memory("i64.load", offset);
	return WasmValue.pop(body, 64);
};
function store(body: DraftBody, offset: number, value: WasmValue): void {
	body.local("local.get", 0);
	value.emit();
	body.memory("i64.store", offset);
}

describe("a stencil's body", () => {
	it("works out a value where it is read, if it is read once", () => {
		const body = new DraftBody();
		const sum = load(body, 8).add(load(body, 16)) as WasmValue;
		store(body, 24, sum);
		const operands = [LOCAL_GET, 0, I64_LOAD, 0, 8, LOCAL_GET, 0, I64_LOAD, 0, 16];
		expect(bytesOf(body)).to.deep.equal([LOCAL_GET, 0, ...operands, ADD, I64_STORE, 0, 24]);
	});

	it("keeps a value that is read twice in a local", () => {
		const body = new DraftBody();
		const value = load(body, 8);
		store(body, 16, value);
		store(body, 24, value);
		const [, , , , , set, local] = bytesOf(body);
		expect([set, local]).to.deep.equal([LOCAL_SET, FIRST]);
	});

	it("does not work out what nobody reads", () => {
		const body = new DraftBody();
		load(body, 8).add(load(body, 16));
		store(body, 24, load(body, 32));
		expect(bytesOf(body)).to.deep.equal([LOCAL_GET, 0, LOCAL_GET, 0, I64_LOAD, 0, 32, I64_STORE, 0, 24]);
	});

	it("loads before a store what was loaded before it", () => {
		const body = new DraftBody();
		const before = load(body, 8);
		store(body, 8, load(body, 16));
		store(body, 24, before);
		const bytes = bytesOf(body);
		expect(bytes.slice(0, 7)).to.deep.equal([LOCAL_GET, 0, I64_LOAD, 0, 8, LOCAL_SET, FIRST]);
		expect(bytes.indexOf(I64_STORE)).to.be.above(7);
	});

	it("leaves out what a record says, and tells where that belongs", () => {
		const body = new DraftBody();
		body.local("local.get", 0);
		body.memoryHole("i64.load", HOLE_RM);
		const { bytes, holes } = body.stencil((_, nth) => FIRST + nth);
		expect([...bytes]).to.deep.equal([LOCAL_GET, 0, I64_LOAD, 0]);
		expect(holes).to.deep.equal([{ wants: HOLE_RM, which: 0, at: 4 }]);
	});

	it("of an instruction whose flags nobody reads has nothing but its effect", () => {
		const { variants } = buildTables(rows);
		const compare = variants.find(({ name, form }) => name === "CMP Ev, Gv" && form === "register")!;
		const [left, dropped] = [true, false].map((leaves) => draftVariant(new Module(), compare, leaves));
		expect(left.stencil.bytes.length).to.be.above(0);
		expect(dropped.stencil.bytes.length).to.equal(0);
	});
});

/**
 * The interpreter: one loop with one switch over decoded records, generated from the rows when Gantry is built.
 *
 *   lookup:  core/ finds (or decodes) the block at RIP, after a look at interrupts and the budget
 *   enter:   the block's instructions are taken from the budget at once
 *   dispatch: the switch; a case runs one record and goes to the next
 *   jump:    a computed target is looked for in the jump cache, core/ is asked if it is not there
 *   leave, fault: the block ends early, what was not executed goes back to the budget
 *
 * Common variants are cases in line. The others are functions in a table, so that the loop stays of a size that
 * the engine compiles soon and optimises well.
 */
import * as S from "../core/state.ts";
import { LONGEST_RUN } from "../core/stencil.ts";
import type { Variant } from "../x86/expand.ts";
import { isInline } from "./cases.ts";
import { InterpreterFrame } from "./frame.ts";
import type { Exits } from "./record-code.ts";
import { isBranch, isCall } from "./region/discover.ts";
import { jumpCacheEntry, REGION, testRegion } from "./region/links.ts";
import { OWN_TABLE } from "./sections.ts";
import { Body, type Callee, Label, Module, type Signature } from "./wasm.ts";

const OUTSIDE: Signature = { parameters: ["i32", "i32"], results: ["i32"] };

/**
 * @param variants in the order of the cases
 * @returns a module that exports `run(cpu)`, and imports functions of core/ by name and the memory
 */
export function buildInterpreter(variants: Variant[]): Uint8Array<ArrayBuffer> {
	const module = new Module();
	const run = module.declare("run", { parameters: ["i32"], results: [] }, true);
	module.define(run, new Loop(module, variants.filter(isInline)).body);
	const outside = variants.filter((variant) => !isInline(variant));
	module.ownTable(outside.map((variant) => outsideFunction(module, variant)));
	return module.encode();
}

function outsideFunction(module: Module, variant: Variant): Callee {
	const callee = module.declare(variant.name, OUTSIDE);
	const body = new Body(OUTSIDE.parameters);
	const status = (value: number) => {
		body.constant("i32", value);
		body.op("return");
	};
	const jumpTo = (target: () => void) => {
		target();
		const rip = body.set("i64");
		body.constant("i32", S.CPU);
		body.get(rip);
		body.memory("i64.store", S.RIP);
		status(S.STATUS_JUMP);
	};
	const exits: Exits = {
		next: () => status(S.STATUS_NEXT),
		status: () => body.op("return"),
		jump: () => jumpTo(() => {}),
		branch: jumpTo,
	};
	new InterpreterFrame(module, body, 1, variant, exits).emit();
	body.op("unreachable");
	module.define(callee, body);
	return callee;
}

class Loop {
	readonly body = new Body(["i32"]);
	readonly #record = this.body.variable("i32");
	readonly #target = this.body.variable("i64");
	readonly #status = this.body.variable("i32");
	readonly #skip = this.body.variable("i32");
	/** The record of an indirect call whose target is looked for, to be told where it went. */
	readonly #caller = this.body.variable("i32");
	readonly #lookup = new Label("lookup");
	readonly #enter = new Label("enter");
	readonly #dispatch = new Label("dispatch");
	readonly #jump = new Label("jump");
	readonly #ended = new Label("status");

	constructor(
		private readonly module: Module,
		/** Those in line. */
		private readonly variants: Variant[],
	) {
		const { body } = this;
		body.open("loop", this.#lookup);
		this.#find();
		body.open("loop", this.#enter);
		body.open("block", this.#ended);
		body.open("block", this.#jump);
		this.#takeFromBudget();
		body.open("loop", this.#dispatch);
		this.#cases();
		body.end();
		body.end(); // jump
		this.#probeJumpCache();
		body.end(); // ended
		this.#afterStatus();
		body.end(); // enter
		body.end(); // lookup
	}

	/** The record at RIP, or the end of the run. */
	#find(): void {
		const { body } = this;
		this.#core("findBlock", [], "i32");
		body.local("local.tee", this.#record);
		body.op("i32.eqz");
		body.open("if");
		body.op("return");
		body.end();
	}

	/** REMAINING -= instructions of the block; a block that is too long is cut short by core/. */
	#takeFromBudget(): void {
		const { body } = this;
		this.#exceedsBudget();
		body.open("if");
		this.#core("shortenBlock", [() => body.local("local.get", this.#record)], "i32");
		body.local("local.tee", this.#record);
		body.op("i32.eqz");
		body.open("if");
		body.op("return");
		body.end();
		body.branch("br", this.#enter);
		body.end();
		this.#enterRegion();
		body.constant("i32", S.CPU);
		body.local("local.get", this.#status);
		body.memory("i32.store", S.REMAINING);
	}

	/** Whether the block is longer than the budget; what is left behind it goes to `status`. */
	#exceedsBudget(): void {
		const { body } = this;
		this.#cpuField("i32.load", S.REMAINING);
		this.#recordField("i32.load16_s", S.REC_LEFT);
		body.op("i32.sub");
		body.constant("i32", 1);
		body.op("i32.sub");
		body.local("local.tee", this.#status);
		body.constant("i32", 0);
		body.op("i32.lt_s");
	}

	/** A hot block's region runs in its place, unless the instruction at its start must be interpreted, for which a region was left. */
	#enterRegion(): void {
		const { body } = this;
		const heat = () => this.#recordField("i32.load16_u", S.REC_HEAT);
		body.local("local.get", this.#skip);
		body.open("if");
		this.#countLeft(() => this.#leftAt());
		body.end();
		heat();
		body.constant("i32", S.HOT);
		body.op("i32.lt_u");
		body.open("if");
		this.#warm();
		body.else();
		heat();
		testRegion(body);
		body.local("local.get", this.#skip);
		body.op("i32.eqz");
		body.op("i32.and");
		body.open("if");
		this.#callRegion();
		body.end();
		body.end();
		body.constant("i32", 0);
		body.local("local.set", this.#skip);
	}

	#callRegion(): void {
		const { body } = this;
		body.constant("i32", S.CPU);
		this.#recordRip();
		this.#recordField("i32.load8_u", S.REC_LENGTH);
		body.op("i64.extend_i32_u");
		body.op("i64.sub");
		this.#cpuField("i32.load", S.REMAINING);
		body.constant("i32", 0);
		this.#recordField("i32.load16_u", S.REC_HEAT);
		body.constant("i32", S.HOT);
		body.op("i32.sub");
		body.callIndirect(REGION);
		body.local("local.set", this.#status);
		body.local("local.set", this.#target);
		this.#storeField("i32.store", S.REMAINING, () => body.local("local.get", this.#status));
		this.#storeField("i64.store", S.RIP, () => body.local("local.get", this.#target));
		this.#cpuField("i32.load", S.PENDING_KIND);
		body.open("if");
		this.#core("settlePending", []);
		body.end();
		this.#cpuField("i32.load", S.REGION_LEFT);
		body.local("local.tee", this.#skip);
		body.open("if");
		this.#storeField("i32.store", S.REGION_LEFT, () => body.constant("i32", 0));
		body.else();
		this.#countLeft(() => body.constant("i32", S.LEFT_JUMP));
		body.end();
		body.branch("br", this.#jump);
	}

	/** What the region was left for: the instruction's case, or the budget, of which `status` would be left, if a draft would want more. */
	#leftAt(): void {
		const { body } = this;
		body.constant("i32", S.LEFT_BUDGET);
		this.#recordField("i32.load16_u", S.REC_OP);
		body.local("local.get", this.#status);
		body.constant("i32", LONGEST_RUN);
		body.op("i32.lt_s");
		body.op("select");
	}

	#countLeft(cause: () => void): void {
		const { body } = this;
		cause();
		body.constant("i32", 2);
		body.op("i32.shl");
		const at = body.set("i32");
		body.get(at);
		body.get(at);
		body.memory("i32.load", S.LEFT_COUNTS);
		body.constant("i32", 1);
		body.op("i32.add");
		body.memory("i32.store", S.LEFT_COUNTS);
	}

	#storeField(store: "i32.store" | "i64.store", offset: number, value: () => void): void {
		this.body.constant("i32", S.CPU);
		value();
		this.body.memory(store, offset);
	}

	/**
	 * One entry more, and another for each sixteen instructions of the block; where ASK_MASK says, the compiler is asked, which may
	 * make the budget smaller.
	 */
	#warm(): void {
		const { body } = this;
		this.#recordField("i32.load16_u", S.REC_HEAT);
		const before = body.set("i32");
		body.get(before);
		body.constant("i32", 1);
		body.op("i32.add");
		this.#recordField("i32.load16_s", S.REC_LEFT);
		body.constant("i32", 4);
		body.op("i32.shr_u");
		body.op("i32.add");
		const entries = body.set("i32");
		body.local("local.get", this.#record);
		body.get(entries);
		body.memory("i32.store16", S.REC_HEAT);
		body.get(before);
		body.get(entries);
		body.op("i32.xor");
		this.#cpuField("i32.load", S.ASK_MASK);
		body.op("i32.and");
		body.open("if");
		this.#core("askForCode", [() => body.local("local.get", this.#record)]);
		this.#exceedsBudget();
		body.branch("br_if", this.#enter);
		body.end();
	}

	#cases(): void {
		const { body } = this;
		const labels = [
			new Label("resume"),
			new Label("undefined"),
			new Label("continue"),
			...this.variants.map((v) => new Label(v.name)),
			new Label("outside"),
		];
		for (const label of [...labels].reverse()) body.open("block", label);
		this.#recordField("i32.load16_u", S.REC_OP);
		body.table(labels);
		body.end();
		this.#resume();
		body.end();
		this.#undefined();
		body.end();
		this.#continue();
		for (const variant of this.variants) {
			body.end();
			const exits = isCall(variant) && !isBranch(variant) ? this.#callExits : this.#exits;
			new InterpreterFrame(this.module, body, this.#record, variant, exits).emit();
		}
		body.end();
		this.#outside();
		if (labels.length !== this.variants.length + S.FIRST_VARIANT + 1)
			throw new Error("cases and variants do not agree");
	}

	/** The record after the last of a shortened block: not an instruction, just where RIP is. */
	#resume(): void {
		const { body } = this;
		body.constant("i32", S.CPU);
		this.#recordRip();
		body.memory("i64.store", S.RIP);
		body.branch("br", this.#lookup);
	}

	/** The record after a block that was cut at its greatest length or at the page's end. */
	#continue(): void {
		this.#recordRip();
		this.body.local("local.set", this.#target);
		this.body.branch("br", this.#jump);
	}

	#recordRip(): void {
		const { body } = this;
		this.#cpuField("i64.load", S.PAGE_BASE);
		this.#recordField("i32.load16_u", S.REC_NEXT);
		body.op("i64.extend_i32_u");
		body.op("i64.add");
	}

	#undefined(): void {
		this.#core("undefinedOpcode", [() => this.body.local("local.get", this.#record)], "i32");
		this.#endWithStatus();
	}

	/** Every other case: a function of the module's own table. */
	#outside(): void {
		const { body } = this;
		body.constant("i32", S.CPU);
		body.local("local.get", this.#record);
		this.#recordField("i32.load16_u", S.REC_OP);
		body.constant("i32", this.variants.length + S.FIRST_VARIANT);
		body.op("i32.sub");
		body.callIndirect(OUTSIDE, OWN_TABLE);
		body.local("local.tee", this.#status);
		body.branch("br_if", this.#ended);
		this.#next();
	}

	readonly #exits: Exits = {
		next: () => this.#next(),
		status: () => this.#endWithStatus(),
		jump: () => {
			this.body.local("local.set", this.#target);
			this.body.branch("br", this.#jump);
		},
		branch: (target) => this.#branch(target),
	};

	readonly #callExits: Exits = {
		...this.#exits,
		jump: () => {
			this.body.local("local.get", this.#record);
			this.body.local("local.set", this.#caller);
			this.#exits.jump();
		},
	};

	#next(): void {
		const { body } = this;
		body.local("local.get", this.#record);
		body.constant("i32", S.RECORD_SIZE);
		body.op("i32.add");
		body.local("local.set", this.#record);
		body.branch("br", this.#dispatch);
	}

	#endWithStatus(): void {
		this.body.local("local.set", this.#status);
		this.body.branch("br", this.#ended);
	}

	/** Along the link if there is one; core/ makes it when the target is in the same page. */
	#branch(target: () => void): void {
		const { body } = this;
		this.#recordField("i32.load", S.REC_LINK);
		body.local("local.tee", this.#status);
		body.open("if");
		body.local("local.get", this.#status);
		body.local("local.set", this.#record);
		body.branch("br", this.#enter);
		body.end();
		this.#core("linkBranch", [() => body.local("local.get", this.#record), target], "i32");
		body.local("local.tee", this.#record);
		body.branch("br_if", this.#enter);
		body.branch("br", this.#lookup);
	}

	/** A hit gives the record and the page base; a miss goes through core/. */
	#probeJumpCache(): void {
		const { body } = this;
		const entry = this.#status;
		body.local("local.get", this.#target);
		this.#cpuField("i64.load", S.CS + S.SEG_BASE);
		body.op("i64.add");
		const linear = body.set("i64");
		this.#jumpCacheEntry(linear);
		body.local("local.tee", entry);
		body.memory("i64.load", S.JUMP_CACHE);
		body.get(linear);
		body.op("i64.eq");
		body.open("if");
		body.local("local.get", entry);
		body.memory("i32.load", S.JUMP_CACHE + S.JUMP_RECORD_KEY);
		this.#cpuField("i32.load", S.JUMP_KEY);
		body.op("i32.eq");
		body.open("if");
		body.constant("i32", S.CPU);
		body.local("local.get", this.#target);
		body.get(linear);
		body.constant("i64", 4095);
		body.op("i64.and");
		body.op("i64.sub");
		body.memory("i64.store", S.PAGE_BASE);
		body.local("local.get", entry);
		body.memory("i32.load", S.JUMP_CACHE + S.JUMP_RECORD);
		body.local("local.set", this.#record);
		this.#tellCaller();
		body.branch("br", this.#enter);
		body.end();
		body.end();
		body.constant("i32", 0);
		body.local("local.set", this.#caller);
		body.constant("i32", S.CPU);
		body.local("local.get", this.#target);
		body.memory("i64.store", S.RIP);
		body.branch("br", this.#lookup);
	}

	/** An indirect call's record gets a link to where it went last, for the compiler. */
	#tellCaller(): void {
		const { body } = this;
		body.local("local.get", this.#caller);
		body.open("if");
		body.local("local.get", this.#caller);
		body.local("local.get", this.#record);
		body.memory("i32.store", S.REC_LINK);
		body.constant("i32", 0);
		body.local("local.set", this.#caller);
		body.end();
	}

	#jumpCacheEntry(linear: ReturnType<Body["set"]>): void {
		this.body.get(linear);
		this.body.op("i32.wrap_i64");
		const low = this.body.set("i32");
		jumpCacheEntry(this.body, () => this.body.get(low));
	}

	/**
	 * STATUS_JUMP has set RIP already, and unless something wants attention now it is a jump like any other; the rest is
	 * core/'s to put right.
	 */
	#afterStatus(): void {
		const { body } = this;
		body.local("local.get", this.#status);
		body.constant("i32", S.STATUS_JUMP);
		body.op("i32.eq");
		body.open("if");
		this.#cpuField("i32.load", S.ATTENTION);
		body.branch("br_if", this.#lookup);
		this.#storeField("i32.store", S.RECORD, () => body.constant("i32", S.NO_RECORD));
		this.#cpuField("i64.load", S.RIP);
		body.local("local.set", this.#target);
		this.#probeJumpCache();
		body.else();
		this.#core("endInstruction", [
			() => body.local("local.get", this.#record),
			() => body.local("local.get", this.#status),
		]);
		body.end();
		body.branch("br", this.#lookup);
	}

	#cpuField(load: "i32.load" | "i64.load", offset: number): void {
		this.body.constant("i32", S.CPU);
		this.body.memory(load, offset);
	}

	#recordField(load: "i32.load" | "i32.load8_u" | "i32.load16_s" | "i32.load16_u", offset: number): void {
		this.body.local("local.get", this.#record);
		this.body.memory(load, offset);
	}

	#core(name: string, values: (() => void)[], result?: "i32"): void {
		const types = {
			linkBranch: ["i32", "i64"],
			endInstruction: ["i32", "i32"],
			shortenBlock: ["i32"],
			undefinedOpcode: ["i32"],
			askForCode: ["i32"],
			findBlock: [],
			settlePending: [],
		} as const;
		const parameters = ["i32" as const, ...types[name as keyof typeof types]];
		this.body.constant("i32", S.CPU);
		for (const value of values) value();
		this.body.call(this.module.import("core", name, { parameters, results: result ? [result] : [] }));
	}
}

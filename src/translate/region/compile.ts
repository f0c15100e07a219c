/** A region's WebAssembly function. */
import * as S from "../../core/state.ts";
import { REGION } from "../interpreter.ts";
import { Body, type Callee, Label, Module } from "../wasm.ts";
import { type BasicBlock, branchTarget, type Instruction, isCall } from "./discover.ts";
import { RegionFlags } from "./flags.ts";
import { type RegionContext, RegionFrame } from "./frame.ts";
import { RegionRegisters } from "./registers.ts";
import { type Shape, shapeOf } from "./structure.ts";

/** Emits the region of these blocks, the entry first; its function is exported as "region". */
export function compileRegion(blocks: BasicBlock[], view: DataView): Uint8Array<ArrayBuffer> {
	const module = new Module();
	const settle = module.import("core", "settleFlags", {
		parameters: ["i32", "i32", "i64", "i64", "i64"],
		results: [],
	});
	const region = module.declare("region", REGION, true);
	module.define(region, new RegionBody(module, settle, view, blocks[0]).body);
	return module.encode();
}

class RegionBody {
	readonly body = new Body(REGION.parameters);
	readonly #registers = new RegionRegisters(this.body);
	readonly #flags: RegionFlags;
	readonly #context: RegionContext;
	readonly #shape: Shape;
	readonly #remaining = this.body.variable("i32");
	readonly #pageBase = this.body.variable("i64");
	readonly #tlb = this.body.variable("i32");
	readonly #rip = this.body.variable("i64");
	readonly #key = this.body.variable("i32");
	readonly #callee = this.body.variable("i32");
	readonly #status = this.body.variable("i32");
	readonly #exit = new Label("exit");
	readonly #labels = new Map<BasicBlock, Label>();
	/** The block under way, and how many of its instructions lie behind the one that is emitted. */
	#block!: BasicBlock;
	#left = 0;

	constructor(module: Module, settle: Callee, view: DataView, entry: BasicBlock) {
		const { body } = this;
		this.#flags = new RegionFlags(body, settle);
		this.#shape = shapeOf(entry);
		this.#context = {
			module,
			body,
			view,
			registers: this.#registers,
			flags: this.#flags,
			pageBase: this.#pageBase,
			tlb: this.#tlb,
			bail: (instruction) => this.#leaveAt(instruction.offset, S.REGION_INTERPRET, this.#left + 1),
			leave: (instruction) => {
				body.local("local.set", this.#rip);
				if (isCall(instruction.variant!)) this.#call(instruction);
				else this.#goOut(S.REGION_JUMP, this.#left);
			},
			branch: (instruction, conditional) => this.#branch(instruction, conditional),
		};
		const prologue = body.reserve();
		body.open("block", this.#exit);
		this.#tree(entry);
		body.end();
		this.#epilogue();
		for (const fill of this.#saves) fill();
		prologue(() => this.#prologue());
	}

	#prologue(): void {
		this.#loadState("i64.load", S.PAGE_BASE, this.#pageBase);
		this.#loadState("i32.load", S.TLB_BASE, this.#tlb);
		this.#loadState("i32.load", S.REMAINING, this.#remaining);
		this.#loadState("i32.load", S.JUMP_KEY, this.#key);
		this.#registers.load();
	}

	#loadState(load: "i32.load" | "i64.load", offset: number, local: number): void {
		this.body.local("local.get", 0);
		this.body.memory(load, offset);
		this.body.local("local.set", local);
	}

	#epilogue(): void {
		this.#store();
		this.body.local("local.get", this.#status);
	}

	/** Everything that the region keeps in locals goes to the state block. */
	#store(): void {
		const { body } = this;
		this.#registers.store();
		this.#flags.settle();
		for (const [local, offset, store] of [
			[this.#remaining, S.REMAINING, "i32.store"],
			[this.#rip, S.RIP, "i64.store"],
		] as const) {
			body.local("local.get", 0);
			body.local("local.get", local);
			body.memory(store, offset);
		}
	}

	/** A block with everything it dominates. */
	#tree(block: BasicBlock): void {
		const merges = this.#shape.merges.get(block)!;
		if (!this.#shape.isLoop(block)) {
			this.#within(block, merges);
			return;
		}
		this.#flags.forget();
		const label = this.body.open("loop");
		const outer = this.#labels.get(block);
		this.#labels.set(block, label);
		this.#within(block, merges);
		if (outer) this.#labels.set(block, outer);
		this.body.end();
	}

	/** The block inside one `block` for each of the merges, which follow at its end. */
	#within(block: BasicBlock, merges: BasicBlock[]): void {
		const [first, ...rest] = merges;
		if (!first) {
			this.#emit(block);
			return;
		}
		const label = this.body.open("block");
		this.#mergeLabels.set(first, label);
		this.#within(block, rest);
		this.body.end();
		this.#flags.forget();
		this.#tree(first);
	}
	readonly #mergeLabels = new Map<BasicBlock, Label>();

	#emit(block: BasicBlock): void {
		const { instructions } = block;
		this.#block = block;
		this.#charge(block);
		for (const [i, instruction] of instructions.entries()) {
			this.#block = block;
			this.#left = instructions.length - 1 - i;
			const ended = new RegionFrame(this.#context, instruction).emit();
			if (ended && !isCall(instruction.variant!)) return;
		}
		const last = instructions.at(-1);
		const next = last ? last.next : block.offset;
		if (block.follows) this.#go(block, block.follows);
		else this.#leaveAt(next, instructions.length ? S.REGION_JUMP : S.REGION_INTERPRET, 0);
	}

	/** Takes the block's instructions from the budget; leaves where it does not suffice. */
	#charge({ instructions, offset }: BasicBlock): void {
		if (!instructions.length) return;
		const { body } = this;
		body.local("local.get", this.#remaining);
		body.constant("i32", instructions.length);
		body.op("i32.sub");
		body.local("local.tee", this.#remaining);
		body.constant("i32", 0);
		body.op("i32.lt_s");
		body.open("if");
		this.#leaveAt(offset, S.REGION_INTERPRET, instructions.length);
		body.end();
	}

	/** Leaves with RIP at an offset of the page; `back` instructions were taken from the budget and not executed. */
	#leaveAt(offset: number, status: number, back: number): void {
		this.#ripAt(offset);
		this.#goOut(status, back);
	}

	#ripAt(offset: number): void {
		const { body } = this;
		body.local("local.get", this.#pageBase);
		body.constant("i64", offset);
		body.op("i64.add");
		body.local("local.set", this.#rip);
	}

	/**
	 * A guest call, RIP in its local and the return address pushed: if the callee has a region, it is called as a
	 * function; coming back to the return address with code and mode as they were, this region goes on.
	 */
	#call(instruction: Instruction): void {
		const { body } = this;
		this.#probe();
		body.local("local.set", this.#callee);
		body.local("local.get", this.#callee);
		body.op("i32.eqz");
		body.open("if");
		this.#goOut(S.REGION_JUMP, 0);
		body.end();
		const save = body.reserve();
		this.#saves.push(() => save(() => this.#store()));
		this.#depth(1);
		body.local("local.get", 0);
		body.local("local.get", this.#callee);
		body.constant("i32", S.HOT);
		body.op("i32.sub");
		body.callIndirect(REGION);
		body.local("local.set", this.#status);
		this.#depth(-1);
		this.#unlessReturned(instruction);
		body.local("local.get", 0);
		body.local("local.get", this.#pageBase);
		body.memory("i64.store", S.PAGE_BASE);
		this.#loadState("i32.load", S.REMAINING, this.#remaining);
		const restore = body.reserve();
		this.#saves.push(() => restore(() => this.#registers.load()));
		this.#flags.reloaded();
	}
	readonly #saves: (() => void)[] = [];

	/** Leaves on the stack REC_HEAT of the block at RIP where the jump cache knows it and it has a region; else 0. */
	#probe(): void {
		const { body } = this;
		body.local("local.get", this.#rip);
		body.op("i32.wrap_i64");
		const low = body.set("i32");
		body.get(low);
		body.get(low);
		body.constant("i32", 13);
		body.op("i32.shr_u");
		body.op("i32.xor");
		body.constant("i32", S.JUMP_ENTRIES - 1);
		body.op("i32.and");
		body.constant("i32", S.JUMP_ENTRY);
		body.op("i32.mul");
		const entry = body.set("i32");
		body.get(entry);
		body.memory("i64.load", S.JUMP_CACHE);
		body.local("local.get", this.#rip);
		body.op("i64.eq");
		body.get(entry);
		body.memory("i32.load", S.JUMP_CACHE + 8);
		body.local("local.get", this.#key);
		body.op("i32.eq");
		body.op("i32.and");
		body.local("local.get", 0);
		body.memory("i32.load", S.CALL_DEPTH);
		body.constant("i32", S.CALL_LIMIT);
		body.op("i32.lt_u");
		body.op("i32.and");
		body.openIf("i32");
		body.get(entry);
		body.memory("i32.load", S.JUMP_CACHE + 12);
		body.memory("i32.load16_u", S.REC_HEAT);
		const heat = body.set("i32");
		body.local("local.get", 0);
		body.local("local.get", this.#rip);
		body.local("local.get", this.#rip);
		body.constant("i64", 4095);
		body.op("i64.and");
		body.op("i64.sub");
		body.memory("i64.store", S.PAGE_BASE);
		body.constant("i32", 0);
		body.get(heat);
		body.get(heat);
		body.constant("i32", S.HOT);
		body.op("i32.lt_u");
		body.get(heat);
		body.constant("i32", S.NEVER);
		body.op("i32.eq");
		body.op("i32.or");
		body.op("select");
		body.else();
		body.constant("i32", 0);
		body.end();
	}

	#depth(by: number): void {
		const { body } = this;
		body.local("local.get", 0);
		body.local("local.get", 0);
		body.memory("i32.load", S.CALL_DEPTH);
		body.constant("i32", by);
		body.op("i32.add");
		body.memory("i32.store", S.CALL_DEPTH);
	}

	/** The callee did not come back to the instruction after: so does this region leave, all state being stored. */
	#unlessReturned(instruction: Instruction): void {
		const { body } = this;
		body.local("local.get", this.#status);
		body.local("local.get", 0);
		body.memory("i64.load", S.RIP);
		body.local("local.get", this.#pageBase);
		body.constant("i64", instruction.next);
		body.op("i64.add");
		body.op("i64.ne");
		body.op("i32.or");
		body.local("local.get", 0);
		body.memory("i32.load", S.JUMP_KEY);
		body.local("local.get", this.#key);
		body.op("i32.ne");
		body.op("i32.or");
		body.open("if");
		body.local("local.get", this.#status);
		body.op("return");
		body.end();
	}

	#goOut(status: number, back: number): void {
		const { body } = this;
		if (back) {
			body.local("local.get", this.#remaining);
			body.constant("i32", back);
			body.op("i32.add");
			body.local("local.set", this.#remaining);
		}
		body.constant("i32", status);
		body.local("local.set", this.#status);
		body.branch("br", this.#exit);
	}

	#branch(instruction: Instruction, conditional: boolean): void {
		const block = this.#block;
		const target = branchTarget(this.#context, instruction);
		if (isCall(instruction.variant!)) {
			this.#ripAt(target);
			this.#call(instruction);
			return;
		}
		const known = this.#flags.known;
		if (conditional) this.body.open("if");
		if (block.taken) this.#go(block, block.taken);
		else this.#leaveAt(target, S.REGION_JUMP, 0);
		if (!conditional) return;
		this.body.end();
		this.#flags.known = known;
		if (block.follows) this.#go(block, block.follows);
		else this.#leaveAt(instruction.next, S.REGION_JUMP, 0);
	}

	/** Along an edge of the region. */
	#go(from: BasicBlock, to: BasicBlock): void {
		const edge = this.#shape.edge(from, to);
		if (edge === "loop") this.body.branch("br", this.#labels.get(to)!);
		else if (edge === "merge") this.body.branch("br", this.#mergeLabels.get(to)!);
		else if (edge === "inline") this.#tree(to);
		else this.#leaveAt(to.offset, S.REGION_JUMP, 0);
	}
}

/** A region's WebAssembly function. */
import * as S from "../../core/state.ts";
import { Body, type Callee, Label, type Module } from "../wasm.ts";
import { Accesses, type LeaveIf } from "./accesses.ts";
import { CalleeRegion } from "./callee.ts";
import { type BasicBlock, branchTarget, type Instruction, isCall, isReturn } from "./discover.ts";
import { findPage, isBeyondCode, isEnteredAt, returnToInterpreter, unlessBudget } from "./entry.ts";
import { Exits } from "./exits.ts";
import { RegionFlags } from "./flags.ts";
import { type RegionContext, RegionFrame } from "./frame.ts";
import { answer, CHAIN, DEPTH, passNothing, passOn, REGION, REMAINING, RIP, SETTLE } from "./links.ts";
import { History, type Place } from "./liveness.ts";
import { RegionRegisters } from "./registers.ts";
import { RegionSegments } from "./segments.ts";
import type { RegionSource } from "./source.ts";
import { type Shape, shapeOf } from "./structure.ts";

/**
 * Emits the body of a region's function.
 * @param region the function, which may call itself
 * @throws Inexpressible for the first instruction that it cannot hold
 */
export function emitRegion(module: Module, region: Callee, source: RegionSource): Body {
	return new RegionBody(module, region, source).body;
}

class RegionBody {
	readonly body = new Body(REGION.parameters);
	readonly #history = new History<BasicBlock>();
	readonly #registers: RegionRegisters;
	readonly #flags: RegionFlags;
	readonly #segments = new RegionSegments(this.body);
	readonly #accesses: Accesses;
	readonly #context: RegionContext;
	readonly #shape: Shape;
	readonly #chain: Callee;
	readonly #pageBase = this.body.variable("i64");
	/** Where and after how many instructions the region is left: an offset in the page, and their number above bit 12. */
	readonly #code = this.body.variable("i32");
	readonly #out = new Label("out");
	readonly #exits: Exits;
	readonly #callee: CalleeRegion;
	readonly #loops = new Map<BasicBlock, Label>();
	readonly #merges = new Map<BasicBlock, Label>();
	/** What is emitted once all is known: stores and loads in reserved places. */
	readonly #later: (() => void)[] = [];
	/** The block under way, and how many instructions have run since `remaining` was brought up to date. */
	#block!: BasicBlock;
	#done = 0;

	constructor(
		module: Module,
		self: Callee,
		private readonly source: RegionSource,
	) {
		const { body } = this;
		const long = source.mode.size === 64;
		const settle = module.import("links", "settle", SETTLE);
		this.#chain = module.import("links", long ? "chainFlat" : "chain", CHAIN);
		this.#registers = new RegionRegisters(body, this.#history, long);
		this.#flags = new RegionFlags(body, settle);
		this.#callee = new CalleeRegion(body, self, source, this.#code);
		this.#exits = new Exits(body, this.#history, this.#registers, this.#code);
		this.#accesses = new Accesses(body, source.mode.tlb, long);
		this.#shape = shapeOf(source.entry);
		this.#context = {
			module,
			body,
			view: source.view,
			mode: source.mode,
			registers: this.#registers,
			flags: this.#flags,
			segments: this.#segments,
			accesses: this.#accesses,
			pageBase: this.#pageBase,
			bail: (instruction) => this.#bail(instruction.offset),
			leave: (instruction) => this.#leave(instruction),
			checkBranch: (instruction) => this.#checkBranch(instruction),
			branch: (instruction, conditional) => this.#branch(instruction, conditional),
		};
		this.#emit();
	}

	#emit(): void {
		const { body } = this;
		const { entry } = this.source;
		const prologue = body.reserve();
		body.open("block", this.#out, "i64");
		const tail = body.open("block");
		const openExits = body.reserve();
		this.#tree(entry);
		body.op("unreachable");
		const closeExits = body.reserve();
		body.end();
		this.#interpretNext();
		body.end();
		this.#chainOut();
		const { order } = this.#shape;
		this.#history.solveDirty(order);
		this.#exits.emit(openExits, closeExits, tail);
		const live = this.#history.solveLive(order);
		this.#accesses.finish(this.source.addendsAgree, this.#registers.loaded);
		this.#registers.vectors.finish();
		this.#segments.finish();
		for (const act of this.#later) act();
		prologue(() => this.#prologue(live));
	}

	// --- entry and exits ------------------------------------------------------------------------------------

	/** @param live registers that are read before they are written */
	#prologue(live: number): void {
		const { body } = this;
		const { entry, mode } = this.source;
		findPage(body, this.source, this.#pageBase, this.#code);
		if (mode.size !== 64) {
			this.#segments.pageOutside(this.#pageBase, mode.size);
			body.open("if");
			returnToInterpreter(body);
			body.end();
		}
		unlessBudget(body, this.#shape.need(entry));
		this.#segments.load();
		this.#accesses.load();
		this.#registers.load(live);
		this.#registers.vectors.prologue();
	}

	/** To the one of the gate's two successors where the region is entered. */
	#throughGate(gate: BasicBlock): void {
		const { body } = this;
		const known = this.#known();
		isEnteredAt(body, gate.taken!, this.#code);
		body.open("if");
		this.#go(gate, gate.taken!);
		body.end();
		known();
		this.#enter(gate);
		this.#go(gate, gate.follows!);
	}

	/** To the successor whose accesses are asked for here, or to the other where they are not possible. */
	#throughGuard(guard: BasicBlock): void {
		const known = this.#known();
		const otherwise = this.body.open("block");
		this.#accesses.guard(this.#registers, otherwise);
		this.#go(guard, guard.follows!);
		this.#accesses.unguard();
		this.body.op("unreachable");
		this.body.end();
		known();
		this.#enter(guard);
		this.#go(guard, guard.taken!);
	}

	/** The end of all bails: registers are stored, `code` says where. */
	#interpretNext(): void {
		const { body } = this;
		const flags = body.reserve();
		this.#later.push(() => flags(() => this.#leaveFlags()));
		body.local("local.get", this.#code);
		body.constant("i32", 4095);
		body.op("i32.and");
		body.op("i64.extend_i32_u");
		body.local("local.get", this.#pageBase);
		body.op("i64.add");
		body.local("local.set", RIP);
		body.local("local.get", REMAINING);
		body.local("local.get", this.#code);
		body.constant("i32", 12);
		body.op("i32.shr_u");
		body.op("i32.sub");
		body.local("local.set", REMAINING);
		returnToInterpreter(body);
	}

	/** The end of all jumps out: RIP is on the stack. */
	#chainOut(): void {
		const { body } = this;
		body.local("local.set", RIP);
		const store = body.reserve();
		this.#later.push(() =>
			store(() => {
				this.#registers.store(this.#exits.outDirty);
				this.#leaveFlags();
			}),
		);
		this.#tailCall();
	}

	#leaveFlags(): void {
		if (this.#flags.used) this.#flags.leaveLocals();
	}

	#tailCall(): void {
		passOn(this.body);
		passNothing(this.body);
		this.body.tailCall(this.#chain);
	}

	// --- control flow ----------------------------------------------------------------------------------------

	/** A block with everything it dominates. */
	#tree(block: BasicBlock): void {
		const merges = this.#shape.merges.get(block)!;
		if (!this.#shape.isLoop(block)) {
			this.#within(block, merges);
			return;
		}
		this.#join();
		const label = this.body.open("loop");
		const outer = this.#loops.get(block);
		this.#loops.set(block, label);
		this.#within(block, merges);
		if (outer) this.#loops.set(block, outer);
		this.body.end();
	}

	/** The block inside one `block` for each of the merges, which follow at its end. */
	#within(block: BasicBlock, merges: BasicBlock[]): void {
		const [first, ...rest] = merges;
		if (!first) {
			this.#emitBlock(block);
			return;
		}
		const label = this.body.open("block");
		this.#merges.set(first, label);
		this.#within(block, rest);
		this.body.op("unreachable");
		this.body.end();
		this.#join();
		this.#tree(first);
	}

	/** Several ways come together here: nothing is known but the locals. */
	#join(): void {
		this.#flags.forget();
		this.#registers.forget();
		this.#accesses.forget();
		this.#done = 0;
	}

	#emitBlock(block: BasicBlock): void {
		this.#enter(block);
		if (block.call) this.#call(block.call);
		else if (block.isGate) this.#throughGate(block);
		else if (block.isGuard) this.#throughGuard(block);
		else this.#emitInstructions(block);
	}

	#emitInstructions(block: BasicBlock): void {
		const { instructions } = block;
		for (const instruction of instructions) {
			if (new RegionFrame(this.#context, instruction).emit()) return;
			this.#done++;
		}
		if (block.follows) this.#go(block, block.follows);
		else this.#fallOut(instructions[instructions.length - 1]);
	}

	#enter(block: BasicBlock): void {
		this.#block = block;
		this.#history.enter(block);
		this.#accesses.loop = this.#registers.loop = this.#shape.loopAround(block);
	}

	/**
	 * Before a loop's next turn there must be enough for the longest way to the next such place. It is asked where the turn before
	 * ends, for there it is known what set the flags: asked where the next begins, the engine would carry them around the loop.
	 */
	#nextTurn(start: BasicBlock): void {
		const { body } = this;
		this.#bail(start.offset)(() => {
			body.local("local.get", REMAINING);
			body.constant("i32", this.#shape.need(start));
			body.op("i32.lt_s");
		});
		body.branch("br", this.#loops.get(start)!);
	}

	/** What leaves the region before the instruction at an offset. */
	#bail(offset: number): LeaveIf {
		this.#flags.write();
		return this.#exits.bail(offset, this.#done);
	}

	/** Takes what has run, and `more`, from the budget. */
	#charge(more = 0): void {
		const { body } = this;
		const count = this.#done + more;
		this.#done = 0;
		if (!count) return;
		body.local("local.get", REMAINING);
		body.constant("i32", count);
		body.op("i32.sub");
		body.local("local.set", REMAINING);
	}

	/** Leaves for an offset from the page's first byte, the last instruction being done. */
	#leaveTo(offset: number, width: number = this.source.mode.size): void {
		this.#charge();
		this.#flags.write();
		this.#exits.out();
		this.#target(offset, width);
		this.body.branch("br", this.#out);
	}

	/** To what lies behind: that is no branch, which would wrap, so beyond the segment's last byte it faults. */
	#fallOut({ next }: Instruction): void {
		this.#leaveTo(next, 64);
	}

	/** RIP at an offset from the page's first byte, on the stack. */
	#target(offset: number, width: number): void {
		const { body } = this;
		body.local("local.get", this.#pageBase);
		body.constant("i64", offset);
		body.op("i64.add");
		if (width === 64) return;
		body.constant("i64", 2 ** width - 1);
		body.op("i64.and");
	}

	/** Along an edge of the region. */
	#go(from: BasicBlock, to: BasicBlock): void {
		const edge = this.#shape.edge(from, to);
		if (edge === "out") {
			this.#leaveTo(to.offset);
			return;
		}
		this.#history.goes(to);
		if (edge !== "inline" || this.#shape.isLoop(to)) {
			this.#charge();
			this.#flags.write();
		}
		if (edge === "loop") this.#nextTurn(to);
		else if (edge === "merge") this.body.branch("br", this.#merges.get(to)!);
		else this.#tree(to);
	}

	#branch(instruction: Instruction, conditional: boolean): void {
		const block = this.#block;
		const target = branchTarget(this.#context, instruction);
		const width = this.source.mode.size === 64 ? 64 : instruction.variant!.operandSize;
		if (isCall(instruction.variant!)) {
			if (block.taken) {
				this.#done++;
				this.#go(block, block.taken);
				return;
			}
			this.#target(target, width);
			this.body.local("local.set", RIP);
			this.#call(instruction, target);
			return;
		}
		const known = this.#known();
		if (conditional) this.body.open("if");
		this.#checkBranch(instruction);
		this.#done++;
		if (block.taken) this.#go(block, block.taken);
		else this.#leaveTo(target, width);
		if (!conditional) return;
		this.body.end();
		known();
		this.#enter(block);
		this.#done++;
		if (block.follows) this.#go(block, block.follows);
		else this.#fallOut(instruction);
	}

	/**
	 * Outside 64-bit mode a branch beyond the code segment's limit faults before it is taken, and before a CALL has
	 * pushed. The page itself lies inside.
	 */
	#checkBranch(instruction: Instruction): void {
		const target = branchTarget(this.#context, instruction);
		if (this.source.mode.size === 64 || (target >= 0 && target < 4096)) return;
		this.#bail(instruction.offset)(() => {
			this.#target(target, instruction.variant!.operandSize);
			isBeyondCode(this.body);
		});
	}

	/** What is known here: calling it makes it so again. */
	#known(): () => void {
		const { known: flags } = this.#flags;
		const { known: registers } = this.#registers;
		const { known: accesses } = this.#accesses;
		const done = this.#done;
		return () => {
			this.#flags.known = flags;
			this.#registers.known = registers;
			this.#accesses.known = accesses;
			this.#done = done;
		};
	}

	/** To the RIP on the stack. */
	#leave(instruction: Instruction): void {
		this.body.local("local.set", RIP);
		const { taken, follows } = this.#block;
		if (isCall(instruction.variant!)) {
			if (taken) this.#callExpected(taken, follows!);
			else this.#call(instruction);
			return;
		}
		if (isReturn(instruction.variant!) && follows) {
			this.#returnInside(follows);
			return;
		}
		this.#charge(1);
		this.#storeAll(this.#history.place(true, false));
		if (isReturn(instruction.variant!)) answer(this.body);
		else this.#tailCall();
	}

	/** An indirect call whose callee is part of the region, if RIP is what was expected. */
	#callExpected(callee: BasicBlock, otherwise: BasicBlock): void {
		const { body } = this;
		const block = this.#block;
		const known = this.#known();
		this.#isAt(callee.offset, "i64.eq");
		body.open("if");
		this.#done++;
		this.#go(block, callee);
		body.end();
		known();
		this.#enter(block);
		this.#go(block, otherwise);
	}

	/** RET to a call that is part of the region, unless it goes elsewhere. */
	#returnInside(to: BasicBlock): void {
		const { body } = this;
		const known = this.#known();
		this.#isAt(to.offset, "i64.ne");
		body.open("if");
		this.#charge(1);
		this.#flags.write();
		this.#exits.out();
		body.local("local.get", RIP);
		body.branch("br", this.#out);
		body.end();
		known();
		this.#done++;
		this.#go(this.#block, to);
	}

	/** Compares RIP with an offset from the page's first byte. */
	#isAt(offset: number, comparison: "i64.eq" | "i64.ne"): void {
		this.body.local("local.get", RIP);
		this.#target(offset, this.source.mode.size);
		this.body.op(comparison);
	}

	/** Flags and registers to the state block. */
	#storeAll(place: Place): void {
		this.#flags.leave();
		const store = this.body.reserve();
		this.#later.push(() => store(() => this.#registers.store(place.dirty)));
	}

	/**
	 * A guest call, RIP in its local and the return address pushed: the callee's region is called as a function.
	 * Coming back to the return address, this region goes on; anything else makes it return too, all state
	 * being stored.
	 */
	#call(instruction: Instruction, target?: number): void {
		const { body } = this;
		const block = this.#block;
		const place = this.#history.place(true, true);
		this.#charge(1);
		this.#storeAll(place);
		body.local("local.get", DEPTH);
		body.constant("i32", S.CALL_LIMIT);
		body.op("i32.ge_u");
		body.open("if");
		answer(this.body);
		body.end();
		this.#callee.call(target);
		body.local("local.set", REMAINING);
		body.local("local.tee", RIP);
		this.#target(instruction.next, this.source.mode.size);
		body.op("i64.ne");
		body.open("if");
		answer(this.body);
		body.end();
		if (!block.follows) {
			this.#tailCall();
			return;
		}
		unlessBudget(body, this.#shape.need(block.follows));
		const load = body.reserve();
		this.#later.push(() => load(() => this.#registers.load(place.live)));
		this.#flags.reloaded();
		this.#registers.forget();
		this.#go(block, block.follows);
	}
}

/**
 * Control flow: from basic blocks that branch anywhere to nested blocks and loops, by the dominator tree
 * (N. Ramsey, "Beyond Relooper", ICFP 2022). A backward edge whose target does not dominate its source
 * (a loop with two entries) leaves the region.
 */
import { type BasicBlock, isCall } from "./discover.ts";

export interface Shape {
	/** Reverse postorder; the entry is first. */
	order: BasicBlock[];
	/** Blocks that each block immediately dominates and that are reached from several places, last first. */
	merges: Map<BasicBlock, BasicBlock[]>;
	isLoop(block: BasicBlock): boolean;
	/** The start of the innermost loop around a block. */
	loopAround(block: BasicBlock): BasicBlock | undefined;
	/** Where an edge leads: around a loop, to a block that several edges lead to, to a block of its own, or out. */
	edge(from: BasicBlock, to: BasicBlock): Edge;
	/** Instructions on the longest way from a block's start to a loop's next turn, a call's return or a way out. */
	need(block: BasicBlock): number;
}

type Edge = "loop" | "merge" | "inline" | "out";

function successors({ taken, follows }: BasicBlock): BasicBlock[] {
	if (taken) return follows ? [taken, follows] : [taken];
	return follows ? [follows] : [];
}

function reversePostorder(entry: BasicBlock): BasicBlock[] {
	const seen = new Set<BasicBlock>();
	const out: BasicBlock[] = [];
	const visit = (block: BasicBlock) => {
		seen.add(block);
		for (const next of successors(block)) if (!seen.has(next)) visit(next);
		out.push(block);
	};
	visit(entry);
	return out.reverse();
}

/** Immediate dominators as numbers in `order` (K. Cooper, T. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm"). */
function immediateDominators(predecessors: number[][]): number[] {
	const idom: number[] = new Array(predecessors.length).fill(-1);
	idom[0] = 0;
	const meet = (a: number, b: number): number => {
		while (a !== b) {
			while (a > b) a = idom[a];
			while (b > a) b = idom[b];
		}
		return a;
	};
	for (let changed = true; changed; ) {
		changed = false;
		for (let block = 1; block < predecessors.length; block++) {
			let next = -1;
			for (const from of predecessors[block]) if (idom[from] >= 0) next = next < 0 ? from : meet(next, from);
			changed ||= idom[block] !== next;
			idom[block] = next;
		}
	}
	return idom;
}

/** A region's blocks in reverse postorder, by number, and who dominates whom. */
class Flow {
	readonly order: BasicBlock[];
	readonly number: Map<BasicBlock, number>;
	readonly predecessors: number[][];
	readonly idom: number[];
	/** Whether a loop begins at each. */
	readonly isLoop: boolean[];

	constructor(entry: BasicBlock) {
		this.order = reversePostorder(entry);
		this.number = new Map(this.order.map((block, i) => [block, i]));
		this.predecessors = this.order.map(() => []);
		this.order.forEach((block, i) => {
			// A branch to the instruction after it leads there twice: two ways that meet.
			for (const next of successors(block)) this.predecessors[this.number.get(next)!].push(i);
		});
		this.idom = immediateDominators(this.predecessors);
		this.isLoop = this.predecessors.map((from, i) => from.some((p) => p >= i && this.dominates(i, p)));
	}

	dominates(a: number, b: number): boolean {
		let at = b;
		while (at > a) at = this.idom[at];
		return a === at;
	}

	/** The innermost loop's start of every block in a loop. */
	innermost(): Map<BasicBlock, BasicBlock> {
		const around = new Map<BasicBlock, BasicBlock>();
		// What is around a loop begins before it.
		this.order.forEach((header, i) => {
			if (this.isLoop[i]) for (const inside of this.loopOf(i)) around.set(this.order[inside], header);
		});
		return around;
	}

	/** The loop that begins at a block: what reaches its start again without leaving what the start dominates. */
	loopOf(header: number): Set<number> {
		const inside = new Set([header]);
		const work = this.predecessors[header].filter((p) => p >= header && this.dominates(header, p));
		for (let at = work.pop(); at !== undefined; at = work.pop()) {
			if (inside.has(at)) continue;
			inside.add(at);
			work.push(...this.predecessors[at]);
		}
		return inside;
	}
}

/** How a block lies in what control reaches from `entry`. */
export interface Surroundings {
	/** The start of the outermost loop around it. */
	loop?: BasicBlock;
	/** `entry` begins a loop, and the block comes after that loop. */
	isBehindLoop: boolean;
}

export function surroundings(entry: BasicBlock, block: BasicBlock): Surroundings {
	const flow = new Flow(entry);
	const inner = flow.number.get(block)!;
	const isAround = (at: number) => flow.isLoop[at] && flow.loopOf(at).has(inner);
	let outermost = isAround(0) ? 0 : undefined;
	for (let at = inner; outermost !== 0 && at > 0; at = flow.idom[at]) if (isAround(at)) outermost = at;
	return {
		loop: outermost === undefined ? undefined : flow.order[outermost],
		isBehindLoop: outermost !== 0 && flow.isLoop[0],
	};
}

export function shapeOf(entry: BasicBlock): Shape {
	const flow = new Flow(entry);
	const { order, number, predecessors, idom } = flow;
	const forward = predecessors.map((from, i) => from.reduce((count, p) => count + Number(p < i), 0));
	const isMerge = (i: number) => i > 0 && forward[i] > 1;
	const merges = new Map<BasicBlock, BasicBlock[]>(order.map((block) => [block, []]));
	for (let i = order.length - 1; i > 0; i--) if (isMerge(i)) merges.get(order[idom[i]])!.push(order[i]);
	const isLoop = (block: BasicBlock) => flow.isLoop[number.get(block)!];
	const edge = (from: BasicBlock, to: BasicBlock): Edge => {
		const [a, b] = [number.get(from)!, number.get(to)!];
		if (b <= a) return flow.dominates(b, a) ? "loop" : "out";
		return isMerge(b) ? "merge" : "inline";
	};
	const around = flow.innermost();
	return {
		order,
		merges,
		isLoop,
		loopAround: (block) => around.get(block),
		edge,
		need: needs(order, edge),
	};
}

/** Worked out from the last block to the first, for a way leads on to later ones only. */
function needs(
	order: BasicBlock[],
	edge: (from: BasicBlock, to: BasicBlock) => Edge,
): (block: BasicBlock) => number {
	const known = new Map<BasicBlock, number>();
	for (const block of [...order].reverse()) {
		const last = block.instructions.at(-1);
		const returns = block.call || (last && isCall(last.variant!) && !block.taken);
		const next = returns ? [] : successors(block);
		const ahead = next.filter((to) => ["merge", "inline"].includes(edge(block, to)));
		known.set(block, block.instructions.length + Math.max(0, ...ahead.map((to) => known.get(to)!)));
	}
	return (block) => known.get(block)!;
}

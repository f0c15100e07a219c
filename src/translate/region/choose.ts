/**
 * What becomes a region: the blocks that the interpreter found hot, or what is around them, and the callees that go inside.
 */
import * as S from "../../core/state.ts";
import type { Variant } from "../../x86/expand.ts";
import { type BasicBlock, branchTarget, discover, type Instruction, isBranch, offsetOf } from "./discover.ts";
import type { RegionMode } from "./frame.ts";
import { type CallReader, inlineCalls } from "./inline.ts";
import type { Inexpressible, RegionSource } from "./source.ts";
import { surroundings } from "./structure.ts";
import { unroll } from "./unroll.ts";

/** core.wasm's functions that tell what code there is. */
export interface CodeReader {
	/** Whether most of what a TLB holds has one TLB_ADDEND. */
	addendsAgree(tlb: number): number;
	/** The table of a page's blocks, by offset; u32 each. */
	blocksOf(cpu: number, page: number, mode: number): number;
	/** The block at an offset, decoded if it was not entered yet. */
	continuedBlock(cpu: number, page: number, mode: number, offset: number): number;
}

/** A block that is hot. */
export interface Request {
	block: number;
	page: number;
	mode: number;
	/** Where the block begins in its page. */
	offset: number;
	/** Where it was when it was asked for, for its name. */
	linear: bigint;
}

/** What is to become a region, and what the region is entered by. */
export interface Choice {
	request: Request;
	/** A loop around the hot block, where the region may be entered, too: its offset in the page. */
	loop?: number;
	source: RegionSource;
	/** The records by which it is entered. */
	doors: number[];
	/** Where its blocks lie in the page. */
	offsets: number[];
}

/** The request's own blocks, and about how many instructions more the region may hold. */
interface Found {
	reader: CallReader;
	blocks: BasicBlock[];
	instructions: number;
	room: number;
}

/** Instructions of a region. */
const LARGEST = 300;
/**
 * The same where so many regions are around its block already: code is entered at one place after another, as where each
 * instruction faults and is gone on behind.
 */
const LAYERS = 3;
const LARGEST_ABOVE = 30;
/** Instructions compiled in one go: the guest must not stand still for long. */
const LARGEST_BATCH = 6000;
/** An outer block is looked for so many bytes back, so many are tried, and it must be entered once for so many entries. */
const OUTER_REACH = 1024;
const OUTER_TRIES = 4;
const OUTER_SHARE = 64;
/** The same where there is a region already: outer blocks are entered after each event then. */
const OUTER_SHARE_AGAIN = 8;
/** What is called is part of the caller's region if both it and what follows the call were entered once for so many entries. */
const INLINED_SHARE = 16;

export class Chooser {
	readonly #inexpressible = new Set<number>();

	constructor(
		private readonly view: DataView,
		private readonly core: CodeReader,
		/** By REC_OP. */
		private readonly variantOf: (op: number) => Variant | undefined,
		/** How many regions the block at a physical address lies in. */
		private readonly layers: (address: number) => number,
	) {}

	/**
	 * The regions to make of what waits. What begins first in its page comes first: mostly a function's start, and the
	 * blocks that lie inside its region are entered through it from now on, so they are counted afresh.
	 * @param queue loses what was taken
	 * @param most so many regions
	 */
	take(queue: Request[], most: number): Choice[] {
		const { view } = this;
		queue.sort((a, b) => a.page - b.page || a.offset - b.offset);
		const inside = new Set<string>();
		const choices: Choice[] = [];
		let instructions = 0;
		let taken = 0;
		for (const request of queue) {
			if (instructions > LARGEST_BATCH || choices.length === most) break;
			taken++;
			const place = (offset: number) => `${request.page} ${request.mode} ${offset}`;
			if (view.getUint16(request.block + S.REC_HEAT, true) !== S.QUEUED) continue;
			const isInside = inside.has(place(request.offset));
			const choice = isInside ? undefined : this.#choose(request);
			const isOther = isInside || (choice && choice.request !== request);
			view.setUint16(request.block + S.REC_HEAT, isOther ? 0 : S.NEVER, true);
			if (!choice) continue;
			for (const offset of choice.offsets) {
				inside.add(place(offset));
				this.#countAfresh(choice.source.blockAt(offset));
			}
			instructions += choice.source.instructions;
			choices.push(choice);
		}
		queue.splice(0, taken);
		return choices;
	}

	/** The same once more, without an instruction that turned out to be one that no region can hold. */
	without({ instruction }: Inexpressible, { request, loop, source }: Choice): Choice | undefined {
		this.#inexpressible.add(this.#kindOf(instruction, source.mode));
		const found = this.#discover(request);
		return found && this.#choice(request, found, loop);
	}

	/**
	 * The block to begin with: what was asked for, or one before it whose region holds it and that is entered often, too.
	 * Inner loops become hot first; what is around them, an outer loop or a function's start, is entered again and again, and
	 * would need the same code once more. Until it is entered again, the outermost loop around the hot block is a second door.
	 */
	#choose(request: Request): Choice | undefined {
		const { page, mode, offset } = request;
		const share = this.layers(page + offset) ? OUTER_SHARE_AGAIN : OUTER_SHARE;
		const often = this.view.getUint32(S.CPU + S.HOT_AFTER, true) / share;
		const blocks = this.core.blocksOf(S.CPU, page, mode);
		let tries = OUTER_TRIES;
		for (let at = Math.max(0, offset - OUTER_REACH); at < offset && tries; at++) {
			const block = this.view.getUint32(blocks + at * 4, true);
			const entries = block && entriesOf(this.view, block);
			if (entries < often || entries >= S.HOT) continue;
			const outer = { ...request, block, offset: at, linear: request.linear - BigInt(offset - at) };
			const found = this.#discover(outer);
			const inner = found?.blocks.find((candidate) => candidate.offset === offset);
			const around = found && inner && surroundings(found.blocks[0], inner);
			if (around && !around.isBehindLoop) return this.#choice(outer, found, around.loop?.offset);
			tries--;
		}
		const found = this.#discover(request);
		return found && this.#choice(request, found);
	}

	#choice(request: Request, { reader, blocks, room, instructions }: Found, loop?: number): Choice {
		inlineCalls(reader, blocks, room);
		unroll(this.view, blocks);
		const mode = modeOf(request.mode);
		const [entry] = blocks;
		const second = blocks.find((block) => block !== entry && block.offset === loop);
		const record = second && reader.blockAt(second.offset);
		const source = {
			entry: record ? gate(entry, second) : entry,
			instructions,
			mode,
			view: this.view,
			addendsAgree: this.core.addendsAgree(mode.tlb) !== 0,
			blockAt: reader.blockAt,
		};
		return {
			request,
			loop,
			source,
			doors: record ? [request.block, record] : [request.block],
			offsets: blocks.map(({ offset }) => offset),
		};
	}

	/** A block inside a region is seldom entered by itself from now on: what it has counted is past. */
	#countAfresh(block: number): void {
		if (!block) return;
		const { view } = this;
		if (view.getUint16(block + S.REC_HEAT, true) < S.HOT) view.setUint16(block + S.REC_HEAT, 0, true);
		view.setUint16(draftWord(block), 0, true);
	}

	#discover({ block, page, mode, offset: entry }: Request): Found | undefined {
		const { view } = this;
		const regionMode = modeOf(mode);
		const table = this.core.blocksOf(S.CPU, page, mode);
		const reader: CallReader = {
			view,
			size: regionMode.size,
			callee: (call) => this.#callee(call, reader.blockAt),
			variantOf: this.variantOf,
			blockAt: (offset) => (offset === entry ? block : view.getUint32(table + offset * 4, true)),
			decodeBehind: (offset) => void this.core.continuedBlock(S.CPU, page, mode, offset),
			compiles: (instruction) => !this.#inexpressible.has(this.#kindOf(instruction, regionMode)),
		};
		const largest = this.layers(page + entry) < LAYERS ? LARGEST : LARGEST_ABOVE;
		const blocks = discover(reader, entry, largest);
		if (!blocks) return undefined;
		const instructions = blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);
		return { reader, blocks, instructions, room: largest - instructions };
	}

	/** Where a call goes inside its page, if it and its callee are entered often. */
	#callee(call: Instruction, blockAt: (offset: number) => number): number | undefined {
		const { view } = this;
		const often = view.getUint32(S.CPU + S.HOT_AFTER, true) / INLINED_SHARE;
		const isOften = (block: number) => block !== 0 && entriesOf(view, block) >= often;
		const link = view.getUint32(call.record + S.REC_LINK, true);
		const isDirect = isBranch(call.variant!);
		if (!isDirect && !link) return undefined;
		const target = isDirect ? branchTarget({ view }, call) : offsetOf(view, link);
		if (target < 0 || target >= 4096) return undefined;
		const block = blockAt(target);
		if (!isDirect && block !== link) return undefined;
		return isOften(block) && isOften(blockAt(call.next)) ? target : undefined;
	}

	/** What it depends on whether a region can hold an instruction: not on its operands' numbers. */
	#kindOf({ record }: Instruction, mode: RegionMode): number {
		const segmented = this.view.getUint16(record + S.REC_INFO, true) & S.INFO_SEGMENTED;
		return this.view.getUint16(record + S.REC_OP, true) * 256 + mode.size + (segmented ? 1 : 0);
	}
}

/** Where the word is that a block's draft has. */
export const draftWord = (block: number): number => S.DRAFT_WORDS + (block - S.RECORDS) / S.RECORD_PER_WORD;

/** How often a block was entered, in the interpreter or in its draft; HOT or more where it has a region. */
function entriesOf(view: DataView, block: number): number {
	const heat = view.getUint16(block + S.REC_HEAT, true);
	const word = view.getUint32(draftWord(block), true);
	return heat >= S.HOT && heat === word >>> S.DRAFT_HEAT_SHIFT ? word & 0xffff : heat;
}

/** Both blocks behind one, by which the region is entered. */
const gate = (first: BasicBlock, second: BasicBlock): BasicBlock => ({
	offset: first.offset,
	instructions: [],
	taken: second,
	follows: first,
	isGate: true,
});

function modeOf(mode: number): RegionMode {
	const size = ([16, 32, 64] as const)[mode & S.MODE_SIZE];
	return {
		size,
		tlb: S.TLB + ((mode >> S.MODE_TLB_SHIFT) & 3) * S.TLB_BYTES,
		flatStack: size === 64 || (mode & S.MODE_FLAT) !== 0,
		stackWidth: size === 64 ? 64 : mode & S.MODE_WIDE_STACK ? 32 : 16,
	};
}

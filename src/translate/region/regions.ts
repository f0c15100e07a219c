/**
 * The compiler's desk: hot blocks come in, regions go into the table, many at a time. A region is found through the
 * first record of its block, so code that is dropped takes its regions with it. The table is
 * a ring: what is oldest makes room for what is new, and comes back if it is still hot.
 */
import type { RegionStats } from "../../bus/processor.ts";
import * as S from "../../core/state.ts";
import type { Variant } from "../../x86/expand.ts";
import { nameSection } from "../names.ts";
import { Body, type Callee, Module } from "../wasm.ts";
import { emitRegion } from "./compile.ts";
import { type BasicBlock, branchTarget, discover, type Instruction, isBranch, offsetOf } from "./discover.ts";
import type { RegionMode } from "./frame.ts";
import { type CallReader, inlineCalls } from "./inline.ts";
import { buildLinks, REGION } from "./links.ts";
import { Inexpressible, type RegionSource } from "./source.ts";

/** core.wasm's functions that the compiler calls. */
export interface RegionCore extends WebAssembly.Exports {
	/** Whether most of what a TLB holds has one TLB_ADDEND. */
	addendsAgree(tlb: number): number;
	/** To be told when regions have come or gone. */
	linkJumps(): void;
	/** The table of a page's blocks, by offset; u32 each. */
	blocksOf(cpu: number, page: number, mode: number): number;
	/** The block at an offset, decoded if it was not entered yet. */
	continuedBlock(cpu: number, page: number, mode: number, offset: number): number;
	dropCount(): number;
}

export interface RegionLimits {
	/** Places in the table. */
	regions: number;
	/** Modules that share a table. */
	modules: number;
	/** WebAssembly bytes of all regions in it. */
	bytes: number;
}

/**
 * The engine's code is some four times as large as the bytes. V8 gives every module that imports the table a copy of
 * it, eight bytes a place, and keeps it as long as the table lives; so a table is given up after so many modules.
 */
const LIMITS: RegionLimits = { regions: 4096, modules: 512, bytes: 16 << 20 };
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

interface Request {
	block: number;
	page: number;
	mode: number;
	/** Where the block begins in its page. */
	offset: number;
	/** Where it was when it was asked for, for its name. */
	linear: bigint;
}

interface Source {
	request: Request;
	source: RegionSource;
	/** Physical addresses of its blocks. */
	inside: number[];
}

interface Made {
	request: Request;
	callee: Callee;
	inside: number[];
}

/** Regions that were compiled together, and go together. */
interface Batch {
	slot: number;
	/** Their blocks, by place in the table. */
	blocks: number[];
	/** Physical addresses of all blocks inside. */
	inside: Set<number>;
	bytes: number;
}

export class Regions {
	/** Regions by REC_HEAT less HOT. */
	table: WebAssembly.Table;
	/** Told when `table` is another one: what has imported it must be made anew. */
	renewed: () => void = () => {};
	readonly stats: RegionStats = {
		compiled: 0,
		live: 0,
		bytes: 0,
		liveBytes: 0,
		modules: 0,
		evicted: 0,
		drops: 0,
	};
	core!: RegionCore;
	readonly #view: DataView;
	readonly #inexpressible = new Set<number>();
	readonly #links: WebAssembly.Module;
	#chain: WebAssembly.Exports | undefined;
	#queue: Request[] = [];
	/** Oldest first. */
	#live: Batch[] = [];
	#next = 0;
	#drops = 0;

	constructor(
		private readonly memory: WebAssembly.Memory,
		/** By REC_OP. */
		private readonly variantOf: (op: number) => Variant | undefined,
		/** If not, every block is left to the interpreter. */
		private readonly enabled: boolean,
		private readonly limits: RegionLimits = LIMITS,
	) {
		this.#view = new DataView(memory.buffer);
		this.table = this.#newTable();
		this.#links = new WebAssembly.Module(buildLinks());
	}

	#newTable(): WebAssembly.Table {
		return new WebAssembly.Table({ element: "anyfunc", initial: this.limits.regions });
	}

	/** Gives up the table with all that was compiled into it; what is still hot comes back. */
	#renew(): void {
		for (const batch of this.#live) this.#evict(batch);
		this.#live = [];
		this.#next = 0;
		this.#inTable = 0;
		this.#chain = undefined;
		this.table = this.#newTable();
		this.renewed();
	}
	/** Modules that have imported the table. */
	#inTable = 0;

	/** Notes that `block`, a record of the physical page, is to be compiled. */
	request(block: number, page: number): void {
		const view = this.#view;
		view.setUint16(block + S.REC_HEAT, this.enabled ? S.QUEUED : S.NEVER, true);
		if (!this.enabled) return;
		this.#noticeDrops();
		const mode = view.getUint32(S.CPU + S.MODE, true);
		const offset = offsetOf(view, block);
		const rip = view.getBigUint64(S.CPU + S.PAGE_BASE, true) + BigInt(offset);
		const linear = BigInt.asUintN(64, rip + view.getBigUint64(S.CPU + S.CS + S.SEG_BASE, true));
		this.#queue.push({ block, page, mode, offset, linear });
	}

	get waiting(): number {
		return this.#queue.length;
	}

	/** Compiles what waits, or the first of it. No region may be under way. */
	compile(): void {
		this.#noticeDrops();
		const module = new Module();
		const made = this.#emitAll(module, this.#takeSources());
		if (!made.length) return;
		if (++this.#inTable > this.limits.modules) this.#renew();
		if (this.#next + made.length > this.limits.regions) this.#next = 0;
		const slot = this.#next;
		this.#next += made.length;
		module.elements(
			slot,
			made.map(({ callee }) => callee),
		);
		const bytes = withNames(module.encode(), made);
		this.#makeRoom(slot, made.length, bytes.length);
		new WebAssembly.Instance(new WebAssembly.Module(bytes), {
			env: { memory: this.memory, table: this.table },
			core: this.core,
			links: this.#linked(),
		});
		const blocks = made.map(({ request }) => request.block);
		blocks.forEach((block, i) => {
			this.#view.setUint16(block + S.REC_HEAT, S.HOT + slot + i, true);
		});
		this.core.linkJumps();
		const inside = new Set(made.flatMap((region) => region.inside));
		this.#live.push({ slot, blocks, inside, bytes: bytes.length });
		this.stats.compiled += made.length;
		this.stats.bytes += bytes.length;
		this.stats.modules++;
		this.#count();
	}

	#emitAll(module: Module, sources: Source[]): Made[] {
		const made: Made[] = [];
		for (const { request, source, inside } of sources) {
			const callee = module.declare(`region${made.length}`, REGION);
			const body = this.#emit(module, callee, request, source);
			if (body) made.push({ request, callee, inside });
			else this.#view.setUint16(request.block + S.REC_HEAT, S.NEVER, true);
			module.define(callee, body ?? nothing());
		}
		return made;
	}

	/** Once more, and without it, where an instruction turns out to be one that no region can hold. */
	#emit(module: Module, callee: Callee, request: Request, first: RegionSource): Body | undefined {
		for (let source: RegionSource | undefined = first; source; source = this.#source(request)?.source) {
			try {
				return emitRegion(module, callee, source);
			} catch (error) {
				if (!(error instanceof Inexpressible)) throw error;
				this.#inexpressible.add(this.#kindOf(error.instruction, source.mode));
			}
		}
		return undefined;
	}

	/**
	 * The regions to make of what waits. What begins first in its page comes first: mostly a function's start, and the
	 * blocks that lie inside its region are entered through it from now on, so they are counted afresh.
	 */
	#takeSources(): Source[] {
		const view = this.#view;
		const queue = this.#queue.sort((a, b) => a.page - b.page || a.offset - b.offset);
		const inside = new Set<string>();
		const sources: Source[] = [];
		let instructions = 0;
		let taken = 0;
		for (const request of queue) {
			if (instructions > LARGEST_BATCH || sources.length === this.limits.regions) break;
			taken++;
			const place = (offset: number) => `${request.page} ${request.mode} ${offset}`;
			const isInside = inside.has(place(request.offset));
			const chosen = isInside ? request : this.#outermost(request);
			const found = isInside ? undefined : this.#source(chosen);
			view.setUint16(request.block + S.REC_HEAT, isInside || chosen !== request ? 0 : S.NEVER, true);
			if (!found) continue;
			for (const block of found.blocks) {
				inside.add(place(block.offset));
				instructions += block.instructions.length;
				this.#countAfresh(found.source.blockAt(block.offset));
			}
			sources.push({
				request: chosen,
				source: found.source,
				inside: found.blocks.map(({ offset }) => request.page + offset),
			});
		}
		this.#queue = queue.slice(taken);
		return sources;
	}

	/**
	 * The block to begin with: what was asked for, or one before it whose region holds it and that is entered often, too.
	 * Inner loops become hot first; what is around them, an outer loop or a function's start, is entered again and again, and
	 * would need the same code once more.
	 */
	#outermost(request: Request): Request {
		const { page, mode, offset } = request;
		const share = this.#layers(page + offset) ? OUTER_SHARE_AGAIN : OUTER_SHARE;
		const often = this.#view.getUint32(S.CPU + S.HOT_AFTER, true) / share;
		const blocks = this.core.blocksOf(S.CPU, page, mode);
		let tries = OUTER_TRIES;
		for (let at = Math.max(0, offset - OUTER_REACH); at < offset && tries; at++) {
			const block = this.#view.getUint32(blocks + at * 4, true);
			const heat = block && this.#view.getUint16(block + S.REC_HEAT, true);
			if (heat < often || heat >= S.HOT) continue;
			const outer = { ...request, block, offset: at, linear: request.linear - BigInt(offset - at) };
			if (this.#discover(outer)?.blocks.some((inner) => inner.offset === offset)) return outer;
			tries--;
		}
		return request;
	}

	/** How many batches have the block inside a region. */
	#layers(address: number): number {
		return this.#live.reduce((sum, { inside }) => sum + Number(inside.has(address)), 0);
	}

	/** A block inside a region is seldom entered by itself from now on: what it has counted is past. */
	#countAfresh(block: number): void {
		const heat = this.#view.getUint16(block + S.REC_HEAT, true);
		if (block && heat < S.HOT) this.#view.setUint16(block + S.REC_HEAT, 0, true);
	}

	#linked(): WebAssembly.Exports {
		this.#chain ??= new WebAssembly.Instance(this.#links, {
			env: { memory: this.memory, table: this.table },
		}).exports;
		return this.#chain;
	}

	#count(): void {
		this.stats.live = this.#live.reduce((sum, { blocks }) => sum + blocks.length, 0);
		this.stats.liveBytes = this.#liveBytes();
	}

	#liveBytes(): number {
		return this.#live.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	/** Takes the oldest batches out: those in the slots that are wanted, and as many as the limits need. */
	#makeRoom(slot: number, count: number, bytes: number): void {
		let held = this.#liveBytes() + bytes;
		this.#live = this.#live.filter((batch) => {
			const inTheWay = batch.slot < slot + count && slot < batch.slot + batch.blocks.length;
			if (!inTheWay && held <= this.limits.bytes) return true;
			held -= batch.bytes;
			this.#evict(batch);
			return false;
		});
	}

	/** Its blocks are counted afresh, if they are still the ones. */
	#evict({ slot, blocks }: Batch): void {
		blocks.forEach((block, i) => {
			this.table.set(slot + i, null);
			if (this.#view.getUint16(block + S.REC_HEAT, true) === S.HOT + slot + i)
				this.#view.setUint16(block + S.REC_HEAT, 0, true);
		});
		this.stats.evicted += blocks.length;
	}

	/** If all records are gone, so is everything that was made of them or waits. */
	#noticeDrops(): void {
		const drops = this.core.dropCount();
		if (drops === this.#drops) return;
		this.#drops = drops;
		this.stats.drops++;
		for (const { slot, blocks } of this.#live) blocks.forEach((_, i) => this.table.set(slot + i, null));
		this.#live = [];
		this.#queue = [];
		this.#next = 0;
		this.#count();
	}

	#source(request: Request): { source: RegionSource; blocks: BasicBlock[] } | undefined {
		const found = this.#discover(request);
		if (!found) return undefined;
		const { reader, blocks, room } = found;
		inlineCalls(reader, blocks, room);
		const mode = modeOf(request.mode);
		const addendsAgree = this.core.addendsAgree(mode.tlb) !== 0;
		const source = { entry: blocks[0], mode, view: this.#view, addendsAgree, blockAt: reader.blockAt };
		return { source, blocks };
	}

	/** The request's own blocks, and about how many instructions more the region may hold. */
	#discover({ block, page, mode, offset: entry }: Request) {
		const view = this.#view;
		const regionMode = modeOf(mode);
		const table = this.core.blocksOf(S.CPU, page, mode);
		const reader: CallReader = {
			view,
			size: regionMode.size,
			callee: (call) => this.#callee(call, reader.blockAt),
			variantOf: this.variantOf,
			blockAt: (offset) => (offset === entry ? block : view.getUint32(table + offset * 4, true)),
			decodeBehind: (offset) => void this.core.continuedBlock(S.CPU, page, mode, offset),
			compiles: (instruction) => this.#compiles(instruction, regionMode),
		};
		const largest = this.#layers(page + entry) < LAYERS ? LARGEST : LARGEST_ABOVE;
		const blocks = discover(reader, entry, largest);
		if (!blocks) return undefined;
		const instructions = blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);
		return { reader, blocks, room: largest - instructions };
	}

	/** Where a call goes inside its page, if it and its callee are entered often. */
	#callee(call: Instruction, blockAt: (offset: number) => number): number | undefined {
		const view = this.#view;
		const often = view.getUint32(S.CPU + S.HOT_AFTER, true) / INLINED_SHARE;
		const isOften = (block: number) => block !== 0 && view.getUint16(block + S.REC_HEAT, true) >= often;
		const link = view.getUint32(call.record + S.REC_LINK, true);
		const isDirect = isBranch(call.variant!);
		if (!isDirect && !link) return undefined;
		const target = isDirect ? branchTarget({ view }, call) : offsetOf(view, link);
		if (target < 0 || target >= 4096) return undefined;
		const block = blockAt(target);
		if (!isDirect && block !== link) return undefined;
		return isOften(block) && isOften(blockAt(call.next)) ? target : undefined;
	}

	/** Whether a region can hold the instruction, as far as is known. */
	#compiles(instruction: Instruction, mode: RegionMode): boolean {
		return !this.#inexpressible.has(this.#kindOf(instruction, mode));
	}

	/** What it depends on whether a region can hold an instruction: not on its operands' numbers. */
	#kindOf({ record }: Instruction, mode: RegionMode): number {
		const segmented = this.#view.getUint16(record + S.REC_INFO, true) & S.INFO_SEGMENTED;
		return this.#view.getUint16(record + S.REC_OP, true) * 256 + mode.size + (segmented ? 1 : 0);
	}
}

/** The body of a function that is in no table. */
function nothing(): Body {
	const body = new Body(REGION.parameters);
	body.op("unreachable");
	return body;
}

function modeOf(mode: number): RegionMode {
	const size = ([16, 32, 64] as const)[mode & S.MODE_SIZE];
	return {
		size,
		tlb: S.TLB + ((mode >> S.MODE_TLB_SHIFT) & 3) * S.TLB_BYTES,
		flatStack: size === 64 || (mode & S.MODE_FLAT) !== 0,
		stackWidth: size === 64 ? 64 : mode & S.MODE_WIDE_STACK ? 32 : 16,
	};
}

/** What stack traces and profiles call regions: "region ADDRESS". */
function withNames(bytes: Uint8Array, made: Made[]): Uint8Array<ArrayBuffer> {
	const names = made.map(({ callee, request }): [number, string] => {
		return [callee.index, `region ${request.linear.toString(16)}`];
	});
	const section = nameSection("regions", names);
	const whole = new Uint8Array(bytes.length + section.length);
	whole.set(bytes);
	whole.set(section, bytes.length);
	return whole;
}

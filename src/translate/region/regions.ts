/**
 * The compiler's desk: hot blocks come in, regions go into the table, many at a time. A region is found through the
 * first record of its block, so code that is dropped takes its regions with it. The table is
 * a ring: what is oldest makes room for what is new, and comes back if it is still hot.
 */
import type { RegionStats } from "../../bus/processor.ts";
import * as S from "../../core/state.ts";
import type { Variant } from "../../x86/expand.ts";
import { Body, Module } from "../wasm.ts";
import { Accesses } from "./accesses.ts";
import { compileRegion, type RegionSource } from "./compile.ts";
import { discover, type Instruction, type RecordReader } from "./discover.ts";
import { RegionFlags } from "./flags.ts";
import { RegionFrame, type RegionMode } from "./frame.ts";
import { buildLinks } from "./links.ts";
import { History } from "./liveness.ts";
import { RegionRegisters } from "./registers.ts";
import { RegionSegments } from "./segments.ts";

/** core.wasm's functions that the compiler calls. */
export interface RegionCore extends WebAssembly.Exports {
	knownBlock(cpu: number, page: number, mode: number, offset: number): number;
	dropCount(): number;
}

export interface RegionLimits {
	/** Places in the table. */
	regions: number;
	/** WebAssembly bytes of all regions in it. */
	bytes: number;
}

/** The engine's code is some four times as large as the bytes, and a region costs a kilobyte or two besides. */
const LIMITS: RegionLimits = { regions: 8192, bytes: 16 << 20 };

interface Request {
	block: number;
	page: number;
	mode: number;
}

interface LiveRegion {
	slot: number;
	block: number;
	bytes: number;
}

export class Regions {
	readonly table: WebAssembly.Table;
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
	readonly #expressible = new Map<string, boolean>();
	readonly #links: WebAssembly.Module;
	#chain: WebAssembly.Exports | undefined;
	#queue: Request[] = [];
	/** Oldest first. */
	#live: LiveRegion[] = [];
	#next = 0;
	#drops = 0;

	constructor(
		private readonly memory: WebAssembly.Memory,
		private readonly variants: Variant[],
		/** If not, every block is left to the interpreter. */
		private readonly enabled: boolean,
		private readonly limits: RegionLimits = LIMITS,
	) {
		this.#view = new DataView(memory.buffer);
		this.table = new WebAssembly.Table({ element: "anyfunc", initial: limits.regions });
		this.#links = new WebAssembly.Module(buildLinks());
	}

	/** Notes that `block`, a record of the physical page, is to be compiled. */
	request(block: number, page: number): void {
		const heat = this.enabled ? S.QUEUED : S.NEVER;
		this.#view.setUint16(block + S.REC_HEAT, heat, true);
		if (this.enabled) this.#queue.push({ block, page, mode: this.#view.getUint32(S.CPU + S.MODE, true) });
	}

	get waiting(): number {
		return this.#queue.length;
	}

	/** Compiles what waits. No region may be under way. */
	compile(): void {
		const drops = this.core.dropCount();
		if (drops !== this.#drops) this.#startOver(drops);
		const queue = this.#queue;
		this.#queue = [];
		const sources = queue.flatMap((request) => {
			const source = this.#source(request);
			if (!source) this.#view.setUint16(request.block + S.REC_HEAT, S.NEVER, true);
			return source ? [{ request, source }] : [];
		});
		if (!sources.length) return;
		if (this.#next + sources.length > this.limits.regions) this.#next = 0;
		const slot = this.#next;
		this.#next += sources.length;
		const module = new Module();
		const callees = sources.map(({ source }, i) => compileRegion(module, `region${i}`, source));
		module.elements(slot, callees);
		const bytes = module.encode();
		this.#makeRoom(slot, sources.length, bytes.length);
		new WebAssembly.Instance(new WebAssembly.Module(bytes), {
			env: { memory: this.memory, table: this.table },
			core: this.core,
			links: this.#linked(),
		});
		sources.forEach(({ request: { block } }, i) => {
			this.#view.setUint16(block + S.REC_HEAT, S.HOT + slot + i, true);
			this.#live.push({ slot: slot + i, block, bytes: bytes.length / sources.length });
		});
		this.stats.compiled += sources.length;
		this.stats.bytes += bytes.length;
		this.stats.modules++;
		this.#count();
	}

	#linked(): WebAssembly.Exports {
		this.#chain ??= new WebAssembly.Instance(this.#links, {
			env: { memory: this.memory, table: this.table },
		}).exports;
		return this.#chain;
	}

	#count(): void {
		this.stats.live = this.#live.length;
		this.stats.liveBytes = this.#live.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	/** Takes the oldest regions out: those in the slots that are wanted, and as many as the bytes need. */
	#makeRoom(slot: number, count: number, bytes: number): void {
		let held = this.#live.reduce((sum, region) => sum + region.bytes, 0) + bytes;
		const stays: LiveRegion[] = [];
		for (const region of this.#live) {
			const inTheWay = region.slot >= slot && region.slot < slot + count;
			if (!inTheWay && held <= this.limits.bytes) {
				stays.push(region);
				continue;
			}
			held -= region.bytes;
			this.#evict(region);
		}
		this.#live = stays;
	}

	/** Its block is counted afresh, if it is still the one. */
	#evict({ slot, block }: LiveRegion): void {
		this.table.set(slot, null);
		if (this.#view.getUint16(block + S.REC_HEAT, true) === S.HOT + slot)
			this.#view.setUint16(block + S.REC_HEAT, 0, true);
		this.stats.evicted++;
	}

	/** All records are gone. */
	#startOver(drops: number): void {
		this.#drops = drops;
		this.stats.drops++;
		for (const { slot } of this.#live) this.table.set(slot, null);
		this.#live = [];
		this.#queue = [];
		this.#next = 0;
		this.#count();
	}

	#source({ block, page, mode }: Request): RegionSource | undefined {
		const view = this.#view;
		const entry = view.getUint16(block + S.REC_NEXT, true) - view.getUint8(block + S.REC_LENGTH);
		const regionMode = this.#mode(mode);
		const reader: RecordReader = {
			view,
			variants: this.variants,
			blockAt: (offset) => (offset === entry ? block : this.core.knownBlock(S.CPU, page, mode, offset)),
			compiles: (instruction) => this.#compiles(instruction, regionMode),
		};
		const blocks = discover(reader, entry);
		return blocks && { entry: blocks[0], mode: regionMode, view, blockAt: reader.blockAt };
	}

	#mode(mode: number): RegionMode {
		const size = ([16, 32, 64] as const)[mode & S.MODE_SIZE];
		const wideStack = this.#view.getUint32(S.CPU + S.SS + S.SEG_ATTRIBUTES, true) & S.ATTRIBUTE_B;
		return {
			size,
			tlb: S.TLB + ((mode >> S.MODE_TLB_SHIFT) & 3) * S.TLB_BYTES,
			flatStack: size === 64 || (mode & S.MODE_FLAT) !== 0,
			stackWidth: size === 64 ? 64 : wideStack ? 32 : 16,
		};
	}

	/** Tries the variant on a body that is thrown away; what it is does not depend on the operands' numbers. */
	#compiles(instruction: Instruction, mode: RegionMode): boolean {
		const variant = instruction.variant!;
		if (variant.options.privileged) return false;
		const segmented = this.#view.getUint16(instruction.record + S.REC_INFO, true) & S.INFO_SEGMENTED;
		const key = `${mode.size} ${segmented} ${this.variants.indexOf(variant)}`;
		let known = this.#expressible.get(key);
		if (known === undefined) {
			known = this.#tries(instruction, mode);
			this.#expressible.set(key, known);
		}
		return known;
	}

	#tries(instruction: Instruction, mode: RegionMode): boolean {
		const module = new Module();
		const body = new Body(["i32", "i64", "i32", "i32"]);
		const settle = module.import("core", "settleFlags", { parameters: [], results: [] });
		const nothing = () => {};
		const context = {
			module,
			body,
			view: this.#view,
			mode,
			registers: new RegionRegisters(body, new History(), mode.size === 64),
			flags: new RegionFlags(body, settle),
			segments: new RegionSegments(body),
			accesses: new Accesses(body, 0, true),
			pageBase: 1,
			bail: () => nothing,
			leave: nothing,
			branch: nothing,
		};
		try {
			new RegionFrame(context, instruction).emit();
			return true;
		} catch {
			return false;
		}
	}
}

/**
 * The compiler's desk: hot blocks come in, regions go into the table, many at a time. A region is found through the
 * first record of its block, so code that is dropped takes its regions with it. The table is
 * a ring: what is oldest makes room for what is new, and comes back if it is still hot.
 */
import type { DraftPolicy, RegionStats } from "../../bus/processor.ts";
import * as S from "../../core/state.ts";
import type { Variant } from "../../x86/expand.ts";
import { type DraftCore, Drafts } from "../draft/drafts.ts";
import { nameSection } from "../names.ts";
import { Body, type Callee, Module } from "../wasm.ts";
import { type Choice, Chooser, type CodeReader, draftWord, type Request } from "./choose.ts";
import { emitRegion } from "./compile.ts";
import { offsetOf } from "./discover.ts";
import { buildLinks, REGION } from "./links.ts";
import { Inexpressible } from "./source.ts";

/** core.wasm's functions that the compiler calls. */
export interface RegionCore extends CodeReader, DraftCore, WebAssembly.ModuleImports {
	/** To be told when regions have come or gone. */
	linkJumps(): void;
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
 * it, twenty bytes a place, and keeps it as long as the table lives; so a table is given up after so many modules, and
 * begins small.
 */
const LIMITS: RegionLimits = { regions: 4096, modules: 512, bytes: 16 << 20 };
const PLACES_AT_FIRST = 128;

interface Made {
	choice: Choice;
	callee: Callee;
}

/** Regions that were compiled together, and go together. */
interface Batch {
	slot: number;
	/** Records by which each is entered, by place in the table. */
	doors: number[][];
	/** Physical addresses of all blocks inside; drafts are in nobody's way. */
	inside: Set<number>;
	areDrafts: boolean;
	bytes: number;
}

/** A batch that is about to be, with how its module is made. */
interface Installed extends Pick<Batch, "doors" | "inside" | "areDrafts"> {
	/** @param slot the first function's place */
	encode(slot: number): Uint8Array<ArrayBuffer>;
	compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module;
}

export interface RegionPolicy {
	/** If not, every block is left to the interpreter. */
	enabled: boolean;
	drafts: DraftPolicy;
	/** Makes drafts' modules. */
	compileLightly(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module;
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
		drafts: 0,
	};
	readonly #view: DataView;
	#core!: RegionCore;
	#chooser!: Chooser;
	#drafts!: Drafts;
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
		private readonly policy: RegionPolicy,
		private readonly limits: RegionLimits = LIMITS,
	) {
		this.#view = new DataView(memory.buffer);
		this.table = this.#newTable();
		this.#links = new WebAssembly.Module(buildLinks());
	}

	/** Gives the functions of core/, whose module imports what asks for regions. */
	attach(core: RegionCore): void {
		this.#core = core;
		this.#drafts = new Drafts(this.memory.buffer, core, this.policy.drafts.blocks, this.limits.regions);
		this.#chooser = new Chooser(this.#view, core, this.variantOf, (address) => this.#layers(address));
	}

	#newTable(): WebAssembly.Table {
		const initial = Math.min(PLACES_AT_FIRST, this.limits.regions);
		return new WebAssembly.Table({ element: "anyfunc", initial });
	}

	/** Places for so many functions side by side. @returns the first */
	#placesFor(count: number): number {
		const { regions } = this.limits;
		if (this.#next + count > regions) this.#next = 0;
		const slot = this.#next;
		this.#next += count;
		const { length } = this.table;
		if (this.#next > length) this.table.grow(Math.min(regions, Math.max(2 * length, this.#next)) - length);
		return slot;
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
		view.setUint16(block + S.REC_HEAT, this.policy.enabled ? S.QUEUED : S.NEVER, true);
		if (!this.policy.enabled) return;
		this.#noticeDrops();
		const mode = view.getUint32(S.CPU + S.MODE, true);
		const offset = offsetOf(view, block);
		const rip = view.getBigUint64(S.CPU + S.PAGE_BASE, true) + BigInt(offset);
		const linear = BigInt.asUintN(64, rip + view.getBigUint64(S.CPU + S.CS + S.SEG_BASE, true));
		this.#queue.push({ block, page, mode, offset, linear });
	}

	/** Notes that warm blocks of the physical page are to be drafted. */
	requestDraft(page: number, mode: number): void {
		this.#noticeDrops();
		if (this.policy.enabled) this.#drafts.request(page, mode);
	}

	get waiting(): number {
		return this.#queue.length + this.#drafts.waiting;
	}

	/** Compiles what waits, or the first of it. No region may be under way. */
	compile(): void {
		this.#noticeDrops();
		if (this.#drafts.waiting) this.#draft();
		if (this.#queue.length) this.#compileRegions();
	}

	#draft(): void {
		const made = this.#drafts.make();
		if (!made) return;
		const compile = this.policy.compileLightly;
		const slot = this.#install({ ...made, inside: new Set(), areDrafts: true, compile });
		this.#core.installDrafts(slot);
		this.#core.linkJumps();
		this.stats.drafts += made.doors.length;
		this.#count();
	}

	#compileRegions(): void {
		const module = new Module();
		const made = this.#emitAll(module, this.#chooser.take(this.#queue, this.limits.regions));
		if (!made.length) return;
		const callees = made.map(({ callee }) => callee);
		const doors = made.map(({ choice }) => choice.doors);
		const inside = new Set(
			made.flatMap(({ choice: { request, offsets } }) => offsets.map((offset) => request.page + offset)),
		);
		const slot = this.#install({
			doors,
			inside,
			areDrafts: false,
			encode: (slot) => {
				module.elements(slot, callees);
				return joined(module.encode(), namesOf(made));
			},
			compile: (bytes) => new WebAssembly.Module(bytes),
		});
		this.#each(doors, (record, i) => this.#view.setUint16(record + S.REC_HEAT, S.HOT + slot + i, true));
		this.#core.linkJumps();
		this.stats.compiled += made.length;
		this.#count();
	}

	/** Instantiates a module whose functions go into the table side by side. @returns where the first of them is */
	#install({ encode, compile, ...batch }: Installed): number {
		const count = batch.doors.length;
		if (++this.#inTable > this.limits.modules) this.#renew();
		const slot = this.#placesFor(count);
		const bytes = encode(slot);
		this.#makeRoom(slot, count, bytes.length);
		new WebAssembly.Instance(compile(bytes), {
			env: { memory: this.memory, table: this.table },
			core: this.#core,
			links: this.#linked(),
		});
		this.#live.push({ ...batch, slot, bytes: bytes.length });
		this.stats.bytes += bytes.length;
		this.stats.modules++;
		return slot;
	}

	#emitAll(module: Module, choices: Choice[]): Made[] {
		const made: Made[] = [];
		for (const first of choices) {
			const callee = module.declare(`region${made.length}`, REGION);
			const [choice, body] = this.#emit(module, callee, first);
			if (choice) made.push({ choice, callee });
			else this.#view.setUint16(first.request.block + S.REC_HEAT, S.NEVER, true);
			module.define(callee, body);
		}
		return made;
	}

	/** Once more, and without it, where an instruction turns out to be one that no region can hold. */
	#emit(module: Module, callee: Callee, first: Choice): [Choice | undefined, Body] {
		let choice: Choice | undefined = first;
		while (choice) {
			try {
				return [choice, emitRegion(module, callee, choice.source)];
			} catch (error) {
				if (!(error instanceof Inexpressible)) throw error;
				choice = this.#chooser.without(error, choice);
			}
		}
		return [undefined, nothing()];
	}

	/** How many batches have the block inside a region. */
	#layers(address: number): number {
		return this.#live.reduce((sum, { inside }) => sum + Number(inside.has(address)), 0);
	}

	#linked(): WebAssembly.Exports {
		this.#chain ??= new WebAssembly.Instance(this.#links, {
			env: { memory: this.memory, table: this.table },
			core: this.#core,
		}).exports;
		return this.#chain;
	}

	#count(): void {
		const regions = this.#live.filter(({ areDrafts }) => !areDrafts);
		this.stats.live = regions.reduce((sum, { doors }) => sum + doors.length, 0);
		this.stats.liveBytes = this.#liveBytes();
	}

	#liveBytes(): number {
		return this.#live.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	/** Takes the oldest batches out: those in the slots that are wanted, and as many as the limits need. */
	#makeRoom(slot: number, count: number, bytes: number): void {
		let held = this.#liveBytes() + bytes;
		this.#live = this.#live.filter((batch) => {
			const inTheWay = batch.slot < slot + count && slot < batch.slot + batch.doors.length;
			if (!inTheWay && held <= this.limits.bytes) return true;
			held -= batch.bytes;
			this.#evict(batch);
			return false;
		});
	}

	/** Its blocks are counted afresh, if they are still the ones. */
	#evict({ slot, doors }: Batch): void {
		doors.forEach((_, i) => this.table.set(slot + i, null));
		this.#each(doors, (record, i) => {
			const heat = S.HOT + slot + i;
			if (this.#view.getUint16(record + S.REC_HEAT, true) === heat)
				this.#view.setUint16(record + S.REC_HEAT, 0, true);
			const word = draftWord(record);
			if (this.#view.getUint32(word, true) >>> S.DRAFT_HEAT_SHIFT === heat)
				this.#view.setUint32(word, 0, true);
		});
		this.stats.evicted += doors.length;
	}

	/** Each record by which a region is entered, with the region's number in its batch. */
	#each(doors: number[][], act: (record: number, i: number) => void): void {
		doors.forEach((records, i) => {
			for (const record of records) act(record, i);
		});
	}

	/** If all records are gone, so is everything that was made of them or waits. */
	#noticeDrops(): void {
		const drops = this.#core.dropCount();
		if (drops === this.#drops) return;
		this.#drops = drops;
		this.stats.drops++;
		for (const { slot, doors } of this.#live) doors.forEach((_, i) => this.table.set(slot + i, null));
		this.#live = [];
		this.#queue = [];
		this.#drafts.forget();
		this.#next = 0;
		this.#count();
	}
}

/** The body of a function that is in no table. */
function nothing(): Body {
	const body = new Body(REGION.parameters);
	body.op("unreachable");
	return body;
}

/** What stack traces and profiles call regions: "region ADDRESS". */
function namesOf(made: Made[]): Uint8Array {
	const names = made.map(({ callee, choice }): [number, string] => {
		return [callee.index, `region ${choice.request.linear.toString(16)}`];
	});
	return nameSection("regions", names);
}

function joined(bytes: Uint8Array, more: Uint8Array): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(bytes.length + more.length);
	whole.set(bytes);
	whole.set(more, bytes.length);
	return whole;
}

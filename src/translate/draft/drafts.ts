/** Pages whose blocks are warm, and the module that core/draft/draft.ts writes for them. */
import * as S from "../../core/state.ts";
import { nameSection } from "../names.ts";
import { REGION } from "../region/links.ts";
import { Module } from "../wasm.ts";
import { IMPORTS, importAll } from "./imports.ts";

/** core.wasm's functions that draft. */
export interface DraftCore {
	beginDrafts(imports: number, most: number): void;
	/** Whether there was room for it. */
	draftPage(cpu: number, page: number, mode: number): number;
	draftFunctions(): number;
	draftCodeEnd(): number;
	draftDoors(): number;
	installDrafts(place: number): void;
}

/** Drafts that have been written: their functions are to lie side by side in the table. */
export interface DraftModule {
	/** The records by which each is entered. */
	doors: number[][];
	/** @param slot the first function's place */
	encode(slot: number): Uint8Array<ArrayBuffer>;
}

export class Drafts {
	/** Pages that wait, with their modes. */
	#queue = new Map<string, [page: number, mode: number]>();
	/** How many blocks have become warm since there was a module, and how many have been drafted. */
	#blocks = 0;
	#drafted = 0;

	constructor(
		private readonly buffer: ArrayBuffer,
		private readonly core: DraftCore,
		/** So many blocks must have become warm. */
		private readonly least: number,
		/** Functions of a module. */
		private readonly most: number,
	) {}

	request(page: number, mode: number): void {
		this.#queue.set(`${page} ${mode}`, [page, mode]);
		this.#blocks++;
	}

	/** How many pages are to be drafted now. Blocks that come late are seldom entered, and few to a function: modules grow. */
	get waiting(): number {
		return this.#blocks < Math.max(this.least, this.#drafted / 2) ? 0 : this.#queue.size;
	}

	/** All code was dropped. */
	forget(): void {
		this.#startAfresh();
		this.#drafted = 0;
	}

	#startAfresh(): void {
		this.#queue.clear();
		this.#blocks = 0;
	}

	/** Drafts what waits, or the first of it; undefined where nothing came of it. */
	make(): DraftModule | undefined {
		const { core } = this;
		core.beginDrafts(IMPORTS, this.most);
		for (const [key, [page, mode]] of this.#queue) {
			if (!core.draftPage(S.CPU, page, mode)) break;
			this.#queue.delete(key);
		}
		const count = core.draftFunctions();
		if (!count || !this.#queue.size) this.#startAfresh();
		if (!count) return undefined;
		this.#drafted += core.draftDoors();
		return { doors: this.#doors(count), encode: (slot) => this.#encode(count, slot) };
	}

	/** The module where it lies in memory, around the bodies: a megabyte that is not copied is not touched either. */
	#encode(count: number, slot: number): Uint8Array<ArrayBuffer> {
		const module = new Module();
		importAll(module);
		const callees = Array.from({ length: count }, (_, i) => module.declare(`draft${i}`, REGION));
		module.elements(slot, callees);
		const codeEnd = this.core.draftCodeEnd();
		const before = module.encodeBefore(codeEnd - S.DRAFT_CODE);
		const start = S.DRAFT_CODE - before.length;
		const end = codeEnd + DRAFT_NAMES.length;
		if (start < S.DRAFT_MODULE || end > S.DRAFT_MODULE_END) throw new Error("no room for the drafts' module");
		const memory = new Uint8Array(this.buffer);
		memory.set(before, start);
		memory.set(DRAFT_NAMES, codeEnd);
		return memory.subarray(start, end);
	}

	#doors(count: number): number[][] {
		const pairs = new Uint32Array(this.buffer, S.DRAFT_DOORS, 2 * this.core.draftDoors());
		const doors: number[][] = Array.from({ length: count }, () => []);
		for (let i = 0; i < pairs.length; i += 2) doors[pairs[i + 1]].push(pairs[i]);
		return doors;
	}
}

/** What stack traces and profiles call drafts. */
const DRAFT_NAMES = nameSection("drafts");

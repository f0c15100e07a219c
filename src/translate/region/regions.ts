/**
 * The compiler's desk: hot blocks come in, regions go into the table. A region is found through the
 * first record of its block, so code that is dropped takes its regions with it.
 */
import * as S from "../../core/state.ts";
import type { Variant } from "../../x86/expand.ts";
import { Body, Module } from "../wasm.ts";
import { compileRegion } from "./compile.ts";
import { discover, type Instruction, type RecordReader } from "./discover.ts";
import { RegionFlags } from "./flags.ts";
import { RegionFrame } from "./frame.ts";
import { RegionRegisters } from "./registers.ts";

/** core.wasm's functions that the compiler calls. */
export interface RegionCore extends WebAssembly.Exports {
	blockBeside(cpu: number, page: number, offset: number): number;
	dropCount(): number;
	dropAll(cpu: number): void;
}

/** A region costs tens of kilobytes of the engine's memory; past this many, all code is dropped and the hot part compiled again. */
const LARGEST_TABLE = 2048;

export class Regions {
	readonly table = new WebAssembly.Table({ element: "anyfunc", initial: 1024, maximum: LARGEST_TABLE });
	compiled = 0;
	bytes = 0;
	#next = 0;
	#drops = 0;
	readonly #view: DataView;
	readonly #expressible = new Map<Variant, boolean>();
	core!: RegionCore;

	constructor(
		private readonly memory: WebAssembly.Memory,
		private readonly variants: Variant[],
		/** If not, every block is left to the interpreter. */
		private readonly enabled: boolean,
	) {
		this.#view = new DataView(memory.buffer);
	}

	/** Compiles the region that begins with `block`, a record of the physical page. */
	request(block: number, page: number): void {
		const before = this.core.dropCount();
		if (before !== this.#drops) this.#startOver(before);
		const view = this.#view;
		const reader: RecordReader = {
			view,
			variants: this.variants,
			blockAt: (offset) => (offset === entry ? block : this.core.blockBeside(S.CPU, page, offset)),
			compiles: (instruction) => this.#compiles(instruction),
		};
		const entry = view.getUint16(block + S.REC_NEXT, true) - view.getUint8(block + S.REC_LENGTH);
		if (this.#next === LARGEST_TABLE) {
			this.core.dropAll(S.CPU);
			return;
		}
		const blocks = this.enabled ? discover(reader, entry) : undefined;
		if (this.core.dropCount() !== before) return; // the block is gone
		if (!blocks) {
			view.setUint16(block + S.REC_HEAT, S.NEVER, true);
			return;
		}
		const bytes = compileRegion(blocks, view);
		const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
			env: { memory: this.memory, table: this.table },
			core: this.core,
		});
		if (this.#next >= this.table.length) this.table.grow(1024);
		this.table.set(this.#next, instance.exports.region as () => number);
		view.setUint16(block + S.REC_HEAT, S.HOT + this.#next++, true);
		this.compiled++;
		this.bytes += bytes.length;
	}

	#startOver(drops: number): void {
		this.#drops = drops;
		for (let i = 0; i < this.#next; i++) this.table.set(i, null);
		this.#next = 0;
	}

	/** Tries the variant on a body that is thrown away; what it is does not depend on the operands' numbers. */
	#compiles(instruction: Instruction): boolean {
		const info = this.#view.getUint16(instruction.record + S.REC_INFO, true);
		if (info & S.INFO_SEGMENTED) return false;
		const variant = instruction.variant!;
		const known = this.#expressible.get(variant);
		if (known !== undefined) return known;
		const result = variant.options.privileged ? false : this.#tries(instruction);
		this.#expressible.set(variant, result);
		return result;
	}

	#tries(instruction: Instruction): boolean {
		const module = new Module();
		const body = new Body(["i32"]);
		const settle = module.import("core", "settleFlags", { parameters: [], results: [] });
		const nothing = () => {};
		const context = {
			module,
			body,
			view: this.#view,
			registers: new RegionRegisters(body),
			flags: new RegionFlags(body, settle),
			pageBase: 0,
			tlb: 0,
			bail: nothing,
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

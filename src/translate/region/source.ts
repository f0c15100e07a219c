/** What the compiler is asked for, and why it may refuse. */
import type { BasicBlock, Instruction } from "./discover.ts";
import type { RegionMode } from "./frame.ts";

/** What is to become a function. */
export interface RegionSource {
	entry: BasicBlock;
	/** Of its own blocks, without callees'. */
	instructions: number;
	mode: RegionMode;
	view: DataView;
	/** Most pages have one and the same TLB_ADDEND. */
	addendsAgree: boolean;
	/** The record of the block at an offset of the page, if it was entered before; else 0. */
	blockAt(offset: number): number;
}

/** An instruction that no region can hold. */
export class Inexpressible extends Error {
	constructor(
		readonly instruction: Instruction,
		/** What it asks for that a region does not express. */
		what: string,
	) {
		super(what);
	}
}

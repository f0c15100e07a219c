/** Whether a region can hold an instruction, for documentation: it is tried on a body that is thrown away. */
import * as S from "../../core/state.ts";
import type { Variant } from "../../x86/expand.ts";
import { Body, Module } from "../wasm.ts";
import { Accesses } from "./accesses.ts";
import type { Instruction } from "./discover.ts";
import { RegionFlags } from "./flags.ts";
import { RegionFrame, type RegionMode } from "./frame.ts";
import { SETTLE } from "./links.ts";
import { History } from "./liveness.ts";
import { RegionRegisters } from "./registers.ts";
import { RegionSegments } from "./segments.ts";
import { Inexpressible } from "./source.ts";

/** @param view the memory that the instruction's record lies in; its operands' numbers do not matter */
export function isExpressible(view: DataView, instruction: Instruction, mode: RegionMode): boolean {
	const module = new Module();
	const body = new Body(["i32", "i64", "i32", "i32"]);
	const settle = module.import("links", "settle", SETTLE);
	const nothing = () => {};
	const context = {
		module,
		body,
		view,
		mode,
		registers: new RegionRegisters(body, new History(), mode.size === 64),
		flags: new RegionFlags(body, settle),
		segments: new RegionSegments(body),
		accesses: new Accesses(body, 0, true),
		pageBase: 1,
		bail: () => nothing,
		leave: nothing,
		checkBranch: nothing,
		branch: nothing,
	};
	try {
		new RegionFrame(context, instruction).emit();
		return true;
	} catch (error) {
		if (error instanceof Inexpressible) return false;
		throw error;
	}
}

const MODE_64: RegionMode = { size: 64, tlb: S.TLB, flatStack: true, stackWidth: 64 };
const MODE_32: RegionMode = { size: 32, tlb: S.TLB, flatStack: true, stackWidth: 32 };

/** Whether hot code with the variant is compiled, in 64-bit mode or else in flat 32-bit code. */
export function isCompiled(variant: Variant): boolean {
	const instruction: Instruction = { record: 0, offset: 0, next: 0, variant };
	const legacy = variant.options.only === "legacy" || variant.long === false;
	return isExpressible(new DataView(new ArrayBuffer(64)), instruction, legacy ? MODE_32 : MODE_64);
}

// What the drafter asks of a record: where its stencil is, and what the stencil's header says.

import { REC_LENGTH, REC_NEXT, REC_OP, REC_REG, REC_RM, STENCILS } from "../state";
import { STENCIL_CASES, STENCIL_END } from "../stencil";

/** Where a record's stencil lies, one that leaves flags behind or one that does not, its access alone or in a group; 0 where it has none. */
@inline
export function stencilOf(record: usize, leavesFlags: bool, inGroup: bool = false): u32 {
	// AH, CH, DH and BH stay the interpreter's: the registers are written whole.
	if ((load<u16>(record + REC_RM) | load<u16>(record + REC_REG)) & 7) return 0;
	const place = STENCILS + STENCIL_CASES + (<usize>load<u16>(record + REC_OP) << 4);
	return load<u32>(place + (leavesFlags ? 0 : 4) + (inGroup ? 8 : 0));
}

@inline
export function propertiesOf(record: usize, leavesFlags: bool, inGroup: bool): u32 {
	return load<u8>(STENCILS + stencilOf(record, leavesFlags, inGroup));
}

@inline
export function endOf(record: usize): u32 {
	return load<u8>(STENCILS + stencilOf(record, true) + STENCIL_END);
}

/** Where its instruction lies in the page. */
@inline
export function offsetOf(record: usize): u32 {
	return load<u16>(record + REC_NEXT) - load<u8>(record + REC_LENGTH);
}

/** Which status flags the SDM leaves undefined, instruction by instruction (volume 1, appendix A). */
import { RESULT_UNDEFINED } from "../../format.ts";
import type { Facts } from "../assemble.ts";

export const CF = 0x001;
export const PF = 0x004;
export const AF = 0x010;
export const ZF = 0x040;
export const SF = 0x080;
export const OF = 0x800;

export const logic = () => AF;
export const multiply = () => SF | ZF | AF | PF;
export const divide = () => CF | PF | AF | ZF | SF | OF;
export const bitTest = () => OF | SF | AF | PF;
export const adjustAscii = () => OF | SF | ZF | PF;
export const adjustDivision = () => OF | AF | CF;
export const adjustDecimal = () => OF;

const masked = ({ size, count }: Facts) => count & (size === 64 ? 63 : 31);

/** SHL SHR SAR: OF only for a count of 1; CF not beyond the operand's width, except that SAR fills with the sign. */
export const shift = (arithmetic: boolean) => (facts: Facts) => {
	const count = masked(facts);
	if (count === 0) return 0;
	const carry = !arithmetic && count >= facts.size && facts.size < 32 ? CF : 0;
	return AF | (count === 1 ? 0 : OF) | carry;
};

export const rotate = (facts: Facts) => (masked(facts) <= 1 ? 0 : OF);

export const doubleShift = (facts: Facts) => {
	const count = masked(facts);
	if (count === 0) return 0;
	if (count > facts.size) return RESULT_UNDEFINED | CF | PF | AF | ZF | SF | OF;
	return AF | (count === 1 ? 0 : OF);
};

/** BSF BSR: the destination is undefined where the source is zero. */
export const bitScan = ({ flagsOut }: Facts) =>
	CF | OF | SF | AF | PF | (flagsOut & ZF ? RESULT_UNDEFINED : 0);

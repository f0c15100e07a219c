// The floating-point environment of the operation under way: how it rounds, which exceptions are
// masked, and which have been raised. Flags lie as in the status word and in MXCSR (SDM 1, "x87 FPU
// Status Register" and "MXCSR Control and Status Register"), so neither needs translation.

export const IE: u32 = 1;
export const DE: u32 = 2;
export const ZE: u32 = 4;
export const OE: u32 = 8;
export const UE: u32 = 16;
export const PE: u32 = 32;
/** Raised before anything is computed: unmasked, they leave the destination alone. */
export const BEFORE: u32 = IE | DE | ZE;

/** The rounding control's encoding. */
export const NEAREST: u32 = 0;
export const DOWN: u32 = 1;
export const UP: u32 = 2;
export const TOWARD_ZERO: u32 = 3;

export let rounding: u32 = NEAREST;
export let masked: u32 = 0x3f;
/** Raised since `begin`. */
export let raised: u32 = 0;
/** The last rounding made the magnitude greater: C1. */
export let roundedUp: bool = false;
export let denormalsAreZero: bool = false;
export let flushToZero: bool = false;

/** Starts an instruction: nothing is raised yet. */
export function begin(roundingControl: u32, masks: u32, daz: bool, ftz: bool): void {
	rounding = roundingControl;
	masked = masks;
	denormalsAreZero = daz;
	flushToZero = ftz;
	raised = 0;
	roundedUp = false;
}

/** For an instruction that names its own rounding. */
export function setRounding(mode: u32): void {
	rounding = mode;
}

export function setFlushToZero(on: bool): void {
	flushToZero = on;
}

@inline
export function raise(flags: u32): void {
	raised |= flags;
}

/** Takes back what a step raised that does not count. */
export function clearRaised(flags: u32): void {
	raised &= ~flags;
}

@inline
export function isMasked(flag: u32): bool {
	return (masked & flag) != 0;
}

@inline
export function setRoundedUp(up: bool): void {
	roundedUp = up;
}

/** Whether an unmasked exception forbids the computation. */
@inline
export function isForbidden(): bool {
	return (raised & BEFORE & ~masked) != 0;
}

/** For tests: what the operations since `begin` raised, and C1 in bit 9 as the status word has it. */
export function floatFlags(): u32 {
	return raised | (roundedUp ? 0x200 : 0);
}

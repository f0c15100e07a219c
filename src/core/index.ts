// core.wasm: what generated code and TypeScript call. Everything is plain functions over the state block.

export * from "./aes";
export * from "./arithmetic";
export { fuse, gather, halvesToSingles, maskedLoad, maskedStore, singlesToHalves, zeroAll, zeroUpper } from "./avx";
export * from "./crypto";
export { findBlock, shortenBlock, linkBranch, endInstruction, blocksOf, continuedBlock, linkJumps, askForCode, dropCount, dropAll, noticeWrite } from "./blocks";
export { storeAhToFlags, clearDirection, setDirection, readFlags, writeFlags, settleFlags, settlePending } from "./flags";
export * from "./bits";
export { readSlow, writeSlow, updateSlow, pushSlow, popSlow, flushBounce } from "./memory";
export { flushAll, addendsAgree, withdrawWrites } from "./tlb";
export { openWindow } from "./windows";
export { translateQuietly } from "./paging";
export { deliveredCount, deliveredVector, deliveredError, deliveredTo } from "./events";
export * from "./contexts";
export { beginDrafts, draftCodeEnd, draftDoors, draftFunctions, draftPage, installDrafts } from "./draft/draft";
export { draftIsHot } from "./draft/words";
export { identify } from "./cpuid";
export * from "./msr";
export * from "./mmx";
export * from "./packed";
export * from "./ports";
export { reset } from "./reset";
export {
	loadSegmentRegister, segmented, loadLdt, loadTask, ldtSelector, taskSelector, storeGdt, storeIdt, loadGdt, loadIdt, loadAccessRights,
	loadSegmentLimit, verifyRead, verifyWrite, requireProtected,
} from "./segments";
export {
	pushValue, popValue, peekValue, releaseStack, popMemory, pushSegment, popSegment, pushAll, popAll, enter, leave, pushFlags, popFlags,
} from "./stack";
export {
	dotProduct, floatArithmetic, floatCompare, floatCompareMask, floatConvert, floatRound, floatToInteger, integerToFloat, loadMxcsr, maskedMove, reciprocal,
	reciprocalRoot,
} from "./sse";
export * from "./strings";
export * from "./system";
export { xsave, xsaveOptimised, xsaveCompacted, xrestore, readExtendedControl, writeExtendedControl } from "./xsave";
export * from "./x87/arithmetic";
export * from "./x87/compare";
export { requireMmx, requireNoPending, requireX87, waitForFpu, loadControlWord, storeControlWord, storeStatusWord, readStatusWord, clearExceptions, initializeX87, formerControl } from "./x87/control";
export * from "./x87/decimal";
export { storeEnvironment, loadEnvironment, saveState, restoreState } from "./x87/environment";
export * from "./x87/logarithms";
export * from "./x87/move";
export { partialRemainder } from "./x87/remainder";
export { fxsave, fxrstor } from "./x87/save";
export * from "./x87/trigonometry";
export {
	jumpFarDirect, callFarDirect, jumpFar, callFar, loadFarPointer, returnFar, interruptReturn, softwareInterrupt, breakpoint, overflowTrap,
	debugTrap, checkBounds,
} from "./transfer";
export { systemCall, systemReturn, systemEnter, systemExit } from "./syscall";

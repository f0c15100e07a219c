// core.wasm: what generated code and TypeScript call. Everything is plain functions over the state block.

export * from "./arithmetic";
export { findBlock, shortenBlock, linkBranch, endInstruction, knownBlock, blockIsHot, dropCount, dropAll, noticeWrite } from "./blocks";
export { storeAhToFlags, clearDirection, setDirection, readFlags, writeFlags, settleFlags, settlePending } from "./flags";
export * from "./bits";
export { readSlow, writeSlow, updateSlow, pushSlow, popSlow, flushBounce, flushAll, withdrawWrites } from "./memory";
export { translateQuietly } from "./paging";
export * from "./contexts";
export { identify } from "./cpuid";
export * from "./msr";
export * from "./ports";
export { reset } from "./reset";
export {
	loadSegmentRegister, segmented, loadLdt, loadTask, ldtSelector, taskSelector, storeGdt, storeIdt, loadGdt, loadIdt, loadAccessRights,
	loadSegmentLimit, verifyRead, verifyWrite, requireProtected,
} from "./segments";
export {
	pushValue, popValue, peekValue, releaseStack, popMemory, pushSegment, popSegment, pushAll, popAll, enter, leave, pushFlags, popFlags,
} from "./stack";
export * from "./strings";
export * from "./system";
export {
	jumpFarDirect, callFarDirect, jumpFar, callFar, loadFarPointer, returnFar, interruptReturn, softwareInterrupt, breakpoint, overflowTrap,
	debugTrap, checkBounds,
} from "./transfer";
export { systemCall, systemReturn, systemEnter, systemExit } from "./syscall";

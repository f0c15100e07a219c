// What the core asks of the world outside: ports, devices' memory, the interrupt controller.

/** A physical access that no memory answers. */
@external("bus", "readMemory")
export declare function busReadMemory(address: u32, size: u32): u32;
@external("bus", "writeMemory")
export declare function busWriteMemory(address: u32, value: u32, size: u32): void;
@external("bus", "readPort")
export declare function busReadPort(port: u32, size: u32): u32;
/** Up to `count` elements to a host address. Answers how many; 0 where they are to be read one by one. */
@external("bus", "readPortMany")
export declare function busReadPortMany(port: u32, size: u32, to: usize, count: u32): u32;
@external("bus", "writePort")
export declare function busWritePort(port: u32, value: u32, size: u32): void;
/** INTA: the vector of the highest pending interrupt. */
@external("bus", "acknowledge")
export declare function busAcknowledge(): u32;
/** FERR#: an x87 exception is pending, and CR0.NE does not make it #MF. */
@external("bus", "floatError")
export declare function busFloatError(): void;
/** A block was entered often: the compiler may replace it by a region. */
@external("bus", "requestRegion")
export declare function requestRegion(block: u32, page: u32): void;
/** Blocks of a physical page are warm: the compiler may draft it. */
@external("bus", "requestDraft")
export declare function requestDraft(page: u32, mode: u32): void;
/** Guest time now, in nanoseconds. */
@external("bus", "now")
export declare function busNow(): f64;

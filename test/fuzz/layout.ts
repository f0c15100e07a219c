/**
 * Where a random program's things lie. Physical addresses are linear addresses too, where there is paging or
 * a flat segment; the same memory is seen again at ALIAS through one large page.
 *
 *   00000h  real-mode vectors         0a000h  handlers, services            20000h  the arena: data
 *   01000h  GDT   02000h  IDT         10000h  the program                   30000h  nothing, so that strings end
 *   03000h  TSS   04000h  variables   18000h  the page that is remapped     40000h  paging structures
 *   05000h  stack of CPL 0            19000h  what it is remapped to        50000h  lengths of instructions
 *   08000h  the program's stack       1a000h  code that is copied there     60000h  a device
 */
export const RAM_SIZE = 0x60000;
export const PAGE = 0x1000;

export const GDT = 0x1000;
export const IDT = 0x2000;
export const TSS = 0x3000;
export const VARIABLES = 0x4000;
export const INNER_STACK = 0x7f00;
export const STACK = 0x9e00;
export const HANDLERS = 0xa000;
export const CODE = 0x10000;
export const HOT_PAGE = 0x18000;
export const COLD_PAGE = 0x19000;
export const COPIES = 0x1a000;
export const CODE_END = 0x1c000;
export const ARENA = 0x20000;
export const ARENA_SIZE = 0x10000;
export const TABLES = 0x40000;
/** A byte for each byte of code: how long the instruction is that begins there, 0 for none. */
export const LENGTHS = 0x50000;
export const DEVICE = 0x60000;
/** A large page over all of it. */
export const ALIAS = 0x200000;

/** Where the page table of the first 2 MiB lies; entries of 8 bytes. */
export const PAGE_TABLE = TABLES + 3 * PAGE;
/** A bit of a page-table entry that is the system's: the handler makes the page present and writable. */
export const LAZY = 0x200;

/** Ports that mean something to the harness: see subject.ts. */
export const PORT_EVENT = 0xe0;
export const PORT_TIMER = 0xe1;
export const PORT_END = 0xe2;

/** Vectors: interrupts from outside, and the services that programs ask for with INT. */
export const FIRST_INTERRUPT = 0x20;
export const FIRST_SERVICE = 0x90;
export const SERVICES = 6;

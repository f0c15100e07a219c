/*
 * XSAVE, XSAVEOPT, XSAVEC and XRSTOR over x87, XMM, YMM and PKRU, XCR0, and protection keys. SDM 1, "Managing State Using the
 * XSAVE Feature Set"; SDM 3A, "Protection Keys".
 */
#include "kit64.h"

#define CR0_TS 8ul
#define CR4_OSFXSR 0x200ul
#define CR4_OSXSAVE 0x40000ul
#define CR4_PKE 0x400000ul
#define X87 1
#define SSE 2
#define AVX 4
#define KEYS 0x200
#define COMPACTED (1ul << 63)
#define PTE_KEY(key) ((u64)(key) << 59)

static u8 area[4096] __attribute__((aligned(64)));
#define QUAD(offset) (*(volatile u64 *)(area + (offset)))
#define WORD(offset) (*(volatile u32 *)(area + (offset)))
#define XSTATE_BV QUAD(512)
#define XCOMP_BV QUAD(520)

static void set_cr4(long v) { __asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory"); }

#define INSTRUCTION(name) \
	static void do_##name(long mask) { __asm__ volatile(#name " %0" : : "m"(area), "a"((u32)mask), "d"(0) : "memory"); }
INSTRUCTION(xsave)
INSTRUCTION(xsaveopt)
INSTRUCTION(xsavec)
INSTRUCTION(xrstor)
static void misaligned(long mask) { __asm__ volatile("xsave %0" : : "m"(area[16]), "a"((u32)mask), "d"(0) : "memory"); }
static void xsetbv(long mask) { __asm__ volatile("xsetbv" : : "c"(0), "a"((u32)mask), "d"(0)); }
static void xsetbv1(long mask) { __asm__ volatile("xsetbv" : : "c"(1), "a"((u32)mask), "d"(0)); }
static u32 xgetbv_value;
static void xgetbv(long number) { __asm__ volatile("xgetbv" : "=a"(xgetbv_value) : "c"(number) : "edx"); }

static void cpuid(u32 leaf, u32 subleaf, u32 *out)
{
	__asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf), "c"(subleaf));
}

static void clear(u8 byte)
{
	for (unsigned i = 0; i < sizeof area; i++)
		area[i] = i < 512 || i >= 576 ? byte : 0;
}

static void enabling(void)
{
	u32 leaf[4];
	report("XSAVE without CR4.OSXSAVE", attempt(do_xsave, X87));
	report("XGETBV without CR4.OSXSAVE", attempt(xgetbv, 0));
	set_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXSAVE);
	cpuid(1, 0, leaf);
	value("OSXSAVE in CPUID", leaf[2] >> 27 & 1);
	attempt(xgetbv, 0);
	value("XCR0", xgetbv_value);
	report("XSETBV without x87", attempt(xsetbv, SSE));
	report("XSETBV of AVX without SSE", attempt(xsetbv, X87 | AVX));
	report("XSETBV of XCR1", attempt(xsetbv1, X87));
	report("XSETBV", attempt(xsetbv, X87 | SSE | AVX));
	attempt(xgetbv, 0);
	value("XCR0", xgetbv_value);
	cpuid(13, 0, leaf);
	value("size of the area", leaf[1]);
	cpuid(13, 2, leaf);
	value("AVX's size", leaf[0]);
	value("AVX's offset", leaf[1]);
	report("XSAVE, not aligned", attempt(misaligned, X87));
	write_cr0(read_cr0() | CR0_TS);
	struct trap *result = attempt(do_xsave, X87);
	manual("XSAVE with CR0.TS", result, 7, 0, trap.rip);
	write_cr0(read_cr0() & ~CR0_TS);
}

/* A state that is not the initial one. */
static void fill_state(void)
{
	static const u64 numbers[4] = { 0x1111111122222222, 0x3333333344444444, 0x5555555566666666, 0x7777777788888888 };
	static const u32 mxcsr = 0x3f80;
	__asm__ volatile("fninit; fld1; fldpi; ldmxcsr %0" : : "m"(mxcsr));
	__asm__ volatile("vmovdqu %0, %%ymm0; vmovdqu %0, %%ymm15; vmovdqu %1, %%xmm7" : : "m"(numbers), "m"(numbers));
}

/* XRSTOR with nothing in XSTATE_BV. */
static void initial_state(void)
{
	static u8 nothing[1024] __attribute__((aligned(64)));
	__asm__ volatile("movl $0x1f80, 24(%0); xrstor (%0)" : : "r"(nothing), "a"(-1), "d"(0) : "memory");
}

static void show(const char *name)
{
	print(name);
	print("\n");
	value("  XCOMP_BV", XCOMP_BV);
	value("  FCW, FSW", WORD(0) & 0xffff3fff);
	value("  ST0", QUAD(32));
	value("  XMM0", QUAD(160));
	value("  XMM7, upper half", QUAD(160 + 7 * 16 + 8));
	value("  YMM0, upper half", QUAD(576));
	value("  YMM15, upper half", QUAD(576 + 15 * 16 + 8));
}

static void save_and_restore(void)
{
	fill_state();
	clear(0xaa);
	report("XSAVE of all", attempt(do_xsave, -1));
	show("all");
	clear(0xaa);
	attempt(do_xsave, AVX);
	show("AVX alone");
	manual_value("  MXCSR belongs to it too", WORD(24), 0x3f80);
	manual_value("  XSTATE_BV", XSTATE_BV, AVX);
	clear(0xaa);
	attempt(do_xsave, X87 | SSE);
	show("x87 and SSE");
	clear(0xaa);
	attempt(do_xsave, -1);
	initial_state();
	report("XRSTOR of all", attempt(do_xrstor, -1));
	clear(0);
	attempt(do_xsave, -1);
	show("what was restored");
	value("  MXCSR", WORD(24));
	XSTATE_BV = SSE;
	attempt(do_xrstor, -1);
	clear(0);
	attempt(do_xsave, -1);
	show("XRSTOR with XSTATE_BV of SSE: the others are initial");
	manual_value("  XSTATE_BV", XSTATE_BV, SSE);
	initial_state();
	clear(0xaa);
	attempt(do_xsaveopt, SSE | AVX);
	manual_value("XSAVEOPT of the initial state: XSTATE_BV", XSTATE_BV & 6, 0);
	XSTATE_BV = 0x80;
	report("XRSTOR of a component that XCR0 does not have", attempt(do_xrstor, -1));
	XSTATE_BV = 0;
	QUAD(528) = 1;
	report("XRSTOR with a reserved bit in the header", attempt(do_xrstor, -1));
	QUAD(528) = 0;
	XSTATE_BV = SSE;
	WORD(24) = 0x10000;
	struct trap *result = attempt(do_xrstor, -1);
	manual("XRSTOR with a reserved bit of MXCSR", result, 13, 0, trap.rip);
}

/* QEMU 7.2 has no compacted format: the manual's answers. */
static void compacted(void)
{
	u32 leaf[4];
	cpuid(13, 1, leaf);
	if (!(leaf[0] & 2))
		return;
	fill_state();
	clear(0xaa);
	manual("XSAVEC of SSE and AVX", attempt(do_xsavec, SSE | AVX), -1, 0, 0);
	manual_value("  XSTATE_BV", XSTATE_BV, SSE | AVX);
	manual_value("  XCOMP_BV", XCOMP_BV, COMPACTED | SSE | AVX);
	manual_value("  YMM0, upper half", QUAD(576), 0x5555555566666666);
	initial_state();
	manual("XRSTOR of it", attempt(do_xrstor, -1), -1, 0, 0);
	clear(0);
	attempt(do_xsave, -1);
	manual_value("  YMM15, upper half", QUAD(576 + 15 * 16), 0x5555555566666666);
	manual_value("  MXCSR", WORD(24), 0x3f80);
	initial_state();
	clear(0xaa);
	attempt(do_xsavec, -1);
	manual_value("XSAVEC of the initial state: XSTATE_BV", XSTATE_BV & 6, 0);
	XCOMP_BV = COMPACTED | 0x80;
	struct trap *result = attempt(do_xrstor, -1);
	manual("XRSTOR of a compacted component that XCR0 does not have", result, 13, 0, trap.rip);
}

static void wrpkru(long rights) { __asm__ volatile("wrpkru" : : "a"((u32)rights), "c"(0), "d"(0)); }
static void wrpkru_ecx(long rights) { __asm__ volatile("wrpkru" : : "a"((u32)rights), "c"(1), "d"(0)); }
static u32 rdpkru(void)
{
	u32 rights;
	__asm__ volatile("rdpkru" : "=a"(rights) : "c"(0) : "edx");
	return rights;
}
static void read_page(long at) { (void)*(volatile u8 *)at; }
static void write_page(long at) { *(volatile u8 *)at = 1; }

static void keys(void)
{
	report("WRPKRU without CR4.PKE", attempt(wrpkru, 0));
	set_cr4(read_cr4() | CR4_PKE);
	report("WRPKRU", attempt(wrpkru, 0xc));
	value("RDPKRU", rdpkru());
	report("WRPKRU with ECX", attempt(wrpkru_ecx, 0));
	const u64 physical = new_page();
	const u64 user_page = PAGES + 0x10000, kernel_page = PAGES + 0x11000;
	map_page(user_page, physical, PTE_P | PTE_W | PTE_U | PTE_KEY(1));
	map_page(kernel_page, physical, PTE_P | PTE_W | PTE_KEY(1));
	flush();
	static const char *const names[] = { "all allowed", "access disabled", "writes disabled", "both" };
	for (u32 rights = 0; rights < 4; rights++) {
		wrpkru(rights << 2);
		print(names[rights]);
		print("\n");
		report("  read of a user page", attempt(read_page, user_page));
		report("  write of a user page", attempt(write_page, user_page));
		report("  read of a supervisor page", attempt(read_page, kernel_page));
		write_cr0(read_cr0() & ~CR0_WP);
		report("  write of a user page, CR0.WP clear", attempt(write_page, user_page));
		write_cr0(read_cr0() | CR0_WP);
		wrpkru(rights << 4);
		report("  read of a user page, another key's rights", attempt(read_page, user_page));
	}
	wrpkru(0);
	report("XSETBV of PKRU", attempt(xsetbv, X87 | SSE | AVX | KEYS));
	wrpkru(0x1234);
	clear(0);
	attempt(do_xsave, KEYS);
	value("PKRU in the area", QUAD(2688));
	QUAD(2688) = 0x40;
	attempt(do_xrstor, KEYS);
	value("PKRU restored", rdpkru());
	wrpkru(0);
}

void main(void)
{
	install_tables();
	enabling();
	save_and_restore();
	compacted();
	keys();
	print("done\n");
}

/*
 * The x87 in hot code: what is computed, compared, loaded and stored there, and what interrupts it: exceptions that FLDCW takes the
 * mask from, CR0.TS, pages that are not there. SDM 1, "Programming with the x87 FPU".
 */
#include "kit64.h"

#define CR0_MP 0x02ul
#define CR0_EM 0x04ul
#define CR0_TS 0x08ul
#define CR0_NE 0x20ul
#define TURNS 3000
#define STORES 2900 /* of 18 bytes: not quite all of PAGE_COUNT pages */
#define PAGE_COUNT 13
#define MASKED 0x37f

/* RDI turns; what they compute is gathered in RAX. */
#define LOOP(name, body) \
	u64 name(u64 turns); \
	__asm__(".text\n" #name ": xor %eax, %eax\n1: " body "\n dec %rdi; jnz 1b; ret\n")

static volatile double one_third = 1.0 / 3, step = 1.0000001;
static volatile float half = 0.5f;
static volatile u64 number;
static volatile u8 wide[16] __attribute__((aligned(16)));
static volatile u16 controls[2] = { MASKED, 0xf7f }; /* to nearest, towards zero */
static volatile u16 unmasked = MASKED & ~4;          /* division by zero */

/* Sums, products, quotients and roots, in registers and with memory; all bits of the result count. */
LOOP(compute,
	"mov %rdi, number; fildll number; fmull one_third; fld %st(0); fmul %st(0), %st\n"
	"fadds half; fsqrt; fdivp %st, %st(1); fldl step; fsubr %st(1), %st; fxch; fadds half; fdivrp %st, %st(1)\n"
	"fimull number; fchs; fabs; fstpt wide; add wide, %rax; rol $7, %rax; movzwl wide + 8, %edx; add %rdx, %rax");

/* By FCOMI, by FNSTSW and SAHF, and what FCMOV takes. */
LOOP(compare,
	"mov %rdi, number; fildll number; fldl step; fmull one_third; fmul %st(0), %st; fimull number\n"
	"fcomi %st(1), %st; jb 2f; inc %rax\n"
	"2: rol $3, %rax; fcmovb %st(1), %st; fcom %st(1); fnstsw %ax; sahf; adc $5, %rax; ftst; fnstsw number\n"
	"add number, %rax; fucompp; fnstsw number; xor number, %rax");

/* As compilers cut to integers: the control word is exchanged, and exchanged back. */
LOOP(cut,
	"mov %rdi, number; fildll number; fmull one_third; fld %st(0); fistpll number; add number, %rax\n"
	"fnstcw number; fldcw controls + 2; fistpll number; fldcw controls; rol $5, %rax; add number, %rax");

/* Nine values on a stack of eight, then ten taken from it: exceptions, all masked. */
LOOP(overflow,
	"fld1; fld1; fldpi; fldl2e; fldl2t; fldlg2; fldln2; fldz; fld1\n"
	"fnstsw number; add number, %rax\n"
	"faddp; fmulp; fstpt wide; add wide, %rax; fstpt wide; fstpt wide; fstpt wide; rol $1, %rax; fstpt wide\n"
	"fnstsw number; add number, %rax; fstpt wide; add wide, %rax; fstpl number; xor number, %rax; fnclex");

/* In the last turn but two division by zero is unmasked; in the one after it there is one, which WAIT or FSTP reports. */
#define DIVIDE \
	"cmp $3, %rdi; jne 2f; fldcw unmasked\n" \
	"2: mov %rdi, number; cmp $2, %rdi; jne 3f; movq $0, number\n" \
	"3: fld1; fildll number; fdivrp %st, %st(1); inc %rax\n"
LOOP(unmask, DIVIDE "fwait; fstp %st(0)");
LOOP(unmask_waiting, DIVIDE "waits: fstp %st(0)");
extern u8 waits[];

/* The x87 in the last turn only. */
LOOP(late, "add number, %rax; cmp $1, %rdi; jne 2f; fld1; fistpll number; add number, %rax\n2:");

/* Doubles and extended ones side by side, from RSI on; RAX counts. */
u64 store(u64 turns, u64 at);
__asm__(".text\n"
	"store: xor %eax, %eax; fld1\n"
	"1: fadds half; fld %st(0); fst %st(2); fstl (%rsi); fstpt 8(%rsi); add $18, %rsi; inc %rax; dec %rdi; jnz 1b\n"
	"   fstp %st(0); ret\n");

static void hot_compute(long turns) { value("computed", compute(turns)); }
static void hot_unmask(long turns) { value("unmasked", unmask(turns)); }
static void hot_unmask_waiting(long turns) { unmask_waiting(turns); }
static void hot_late(long turns) { value("late", late(turns)); }
static void hot_store(long at) { value("stored", store(STORES, at)); }

static u16 status(void)
{
	u16 word;
	__asm__ volatile("fnstsw %0" : "=a"(word));
	return word;
}

static void initialize(void) { __asm__ volatile("fninit"); }

static void without(u64 bits)
{
	u64 before = read_cr0();
	write_cr0(before | bits);
	report("in hot code", attempt(hot_compute, TURNS));
	report("late", attempt(hot_late, TURNS));
	write_cr0(before);
	hot_compute(10);
}

void main(void)
{
	install_tables();
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE);
	initialize();
	hot_compute(TURNS);
	for (int i = 0; i < 100; i++)
		late(50);
	hot_late(TURNS);
	value("compared", compare(TURNS));
	value("cut", cut(TURNS));
	manual_value("overflowed", overflow(TURNS), 0x541a3589027598c6); /* a processor's; QEMU's stack has no faults */
	value("status", status());
	initialize();
	report("an exception that was masked", attempt(hot_unmask, TURNS));
	manual_value("status", status(), 0xb0a4); /* nothing is popped */
	initialize();
	manual("the same without WAIT", attempt(hot_unmask_waiting, TURNS), 16, 0, (u64)waits);
	initialize();
	without(CR0_TS);
	without(CR0_EM);
	for (int i = 0; i < PAGE_COUNT; i++)
		map_page(PAGES + i * 4096, new_page(), PTE_P | PTE_W);
	hot_store(PAGES);
	for (int shift = 0; shift < 18; shift += 3) {
		report("where memory ends", attempt(hot_store, PAGES + 1100 + shift));
		value("  turns", trap.rax);
		value("  status", status());
		initialize();
	}
	print("done\n");
}

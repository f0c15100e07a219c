/*
 * Hardware task switches: jumps, calls, returns and interrupts through TSSs and task gates; busy bits, back links,
 * NT and TS; what a bad TSS or its segments raise. SDM 3A, "Task Management".
 */
#include "kit32.h"

#define FIRST (TSS_SELECTOR)
#define SECOND FREE_SELECTOR            /* the other task's TSS */
#define GATE (FREE_SELECTOR + 8)        /* a task gate to it */
#define SCRATCH (FREE_SELECTOR + 16)
#define BUSY(selector) (gdt[(selector) / 8] >> 41 & 1)

static struct tss other;
static u8 other_stack[1024] __attribute__((aligned(16)));
volatile u32 seen_ebx, seen_error;
static u32 seen_flags, seen_tr, seen_cr0, seen_eax, runs;

__asm__(".text\n"
	"jump_second: ljmp $0x38, $0; ret\n"
	"call_second: lcall $0x38, $0; ret\n"
	"call_gate: lcall $0x40, $0; ret\n"
	"jump_gate: ljmp $0x40, $0; ret\n"
	"int_gate: int $0x90; ret\n"
	"iret_nt: pushf; orl $0x4000, (%esp); popf; iretl\n"
	/* The other task: looks around, then returns; when it is entered again it goes on after the IRET. */
	"other_task: call look; iretl; jmp other_task\n"
	"jumping_task: call look; ljmp $0x28, $0; jmp jumping_task\n"
	"faulting_task: ud2\n"
	/* A #GP whose handler is a task: the error code is on the task's stack; it steps over the LLDT. */
	"load_bad_ldt: mov $0x1f8, %eax; lldt %ax; mov $0x600d, %eax; mov %eax, seen_eax; ret\n"
	"fault_handler: popl seen_error; addl $3, tss + 32; iretl; jmp fault_handler\n"
	"small_task: movl $0x5ea1, seen_eax; mov %ss, seen_flags; movl %ebx, seen_ebx; ljmp $0x28, $0");
void jump_second(long);
void call_second(long);
void call_gate(long);
void jump_gate(long);
void int_gate(long);
void iret_nt(long);
void load_bad_ldt(long);
extern u8 other_task[], jumping_task[], faulting_task[], fault_handler[], small_task[];

struct tss286 {
	u16 link, sp0, ss0, sp1, ss1, sp2, ss2, ip, flags, ax, cx, dx, bx, sp, bp, si, di, es, cs, ss, ds, ldt;
} __attribute__((packed));
static struct tss286 small;

void look(void);
void look(void)
{
	u32 flags, eax = runs;
	u16 tr;
	__asm__ volatile("pushf; pop %0; str %1" : "=r"(flags), "=r"(tr));
	seen_flags = flags;
	seen_tr = tr;
	seen_cr0 = read_cr0();
	seen_eax = eax;
	runs++;
	__asm__ volatile("clts");
}

static void fill(struct tss *t, const u8 *eip)
{
	*t = (struct tss){ .eip = (u32)eip, .eflags = 2, .esp = (u32)other_stack + sizeof other_stack, .esp0 = (u32)other_stack + 512,
		.ss0 = KERNEL_DATA, .es = KERNEL_DATA, .cs = KERNEL_CODE, .ss = KERNEL_DATA, .ds = KERNEL_DATA, .ldt = LDT_SELECTOR,
		.io_map = sizeof *t };
}

static void prepare(const u8 *eip)
{
	fill(&other, eip);
	gdt[SECOND / 8] = segment_descriptor((u32)&other, sizeof other - 1, 0x89);
	gdt[GATE / 8] = gate_descriptor(0, SECOND, TASK_GATE, 0);
	gdt[FIRST / 8] = segment_descriptor((u32)&tss, sizeof tss - 1, 0x89);
	__asm__ volatile("ltr %w0; clts" : : "r"(FIRST));
	__asm__ volatile("pushf; andl $~0x4000, (%%esp); popf" : : : "cc");
}

static void looked(void)
{
	u16 tr;
	__asm__ volatile("str %0" : "=r"(tr));
	value("  flags in the task", seen_flags);
	value("  TR in the task", seen_tr);
	value("  CR0.TS in the task", seen_cr0 & CR0_TS);
	value("  back link", other.link);
	value("  TR now", tr);
	value("  CR0.TS now", read_cr0() & CR0_TS);
	value("  first busy", BUSY(FIRST));
	value("  second busy", BUSY(SECOND));
	value("  saved flags", other.eflags);
	value("  saved EIP", other.eip - (u32)other_task);
	value("  runs", runs);
}

static void switches(void)
{
	prepare(other_task);
	report("call", attempt(call_second, 0));
	looked();
	report("call again", attempt(call_second, 0));
	looked();
	prepare(jumping_task);
	report("jump", attempt(jump_second, 0));
	looked();
	value("  outgoing flags", tss.eflags & ~0xd5u);
	prepare(other_task);
	report("call through a task gate", attempt(call_gate, 0));
	looked();
	prepare(jumping_task);
	report("jump through a task gate", attempt(jump_gate, 0));
	looked();
	prepare(other_task);
	set_gate(0x90, SECOND, 0, TASK_GATE);
	report("interrupt through a task gate", attempt(int_gate, 0));
	looked();
}

static void refuse(const char *name, void (*body)(long))
{
	report(name, attempt(body, 0));
	prepare(other_task);
}

static void refusals(void)
{
	prepare(other_task);
	gdt[SECOND / 8] = segment_descriptor((u32)&other, sizeof other - 1, 0x8b);
	refuse("jump to a busy TSS", jump_second);
	gdt[SECOND / 8] = segment_descriptor((u32)&other, sizeof other - 1, 0x8b);
	refuse("call of a busy TSS", call_second);
	gdt[SECOND / 8] = segment_descriptor((u32)&other, sizeof other - 1, 0x09);
	refuse("jump to a TSS that is not present", jump_second);
	gdt[SECOND / 8] = segment_descriptor((u32)&other, 0x66, 0x89);
	refuse("jump to a TSS that is too short", jump_second);
	gdt[GATE / 8] = gate_descriptor(0, SECOND, TASK_GATE & ~0x80, 0);
	refuse("call through a task gate that is not present", call_gate);
	gdt[GATE / 8] = gate_descriptor(0, KERNEL_DATA, TASK_GATE, 0);
	refuse("call through a task gate to data", call_gate);
	tss.link = KERNEL_DATA;
	refuse("IRET with NT and a back link to data", iret_nt);
	gdt[SECOND / 8] = segment_descriptor((u32)&other, sizeof other - 1, 0x89);
	tss.link = SECOND;
	refuse("IRET with NT and a back link to a TSS that is not busy", iret_nt);
}

/* Faults that the new task's own state raises belong to the new task. */
static void bad_state(void)
{
	prepare(faulting_task);
	report("a task that faults", attempt(jump_second, 0));
	value("  bytes on the task's own stack", (u32)other_stack + sizeof other_stack - trap.handler_esp);
	prepare(other_task);
	other.cs = KERNEL_DATA;
	manual("CS is data", attempt(jump_second, 0), 10, KERNEL_DATA, (u32)other_task);
	prepare(other_task);
	other.ldt = KERNEL_DATA;
	manual("LDTR is data", attempt(jump_second, 0), 10, KERNEL_DATA, (u32)other_task);
	prepare(other_task);
	other.ds = 0x1f8;
	manual("DS beyond the GDT", attempt(jump_second, 0), 10, 0x1f8, (u32)other_task);
	prepare(other_task);
	other.ds = 0;
	other.es = 0;
	/* The task's own accesses fault: QEMU lets null segments be read. */
	struct trap *result = attempt(call_second, 0);
	manual("DS and ES are null", result, 13, 0, trap.eip);
	prepare(other_task);
	gdt[SCRATCH / 8] = segment_descriptor(0, 0xfffff, 0xc013);
	other.es = SCRATCH;
	manual("ES is not present", attempt(jump_second, 0), 11, SCRATCH, (u32)other_task);
}

/* An exception whose gate is a task gate. */
static void handler_task(void)
{
	prepare(fault_handler);
	set_gate(13, SECOND, 0, TASK_GATE);
	seen_eax = 0;
	report("#GP through a task gate", attempt(load_bad_ldt, 0));
	value("  error code on the task's stack", seen_error);
	value("  went on", seen_eax);
	value("  second busy", BUSY(SECOND));
	set_gate(13, KERNEL_CODE, stub(13), INTERRUPT_GATE);
}

/* A 16-bit TSS: a word a register, no FS and GS, the upper halves are not its business. */
static void small_tss(void)
{
	prepare(other_task);
	small = (struct tss286){ .flags = 2, .bx = 0x8765, .sp = 512, .es = KERNEL_DATA, .cs = SCRATCH, .ss = KERNEL_DATA, .ds = KERNEL_DATA };
	gdt[SCRATCH / 8] = segment_descriptor((u32)small_task, 0xffff, 0x409b);
	gdt[SECOND / 8] = segment_descriptor((u32)&small, sizeof small - 1, 0x81);
	report("jump to a 16-bit TSS", attempt(jump_second, 0));
	value("  ran", seen_eax);
	value("  SS", seen_flags);
	value("  BX", seen_ebx & 0xffff);
	value("  saved IP, in the task's segment", small.ip);
	value("  saved SP", small.sp);
	value("  saved flags", small.flags & ~0xd5u);
	gdt[SECOND / 8] = segment_descriptor((u32)&small, sizeof small - 2, 0x81);
	refuse("jump to a 16-bit TSS that is too short", jump_second);
}

/* The T flag of a TSS: a debug trap before the task's first instruction. */
static void trap_flag(void)
{
	prepare(jumping_task);
	other.trap = 1;
	manual("a task with the T flag", attempt(jump_second, 0), 1, 0, (u32)jumping_task);
	u32 status;
	__asm__ volatile("mov %%dr6, %0; mov %1, %%dr6" : "=r"(status) : "r"(0xffff0ff0));
	manual_value("  DR6", status & 0xf00f, 0x8000);
	prepare(jumping_task);
	__asm__ volatile("mov %0, %%dr7" : : "r"(0x703));
	attempt(jump_second, 0);
	__asm__ volatile("mov %%dr7, %0" : "=r"(status));
	value("  DR7 after a switch: no local breakpoints", status & 0xff);
	__asm__ volatile("mov %0, %%dr7" : : "r"(0x400));
}

void main(void)
{
	install_tables();
	switches();
	handler_task();
	small_tss();
	trap_flag();
	refusals();
	bad_state();
	prepare(other_task);
	print("done\n");
}

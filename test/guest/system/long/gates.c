/*
 * Interrupts and exceptions in 64-bit mode: gates, stacks, error codes, double faults, IRET, call gates.
 * SDM 3A, "Interrupt and Exception Handling", "64-Bit Mode Task Management".
 */
#include "kit64.h"

#define INTERRUPT_GATE 0x8e
#define TRAP_GATE 0x8f
#define DPL3 0x60
#define NOT_PRESENT 0x80
#define TASK_GATE 0x85
#define CALL_GATE 0x8c
#define IST_TOP 0x41000ul               /* IST stacks, in memory that nothing else uses */
#define IDT_ERROR(vector) ((vector) * 8 + 2)
#define EXT 1                           /* raised while an exception was being delivered */

__asm__(".section .user, \"ax\"\n"
	".globl user_int81; user_int81: int $0x81\n"
	"user_int80: int $0x80\n"
	"user_ud: ud2\n"
	"user_gp: hlt\n"
	"user_nops: nop; nop; nop\n"
	"user_call_gate: lcall *(%rax); int $0x80\n"
	".align 16\n"
	".globl user_gate_pointer; user_gate_pointer: .long 0; .word 0\n"
	".previous\n"
	/* Where call gates lead: what they pushed goes to registers, and back. */
	".text\n"
	"gate_target: mov %rsp, %rbx; mov (%rsp), %rcx; mov 8(%rsp), %rdx; mov 16(%rsp), %rsi; mov 24(%rsp), %rdi\n"
	"	mov %ss, %eax; mov %rax, %r8; int $0x81\n"
	"gate_return: lretq\n"
	/* IRET with a frame that RDI points to. */
	"iret_frame: push 32(%rdi); push 24(%rdi); push 16(%rdi); push 8(%rdi); push (%rdi)\n"
	"iret_here: iretq\n"
	".globl int81_here, ud_here\n"
	"int81: int81_here: int $0x81\n"
	"	ret\n"
	"ud: ud_here: ud2\n"
	"gp: mov $0x8000000000000000, %rax; mov (%rax), %al\n"
	"pf: mov 0x70000000, %al\n"
	"back_in_kernel: mov %ss, %eax; mov %rax, %r8; int $0x80");
extern u8 user_int81[], user_int80[], user_ud[], user_gp[], user_nops[], user_call_gate[], user_gate_pointer[];
extern u8 int81_here[], ud_here[], gate_target[], gate_return[], iret_here[], back_in_kernel[];
void iret_frame(long frame);
void int81(long);
void ud(long);
void gp(long);
void pf(long);

static void gate_kinds(void)
{
	set_gate(0x81, KERNEL_CODE, stub(0x81), INTERRUPT_GATE, 0);
	__asm__ volatile("sti");
	report("INT 81h, interrupt gate", attempt(int81, 0));
	value("  IF in the handler", trap.handler_flags & RFLAGS_IF);
	value("  IF in the frame", trap.rflags & RFLAGS_IF);
	set_gate(0x81, KERNEL_CODE, stub(0x81), TRAP_GATE, 0);
	report("INT 81h, trap gate", attempt(int81, 0));
	value("  IF in the handler", trap.handler_flags & RFLAGS_IF);
	__asm__ volatile("cli");
}

/* 1 or 2 words more on the stack: the frame is aligned to 16 bytes all the same. */
static void misaligned(long words)
{
	if (words & 1)
		__asm__ volatile("push $0; int $0x81; pop %%rax" : : : "rax", "memory");
	else
		__asm__ volatile("int $0x81" : : : "memory");
}

static void stacks(void)
{
	set_gate(0x81, KERNEL_CODE, stub(0x81), INTERRUPT_GATE | DPL3, 0);
	attempt(misaligned, 0);
	value("stack alignment, same privilege", trap.handler_rsp & 15);
	attempt(misaligned, 1);
	value("stack alignment, same privilege, a word more", trap.handler_rsp & 15);
	report("INT 81h from user code", run_user(user(user_int81), 0));
	value("  bytes pushed on RSP0", tss.rsp[0] - trap.handler_rsp);
	value("  SS in the handler", trap.handler_ss);
	value("  CS in the handler", trap.handler_cs);
	value("  RSP in the frame", trap.rsp);
	set_gate(0x81, KERNEL_CODE, stub(0x81), INTERRUPT_GATE | DPL3, 3);
	tss.ist[2] = IST_TOP + 8;               /* the processor aligns it */
	report("INT 81h from user code with IST 3", run_user(user(user_int81), 0));
	value("  RSP in the handler", trap.handler_rsp);
	report("INT 81h from the kernel with IST 3", attempt(int81, 0));
	value("  RSP in the handler", trap.handler_rsp);
}

static void bad_gates(void)
{
	set_gate(0x81, KERNEL_CODE, stub(0x81), INTERRUPT_GATE, 0);
	manual("gate of DPL 0, from user code", run_user(user(user_int81), 0), 13, IDT_ERROR(0x81), user(user_int81));
	set_gate(0x81, KERNEL_CODE, stub(0x81), INTERRUPT_GATE & ~NOT_PRESENT, 0);
	manual("gate not present", attempt(int81, 0), 11, IDT_ERROR(0x81), (u64)int81_here);
	manual("gate not present and of DPL 0, from user code", run_user(user(user_int81), 0), 13, IDT_ERROR(0x81), user(user_int81));
	set_gate(0x81, KERNEL_CODE, stub(0x81), TASK_GATE, 0);
	manual("task gate", attempt(int81, 0), 13, IDT_ERROR(0x81), (u64)int81_here);
	set_gate(0x81, KERNEL_CODE, stub(0x81), CALL_GATE, 0);
	manual("call gate in the IDT", attempt(int81, 0), 13, IDT_ERROR(0x81), (u64)int81_here);
	set_gate(0x81, 0, stub(0x81), INTERRUPT_GATE, 0);
	report("gate with a null selector", attempt(int81, 0));
	set_gate(0x81, KERNEL_DATA, stub(0x81), INTERRUPT_GATE, 0);
	report("gate to a data segment", attempt(int81, 0));
	set_gate(0x81, 0x7f8, stub(0x81), INTERRUPT_GATE, 0);
	report("gate beyond the GDT", attempt(int81, 0));
	set_gate(0x81, USER_CODE, stub(0x81), INTERRUPT_GATE, 0);
	report("gate to a segment of less privilege", attempt(int81, 0));
	gdt[FREE_SELECTOR / 8] = segment_descriptor(0, 0xfffff, 0xc09b);
	set_gate(0x81, FREE_SELECTOR, stub(0x81), INTERRUPT_GATE, 0);
	report("gate to a 32-bit segment", attempt(int81, 0));
	gdt[FREE_SELECTOR / 8] = segment_descriptor(0, 0xfffff, 0xa01b);
	report("gate to a segment that is not present", attempt(int81, 0));
	set_gate(6, KERNEL_DATA, stub(6), INTERRUPT_GATE, 0);
	manual("#UD through a gate to a data segment", attempt(ud, 0), 13, KERNEL_DATA | EXT, (u64)ud_here);
	set_gate(6, KERNEL_CODE, stub(6), INTERRUPT_GATE & ~NOT_PRESENT, 0);
	manual("#UD through a gate that is not present", attempt(ud, 0), 11, IDT_ERROR(6) | EXT, (u64)ud_here);
	set_gate(6, KERNEL_CODE, stub(6), INTERRUPT_GATE, 0);
}

static void double_faults(void)
{
	set_gate(8, KERNEL_CODE, stub(8), INTERRUPT_GATE, 1);
	tss.ist[0] = IST_TOP + 0x1000;
	set_gate(13, KERNEL_CODE, stub(13), INTERRUPT_GATE & ~NOT_PRESENT, 0);
	report("#GP, gate not present", attempt(gp, 0));
	value("  RSP in the handler", trap.handler_rsp);
	report("HLT in user code, #GP gate not present", run_user(user(user_gp), 0));
	set_gate(14, KERNEL_CODE, stub(14), INTERRUPT_GATE & ~NOT_PRESENT, 0);
	report("#PF, gate not present", attempt(pf, 0));
	set_gate(13, KERNEL_CODE, stub(13), INTERRUPT_GATE, 0);
	set_gate(14, KERNEL_CODE, stub(14), INTERRUPT_GATE, 2);
	tss.ist[1] = IST_TOP + 0x2000;
	u64 saved = tss.rsp[0];
	tss.rsp[0] = 0x70000000;
	report("#UD in user code, RSP0 not mapped", run_user(user(user_ud), 0));
	report("HLT in user code, RSP0 not mapped", run_user(user(user_gp), 0));
	tss.rsp[0] = saved;
	set_gate(14, KERNEL_CODE, stub(14), INTERRUPT_GATE, 0);
}

static void try_iret(const char *name, u64 rip, u64 cs, u64 flags, u64 rsp, u64 ss)
{
	struct frame frame = { rip, cs, flags, rsp, ss, 0 };
	report(name, attempt(iret_frame, (long)&frame));
}

static void manual_iret(const char *name, struct frame frame, int vector, u64 error)
{
	manual(name, attempt(iret_frame, (long)&frame), vector, error, (u64)iret_here);
}

static void interrupt_returns(void)
{
	const u64 there = user(user_int80), stack = USER_STACK_TOP - 64, cs = USER_CODE | 3, ss = USER_DATA | 3;
	try_iret("IRET to user code", there, cs, 2, stack, ss);
	value("  flags", trap.rflags);
	try_iret("IRET to user code, all flags", there, cs, 0x3c0ed7 & ~0x100, stack, ss);
	value("  flags", trap.rflags & ~0x180000ul);
	try_iret("IRET to compatibility mode", user(user_int80), USER_CODE32 | 3, 2, stack, ss);
	try_iret("IRET to a null CS", there, 0, 2, stack, ss);
	try_iret("IRET to a data segment", there, ss, 2, stack, ss);
	try_iret("IRET to user code with RPL 0", there, USER_CODE, 2, stack, ss);
	try_iret("IRET beyond the GDT", there, 0x7fb, 2, stack, ss);
	try_iret("IRET to user code with a null SS", there, cs, 2, stack, 0);
	try_iret("IRET to user code with SS of RPL 0", there, cs, 2, stack, USER_DATA);
	try_iret("IRET to user code with the kernel's SS", there, cs, 2, stack, KERNEL_DATA | 3);
	try_iret("IRET to compatibility mode with a null SS", there, USER_CODE32 | 3, 2, stack, 3);
	try_iret("IRET to the kernel", (u64)back_in_kernel, KERNEL_CODE, 2, IST_TOP, KERNEL_DATA);
	try_iret("IRET to the kernel with a null SS", (u64)back_in_kernel, KERNEL_CODE, 2, IST_TOP, 0);
	value("  SS", trap.r8);
	gdt[FREE_SELECTOR / 8] = segment_descriptor(0, 0xfffff, 0xa07b);
	try_iret("IRET to a segment that is not present", there, FREE_SELECTOR | 3, 2, stack, ss);
	gdt[FREE_SELECTOR / 8] = segment_descriptor(0, 0xfffff, 0xc073);
	manual_iret("IRET to a stack that is not present", (struct frame){ there, cs, 2, stack, FREE_SELECTOR | 3, 0 }, 12, FREE_SELECTOR);
	gdt[FREE_SELECTOR / 8] = segment_descriptor(0, 0xfffff, 0xc0f1);
	try_iret("IRET to a stack that cannot be written", there, cs, 2, stack, FREE_SELECTOR | 3);
	gdt[FREE_SELECTOR / 8] = segment_descriptor(0, 0xfffff, 0xe0fb);
	manual_iret("IRET to a segment with L and D", (struct frame){ there, FREE_SELECTOR | 3, 2, stack, ss, 0 }, 13, FREE_SELECTOR);
	manual_iret("IRET to a non-canonical address", (struct frame){ 0x800000000000, cs, 2, stack, ss, 0 }, 13, 0);
	try_iret("IRET with TF", user(user_nops), cs, 0x102, stack, ss);
	u64 status;
	__asm__ volatile("mov %%dr6, %0" : "=r"(status));
	value("  DR6", status & 0xf00f);
	__asm__ volatile("pushfq; orl $0x4000, (%%rsp); popfq" : : : "cc");
	try_iret("IRET with NT set", there, cs, 2, stack, ss);
	__asm__ volatile("pushfq; andl $~0x4000, (%%rsp); popfq" : : : "cc");
}

static void set_call_gate(u64 target, u16 selector, u8 access, u32 upper_type)
{
	u64 *entry = &gdt[FREE_SELECTOR / 8];
	entry[0] = (target & 0xffff) | (u64)selector << 16 | (u64)access << 40 | (target >> 16 & 0xffff) << 48;
	entry[1] = target >> 32 | (u64)upper_type << 40;
}

static void call_gates(void)
{
	u64 pointer = user(user_gate_pointer);
	*(volatile u16 *)(user_gate_pointer + 4) = FREE_SELECTOR | 3;
	set_gate(0x81, KERNEL_CODE, stub(0x81), INTERRUPT_GATE, 0);
	set_call_gate((u64)gate_target, KERNEL_CODE, CALL_GATE | DPL3, 0);
	report("call gate", run_user(user(user_call_gate), pointer));
	value("  bytes pushed on RSP0", tss.rsp[0] - trap.rbx);
	value("  RIP pushed", trap.rcx);
	value("  CS pushed", trap.rdx);
	value("  RSP pushed", trap.rsi);
	value("  SS pushed", trap.rdi);
	value("  SS in the target", trap.r8);
	set_call_gate((u64)gate_return, KERNEL_CODE, CALL_GATE | DPL3, 0);
	report("call gate and far return", run_user(user(user_call_gate), pointer));
	set_call_gate((u64)gate_return, KERNEL_CODE, CALL_GATE, 0);
	report("call gate of DPL 0", run_user(user(user_call_gate), pointer));
	set_call_gate((u64)gate_return, KERNEL_CODE, (CALL_GATE | DPL3) & ~NOT_PRESENT, 0);
	report("call gate that is not present", run_user(user(user_call_gate), pointer));
	set_call_gate((u64)gate_return, 0, CALL_GATE | DPL3, 0);
	report("call gate with a null selector", run_user(user(user_call_gate), pointer));
	set_call_gate((u64)gate_return, KERNEL_DATA, CALL_GATE | DPL3, 0);
	report("call gate to a data segment", run_user(user(user_call_gate), pointer));
	set_call_gate((u64)gate_return, KERNEL_CODE, CALL_GATE | DPL3, 0xc);
	report("call gate with an upper type", run_user(user(user_call_gate), pointer));
	set_call_gate((u64)gate_return, KERNEL_CODE, 0x84 | DPL3, 0);
	report("16-bit call gate", run_user(user(user_call_gate), pointer));
	set_call_gate((u64)gate_return, KERNEL_CODE, 0x89 | DPL3, 0);
	report("far call to a TSS", run_user(user(user_call_gate), pointer));
}

void main(void)
{
	install_tables();
	map_user();
	gate_kinds();
	stacks();
	bad_gates();
	double_faults();
	interrupt_returns();
	call_gates();
	print("done\n");
}

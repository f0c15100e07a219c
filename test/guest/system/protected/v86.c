/*
 * Virtual-8086 mode: how it is entered and left, what is sensitive to IOPL, where interrupts go, and real-mode
 * addresses. SDM 3B, "8086 Emulation".
 */
#include "kit32.h"

#define BASE 0x8000                     /* V86 code runs at 0800:0000 */
#define SEGMENT (BASE >> 4)
#define STACK_SEGMENT 0x0900
#define STACK 0x0800

/* 16-bit code, copied to BASE. Every piece ends with INT 80h or a fault. */
__asm__(".text; .code16\n"
	"pieces:\n"
	"p_int: int $0x80\n"
	"p_cli: cli; int $0x80\n"
	"p_sti: sti; int $0x80\n"
	"p_pushf: pushf; pop %ax; int $0x80\n"
	"p_pushfd: pushfl; pop %eax; int $0x80\n"
	"p_popf: push $0x7ed7; popf; int $0x80\n"
	"p_iret: push $0x0ed7; push %cs; push $(p_int - pieces); iret\n"
	"p_hlt: hlt\n"
	"p_in: in $0x92, %al; int $0x80\n"
	"p_out: out %al, $0x81; int $0x80\n"
	"p_segments: mov %cs, %ax; mov %ss, %bx; mov %ds, %cx; mov $0x1234, %dx; mov %dx, %es; mov %es, %dx; int $0x80\n"
	"p_memory: mov $0x0a00, %ax; mov %ax, %es; movw $0xbeef, %es:0x10; mov %es:0x10, %bx; int $0x80\n"
	"p_far: ljmp $0x0801, $(p_far_target - pieces - 16)\n"
	"p_far_target: mov %cs, %ax; int $0x80\n"
	"p_call: lcall $0x0800, $(p_called - pieces); int $0x80\n"
	"p_called: pop %ax; pop %bx; push %bx; push %ax; lret\n"
	"p_ud: ud2\n"
	"p_lar: lar %ax, %bx\n"
	"p_lldt: lldt %ax\n"
	"p_cr0: mov %cr0, %eax\n"
	"p_smsw: smsw %ax; int $0x80\n"
	"p_int3: int3\n"
	"p_into: mov $0x7f, %al; inc %al; into\n"
	"p_lock: .byte 0xf0, 0x86, 0xc4\n"
	"p_arpl: arpl %ax, %bx\n"
	"p_divide: xor %cx, %cx; div %cx\n"
	"p_sp: mov %sp, %ax; push %eax; mov %sp, %bx; int $0x80\n"
	"pieces_end: .code32");
extern u8 pieces[], pieces_end[];
#define PIECE(name) extern u8 p_##name[]
PIECE(int); PIECE(cli); PIECE(sti); PIECE(pushf); PIECE(pushfd); PIECE(popf); PIECE(iret); PIECE(hlt); PIECE(in); PIECE(out);
PIECE(segments); PIECE(memory); PIECE(far); PIECE(call); PIECE(ud); PIECE(lar); PIECE(lldt); PIECE(cr0); PIECE(smsw);
PIECE(int3); PIECE(into); PIECE(lock); PIECE(arpl); PIECE(divide); PIECE(sp);

static struct trap *run(const u8 *piece, u32 flags)
{
	struct frame frame = { piece - pieces, SEGMENT, 2 | EFLAGS_VM | flags, STACK, STACK_SEGMENT, 0x1111, 0x2222, 0x3333, 0x4444, 0xaaaa };
	return run_frame(&frame);
}

static void put(const char *name, const u8 *piece, u32 flags)
{
	report(name, run(piece, flags));
	value("  eax", trap.eax);
	value("  eflags", trap.eflags & ~0x10000u);
}

static void frames(void)
{
	report("INT 80h", run(p_int, EFLAGS_IOPL));
	value("  bytes pushed", tss.esp0 - trap.handler_esp);
	value("  esp", trap.esp);
	value("  ss", trap.ss);
	value("  es", trap.es);
	value("  ds", trap.ds);
	value("  fs", trap.fs);
	value("  gs", trap.gs);
	value("  ds in the handler", trap.handler_ds);
	value("  flags in the handler", trap.handler_flags & 0x23200);
	value("  ss in the handler", trap.handler_ss);
}

static void sensitive(u32 iopl)
{
	value("IOPL", iopl >> 12);
	put("CLI", p_cli, iopl | EFLAGS_IF);
	put("STI", p_sti, iopl);
	put("PUSHF", p_pushf, iopl | EFLAGS_IF);
	put("PUSHFD", p_pushfd, iopl | EFLAGS_IF);
	put("POPF", p_popf, iopl);
	put("IRET", p_iret, iopl);
	put("INT 80h", p_int, iopl);
	put("INT3", p_int3, iopl);
	put("INTO", p_into, iopl);
	put("HLT", p_hlt, iopl);
	put("IN", p_in, iopl);
	put("OUT", p_out, iopl);
}

static void instructions(void)
{
	put("segments", p_segments, EFLAGS_IOPL);
	value("  ebx", trap.ebx & 0xffff);
	value("  ecx", trap.ecx & 0xffff);
	value("  edx", trap.edx & 0xffff);
	put("memory", p_memory, EFLAGS_IOPL);
	value("  ebx", trap.ebx & 0xffff);
	value("  at 0a000h + 10h", *(volatile u16 *)0xa010);
	put("far jump", p_far, EFLAGS_IOPL);
	put("far call", p_call, EFLAGS_IOPL);
	value("  ebx", trap.ebx & 0xffff);
	put("stack pointer", p_sp, EFLAGS_IOPL);
	value("  ebx", trap.ebx & 0xffff);
	put("UD2", p_ud, EFLAGS_IOPL);
	put("LAR", p_lar, EFLAGS_IOPL);
	put("LLDT", p_lldt, EFLAGS_IOPL);
	put("ARPL", p_arpl, EFLAGS_IOPL);
	put("MOV from CR0", p_cr0, EFLAGS_IOPL);
	manual("LOCK XCHG of registers", run(p_lock, EFLAGS_IOPL), 6, 0, p_lock - pieces);
	put("divide by zero", p_divide, EFLAGS_IOPL);
}

static void ports(void)
{
	tss.io_map = (u16)((u32)tss.bitmap - (u32)&tss);
	for (int i = 0; i < 0x102; i++)
		tss.bitmap[i] = 0xff;
	put("OUT with its bit set, IOPL 3", p_out, EFLAGS_IOPL);
	tss.bitmap[0x81 / 8] = (u8)~2;
	put("OUT with its bit clear, IOPL 0", p_out, 0);
}

void main(void)
{
	install_tables();
	for (int i = 0; i < pieces_end - pieces; i++)
		((volatile u8 *)BASE)[i] = pieces[i];
	set_gate(3, KERNEL_CODE, stub(3), INTERRUPT_GATE | DPL3);
	set_gate(4, KERNEL_CODE, stub(4), INTERRUPT_GATE | DPL3);
	frames();
	sensitive(EFLAGS_IOPL);
	sensitive(0);
	instructions();
	ports();
	set_gate(0x80, KERNEL_CODE, stub(0x80), INTERRUPT_GATE);
	put("INT 80h through a gate of DPL 0", p_int, EFLAGS_IOPL);
	print("done\n");
}

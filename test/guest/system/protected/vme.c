/*
 * Virtual interrupts: VIF and VIP in virtual-8086 mode (VME) and in protected mode (PVI), and INT n that stays inside the
 * 8086 program by the TSS's redirection bit map. SDM 3B, "8086 Emulation".
 */
#include "kit32.h"

#define BASE 0x8000                     /* V86 code runs at 0800:0000 */
#define SEGMENT (BASE >> 4)
#define STACK_SEGMENT 0x0900
#define STACK 0x0800
#define CR4_PVI 2
#define VIF 0x80000
#define VIP 0x100000
#define TF 0x100

__asm__(".text; .code16\n"
	"pieces:\n"
	"p_int: int $0x80\n"
	"p_cli: cli; int $0x80\n"
	"p_sti: sti; int $0x80\n"
	"p_pushf: pushf; pop %ax; int $0x80\n"
	"p_pushfd: pushfl; pop %eax; int $0x80\n"
	"p_popf_on: push $0x7ed7; popf; int $0x80\n"
	"p_popf_off: push $0x0cd7; popf; int $0x80\n"
	"p_popf_tf: push $0x0102; popf; int $0x80\n"
	"p_popfd: pushl $0x2; popfl; int $0x80\n"
	"p_iret: push $0x0ed7; push %cs; push $(p_int - pieces); iret\n"
	"p_iret_off: push $0x0cd7; push %cs; push $(p_int - pieces); iret\n"
	"p_int60: int $0x60; int $0x80\n"
	"p_handler: mov %sp, %bp; mov 4(%bp), %cx; mov 2(%bp), %dx; pushf; pop %bx; mov $0x1234, %ax; iret\n"
	"pieces_end: .code32\n"
	".globl flat_cli, flat_sti; flat_cli: cli; int $0x80; flat_sti: sti; int $0x80; .globl flat_pushf; flat_pushf: pushf; pop %eax; int $0x80");
extern u8 pieces[], pieces_end[], flat_cli[], flat_sti[], flat_pushf[];
#define PIECE(name) extern u8 p_##name[]
PIECE(int); PIECE(cli); PIECE(sti); PIECE(pushf); PIECE(pushfd); PIECE(popf_on); PIECE(popf_off); PIECE(popf_tf); PIECE(popfd);
PIECE(iret); PIECE(iret_off); PIECE(int60); PIECE(handler);

/* What is expected is the manual's: QEMU 7.2 has neither VME nor PVI. */
static void put(const char *name, const u8 *piece, u32 flags, int vector, u32 eip, u32 eax, u32 eflags)
{
	struct frame frame = { piece - pieces, SEGMENT, 2 | EFLAGS_VM | flags, STACK, STACK_SEGMENT, 0, 0, 0, 0, 0xaaaa };
	manual(name, run_frame(&frame), vector, 0, eip);
	manual_value("  eax", trap.eax, eax);
	manual_value("  eflags", trap.eflags & ~0x10000u, eflags);
}

static void flag_instructions(void)
{
	put("CLI, VIF set", p_cli, EFLAGS_IF | VIF, 13, 0x3, 0xaaaa, 0x20202);
	put("STI, VIF clear", p_sti, EFLAGS_IF, 13, 0x6, 0xaaaa, 0xa0202);
	put("STI with an interrupt pending", p_sti, EFLAGS_IF | VIP, 13, 0x5, 0xaaaa, 0x120202);
	put("PUSHF, VIF set", p_pushf, VIF, 13, 0xa, 0x3202, 0xa0002);
	put("PUSHF, VIF clear", p_pushf, EFLAGS_IF, 13, 0xa, 0x3002, 0x20202);
	put("PUSHFD", p_pushfd, EFLAGS_IF, 13, 0xc, 0xaaaa, 0x20202);
	put("POPF sets IF", p_popf_on, 0, 13, 0x16, 0xaaaa, 0xa4cd7);
	put("POPF clears IF", p_popf_off, EFLAGS_IF | VIF, 13, 0x1c, 0xaaaa, 0x20ed7);
	put("POPF sets IF with an interrupt pending", p_popf_on, VIP, 13, 0x15, 0xaaaa, 0x120002);
	put("POPF clears IF with an interrupt pending", p_popf_off, VIP, 13, 0x1c, 0xaaaa, 0x120cd7);
	put("POPF sets TF", p_popf_tf, 0, 13, 0x21, 0xaaaa, 0x20002);
	put("POPFD", p_popfd, 0, 13, 0x27, 0xaaaa, 0x20002);
	put("IRET sets IF", p_iret, 0, 13, 0x0, 0xaaaa, 0xa0cd7);
	put("IRET sets IF with an interrupt pending", p_iret, VIP, 13, 0x31, 0xaaaa, 0x120002);
	put("IRET clears IF", p_iret_off, VIF, 13, 0x0, 0xaaaa, 0x20cd7);
	put("CLI at IOPL 3", p_cli, EFLAGS_IOPL | EFLAGS_IF | VIF, 0x80, 0x5, 0xaaaa, 0xa3002);
	put("STI at IOPL 3", p_sti, EFLAGS_IOPL | VIP, 0x80, 0x8, 0xaaaa, 0x123202);
	put("PUSHF at IOPL 3", p_pushf, EFLAGS_IOPL | VIF, 0x80, 0xc, 0x3002, 0xa3002);
}

/* The handler in the program sees IOPL 3 and VIF at IF's place, and IF clear. */
static void inside(const char *name, u32 flags, int vector, u32 eip, u32 pushed, u32 eflags)
{
	put(name, p_int60, flags, vector, eip, 0x1234, eflags);
	manual_value("  flags pushed", trap.ecx & 0xffff, pushed);
	manual_value("  flags in the handler", trap.ebx & 0xffff, 0x3002);
	manual_value("  esp", trap.esp & 0xffff, STACK);
}

static void redirection(void)
{
	inside("INT 60h inside, VIF set", VIF, 13, 0x3b, 0x3202, 0xa0002);
	inside("INT 60h inside, VIF clear", EFLAGS_IF, 13, 0x3b, 0x3002, 0x20202);
	inside("INT 60h inside, IOPL 3", EFLAGS_IOPL | EFLAGS_IF, 0x80, 0x3d, 0x3202, 0x23202);
	tss.redirection[0x60 / 8] |= 1;
	put("INT 60h through the IDT, IOPL 3", p_int60, EFLAGS_IOPL, 0x60, 0x3b, 0xaaaa, 0x23002);
	put("INT 60h through the IDT, IOPL 0", p_int60, 0, 13, 0x39, 0xaaaa, 0x20002);
	tss.redirection[0x60 / 8] &= ~1;
}

static void protected_mode(void)
{
	const u16 data = USER_DATA | 3;
	static u8 stack[256];
	const u8 *const code[] = { flat_cli, flat_sti, flat_sti, flat_pushf };
	const u32 flags[] = { VIF | EFLAGS_IF, EFLAGS_IF, VIP, VIF };
	const int vectors[] = { 0x80, 0x80, 13, 0x80 };
	const u32 eax[] = { 0, 0, 0, VIF | 2 }, eflags[] = { EFLAGS_IF | 2, VIF | EFLAGS_IF | 2, VIP | 2, VIF | 2 };
	for (int i = 0; i < 4; i++) {
		struct frame frame = { (u32)code[i], USER_CODE | 3, 2 | flags[i], (u32)stack + 240, data, data, data, 0, 0, 0 };
		struct trap *result = run_frame(&frame);
		manual("protected-mode virtual interrupts", result, vectors[i], 0, trap.eip);
		manual_value("  eax", trap.eax, eax[i]);
		manual_value("  eflags", trap.eflags & ~0x10000u, eflags[i]);
	}
}

void main(void)
{
	install_tables();
	for (int i = 0; i < pieces_end - pieces; i++)
		((volatile u8 *)BASE)[i] = pieces[i];
	*(volatile u32 *)(0x60 * 4) = (u32)SEGMENT << 16 | (u32)(p_handler - pieces);
	set_gate(0x60, KERNEL_CODE, stub(0x60), INTERRUPT_GATE | DPL3);
	tss.io_map = (u16)((u32)tss.bitmap - (u32)&tss);
	tss.redirection[0x80 / 8] |= 1; /* INT 80h ends every piece: at IOPL 0 by #GP */
	write_cr4(read_cr4() | CR4_VME | CR4_PVI);
	flag_instructions();
	redirection();
	protected_mode();
	print("done\n");
}

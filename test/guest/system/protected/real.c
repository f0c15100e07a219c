/*
 * Real-address mode (SDM 3A, "8086 Emulation"): what its instructions, wraps and exceptions leave behind. The program goes
 * there from protected mode for each snippet, which ends with INT 60h or an exception, and comes back with the registers.
 */
#include "kit32.h"

#define CODE16 FREE_SELECTOR
#define DATA16 (FREE_SELECTOR + 8)
/* Where the code lies in real mode, segment 0; the registers before and after a snippet; where it may write. */
#define LOW 0x8000
#define BEFORE 0x7000
#define AFTER 0x7040
#define END_VECTOR 0x60

struct registers {
	u32 eax, ebx, ecx, edx, esi, edi, ebp;
	u16 ds, es, start;
	/* Behind the exception's frame; what the frame says. */
	u16 sp, vector, ip, cs, flags;
};

__asm__(".set LOW, 0x8000; .set BEFORE, 0x7000; .set AFTER, 0x7040; .set IDTR, 0x70e0; .set STACK, 0x70f0\n"
	".text; .globl enter_real\n"
	"enter_real: pusha; mov %esp, STACK; sidt IDTR; ljmp $0x38, $(sixteen - real_code + LOW)\n"
	"back: mov $0x10, %eax; mov %eax, %ds; mov %eax, %es; mov %eax, %ss; mov %eax, %fs; mov %eax, %gs\n"
	"	mov STACK, %esp; popa; ret\n"
	".section .rodata; .code16; .globl real_code, stubs, real_code_end\n"
	"real_code:\n"
	"sixteen: mov $0x40, %ax; mov %ax, %ds; mov %ax, %es; mov %ax, %ss; mov %ax, %fs; mov %ax, %gs\n"
	"	mov %cr0, %eax; and $~1, %eax; mov %eax, %cr0; ljmp $0, $(1f - real_code + LOW)\n"
	"1:	xor %ax, %ax; mov %ax, %ds; mov %ax, %ss; mov %ax, %fs; mov %ax, %gs; mov $0x6000, %sp\n"
	"	lidt vectors - real_code + LOW; pushl $2; popfl\n"
	"	mov BEFORE, %eax; mov BEFORE + 4, %ebx; mov BEFORE + 8, %ecx; mov BEFORE + 12, %edx; mov BEFORE + 16, %esi\n"
	"	mov BEFORE + 20, %edi; mov BEFORE + 24, %ebp; mov BEFORE + 30, %es; mov BEFORE + 28, %ds; jmp *%cs:BEFORE + 32\n"
	"vectors: .word 0x3ff; .long 0\n"
	/* Five bytes each: push the number, go on below. */
	"stubs: .set number, 0; .rept 33; .byte 0x6a, number, 0xe9; .word common - . - 2; .set number, number + 1; .endr\n"
	"common: mov %eax, %cs:AFTER; mov %ebx, %cs:AFTER + 4; mov %ecx, %cs:AFTER + 8; mov %edx, %cs:AFTER + 12\n"
	"	mov %esi, %cs:AFTER + 16; mov %edi, %cs:AFTER + 20; mov %ebp, %cs:AFTER + 24; mov %ds, %cs:AFTER + 28\n"
	"	mov %es, %cs:AFTER + 30; popw %cs:AFTER + 36; popw %cs:AFTER + 38; popw %cs:AFTER + 40; popw %cs:AFTER + 42\n"
	"	mov %sp, %cs:AFTER + 34; xor %ax, %ax; mov %ax, %ds; lidtl IDTR\n"
	"	mov %cr0, %eax; or $1, %al; mov %eax, %cr0; ljmpl $0x08, $back\n");

/* A snippet's code; registers begin as numbers that tell them apart. */
#define SNIPPET(name, code)                                                              \
	__asm__(".section .rodata; .code16; " #name ": " code "; int $0x60; .code32; .text"); \
	extern const u8 name[];

SNIPPET(push_sp, "push %sp; pop %ax; mov %sp, %bx")
SNIPPET(word_at_end, "mov 0xffff, %ax")
SNIPPET(long_at_end, "mov 0xfffd, %eax")
SNIPPET(far_offset, "mov $0x10000, %esi; mov (%esi), %al")
SNIPPET(divide, "xor %dx, %dx; xor %bx, %bx; div %bx")
SNIPPET(divide_large, "mov $0x1234, %ax; mov $1, %bl; div %bl")
SNIPPET(aam_zero, "aam $0")
SNIPPET(aam, "mov $123, %ax; aam; mov %ax, %bx; aad; mov $0x4f, %cx; xchg %ax, %cx; add $0x38, %al; aaa")
SNIPPET(bcd, "mov $0x79, %al; add $0x35, %al; daa; mov %ax, %bx; mov $0x21, %al; sub $0x35, %al; das")
SNIPPET(into, "mov $0x7f, %al; inc %al; into")
SNIPPET(into_not, "xor %ax, %ax; into; mov $0x11, %al")
SNIPPET(int3, "int3")
SNIPPET(ud2, "ud2")
SNIPPET(lock, "lock; nop")
SNIPPET(mov_to_cs, ".byte 0x8e, 0xc8")
SNIPPET(arpl, "arpl %ax, %bx")
SNIPPET(lar, "lar %ax, %bx")
SNIPPET(sldt, "sldt %ax")
SNIPPET(bound, "mov $5, %ax; movl $0x00040001, 0x6100; bound %ax, 0x6100")
SNIPPET(bound_inside, "mov $4, %ax; movl $0x00040001, 0x6100; bound %ax, 0x6100")
SNIPPET(lods_wraps, "mov $0xffff, %si; cld; lodsb; mov %si, %bx; std; lodsw; cld; mov $0, %ax")
SNIPPET(rep_wraps, "mov $0x6100, %di; mov $0xfffe, %si; mov $4, %cx; cld; rep movsb")
SNIPPET(rep_zero, "xor %cx, %cx; mov $0x6100, %di; rep stosb")
SNIPPET(repe_cmps, "movl $0x11223344, 0x6100; movl $0x11223344, 0x6110; movb $0x99, 0x6103; mov $0x6100, %si; mov $0x6110, %di; mov $9, %cx; repe cmpsb")
SNIPPET(repne_scas, "movl $0x11223344, 0x6100; mov $0x6100, %di; mov $0x22, %al; mov $9, %cx; repne scasb")
SNIPPET(loop_zero, "xor %cx, %cx; xor %bx, %bx; 1: inc %bx; loop 1b")
SNIPPET(loop_wide, "mov $0x10002, %ecx; xor %bx, %bx; 1: inc %bx; loop 1b")
SNIPPET(jcxz, "mov $0x10000, %ecx; jcxz 1f; mov $1, %al; 1:")
SNIPPET(flags_in, "push $0x7ed7; popf; pushf; pop %ax; push $0x2; popf")
SNIPPET(flags_wide, "pushl $0x00247ed7; popfl; pushfl; pop %ax; pop %bx; push $2; popf")
SNIPPET(iret_flags, "push $0x0ed7; push $0; push $(1f - real_code + LOW); iret; 1: pushf; pop %ax; push $2; popf")
SNIPPET(far_call, "lcall $0x10, $(1f - real_code + LOW - 0x100); jmp 2f; 1: mov %cs, %ax; lret; 2: mov %cs, %bx; mov %sp, %cx")
SNIPPET(far_return, "push $0x1111; push $0x2222; push %cs; push $(1f - real_code + LOW); lret $4; 1: mov %sp, %ax")
SNIPPET(les, "movl $0x12345678, 0x6100; les 0x6100, %ax; mov %es, %bx; lds 0x6100, %cx; mov %ds, %dx")
SNIPPET(segments, "mov $0x0600, %ax; mov %ax, %ds; movb $0x5a, 0x100; mov $0x0610, %ax; mov %ax, %es; mov %es:0, %bl; mov %es, %cx")
SNIPPET(above, "mov $0xffff, %ax; mov %ax, %ds; mov 0x10, %ebx")
SNIPPET(enter, "mov $0x5ff0, %bp; movw $0x1234, -2(%bp); movw $0x5678, -4(%bp); enter $8, $3; mov %sp, %ax; mov (%bp), %bx; mov -2(%bp), %cx; mov -4(%bp), %dx; leave")
SNIPPET(pusha, "pushaw; mov %sp, %bp; mov 6(%bp), %ax; mov 14(%bp), %bx; add $16, %sp")
SNIPPET(shifts, "mov $0x8001, %ax; mov $33, %cl; shl %cl, %ax; mov $0x8001, %bx; mov $17, %cl; rcl %cl, %bx; mov $0x81, %dl; mov $9, %cl; rcr %cl, %dl")
SNIPPET(multiply, "mov $0x1234, %ax; mov $0xfedc, %bx; imul %bx; mov %ax, %cx; mov $0xfe, %al; mov $3, %bl; imul %bl")
SNIPPET(xlat, "mov $0xfff0, %bx; mov $0x20, %al; movb $0x77, 0x10; xlat")
SNIPPET(smsw, "smsw %ax; and $0xf, %ax")
SNIPPET(wide, "mov $0x12345678, %eax; movzbl %al, %ebx; lea (%eax,%ebx,4), %ecx; mov %ecx, %edx; bswap %edx; movsbw %dl, %si")
SNIPPET(wide_address, "mov $0x6100, %esi; movl $0xcafef00d, (%esi); mov $4, %edi; mov -8(%esi,%edi,2), %ebx")
SNIPPET(address_wraps, "mov $0xfff8, %bx; mov $0x6108, %si; movb $0x42, 0x6100; mov (%bx,%si), %al")
SNIPPET(near_jump_wraps, "mov $(1f - real_code + LOW), %ax; jmp *%ax; mov $0, %ax; 1: call 2f; 2: pop %bx; sub %ax, %bx; mov $0, %ax")
__asm__(".section .rodata; real_code_end: .code32; .text");

void enter_real(void);
extern const u8 real_code[], real_code_end[], stubs[];

static u32 low(const u8 *address) { return address - real_code + LOW; }

static void number(const char *name, u32 value, int digits)
{
	print(name);
	print_hex(value, digits);
}

static const struct registers *execute(const u8 *snippet)
{
	*(struct registers *)BEFORE = (struct registers){
		.eax = 0xa0a1a2a3, .ebx = 0xb0b1b2b3, .ecx = 0xc0c1c2c3, .edx = 0xd0d1d2d3, .esi = 0x51525354,
		.edi = 0xd1d2d3d4, .ebp = 0xe1e2e3e4, .start = low(snippet),
	};
	enter_real();
	return (struct registers *)AFTER;
}

/* Runs a snippet. `flags` are those that it defines. */
static void run(const char *name, const u8 *snippet, u16 flags)
{
	const struct registers *after = execute(snippet);
	print(name);
	number(": ", after->vector == 32 ? END_VECTOR : after->vector, 2);
	if (after->vector != 32)
		number(" at ", after->ip - low(snippet), 2);
	number(" eax ", after->eax, 8);
	number(" ebx ", after->ebx, 8);
	number(" ecx ", after->ecx, 8);
	number(" edx ", after->edx, 8);
	number(" esi ", after->esi, 8);
	number(" edi ", after->edi, 8);
	number(" ebp ", after->ebp, 8);
	number(" sp ", after->sp, 4);
	number(" ds ", after->ds, 4);
	number(" es ", after->es, 4);
	number(" flags ", after->flags & flags, 4);
	print("\n");
}

/* #GP by the instruction at `offset`, beyond the 64 KiB that a segment has: QEMU 7.2 and v86 do not look. */
static void beyond(const char *name, const u8 *snippet, u16 offset)
{
	const struct registers *after = execute(snippet);
	manual_value(name, after->vector << 16 | (u16)(after->ip - low(snippet)), 13 << 16 | offset);
}

#define CF 0x001
#define ZF 0x040
#define SF 0x080
#define OF 0x800
#define STATUS 0x8d5
#define RUN(name, flags) run(#name, name, flags)

static void prepare(void)
{
	install_tables();
	gdt[CODE16 / 8] = segment_descriptor(0, 0xffff, 0x009b);
	gdt[DATA16 / 8] = segment_descriptor(0, 0xffff, 0x0093);
	for (u32 i = 0; &real_code[i] < real_code_end; i++)
		*(volatile u8 *)(LOW + i) = real_code[i];
	volatile u32 *vectors = (u32 *)0;
	__asm__("" : "+r"(vectors));
	for (u32 v = 0; v <= 32; v++)
		vectors[v < 32 ? v : END_VECTOR] = low(stubs) + 5 * v;
}

void main(void)
{
	prepare();
	RUN(push_sp, 0);
	beyond("word_at_end", word_at_end, 0);
	beyond("long_at_end", long_at_end, 0);
	beyond("far_offset", far_offset, 6);
	RUN(divide, 0);
	RUN(divide_large, 0);
	RUN(aam_zero, 0);
	RUN(aam, CF);
	RUN(bcd, CF | ZF | SF);
	RUN(into, OF);
	RUN(into_not, ZF);
	RUN(int3, STATUS);
	RUN(ud2, STATUS);
	RUN(lock, STATUS);
	RUN(mov_to_cs, STATUS);
	RUN(arpl, STATUS);
	RUN(lar, STATUS);
	RUN(sldt, STATUS);
	RUN(bound, STATUS);
	RUN(bound_inside, STATUS);
	RUN(lods_wraps, 0);
	RUN(rep_wraps, 0);
	RUN(rep_zero, 0);
	RUN(repe_cmps, STATUS);
	RUN(repne_scas, STATUS);
	RUN(loop_zero, 0);
	RUN(loop_wide, 0);
	RUN(jcxz, 0);
	RUN(flags_in, 0);
	RUN(flags_wide, 0);
	RUN(iret_flags, 0);
	RUN(far_call, 0);
	RUN(far_return, 0);
	RUN(les, 0);
	RUN(segments, 0);
	RUN(above, 0);
	RUN(enter, 0);
	RUN(pusha, 0);
	RUN(shifts, CF);
	RUN(multiply, CF | OF);
	RUN(xlat, 0);
	RUN(smsw, 0);
	RUN(wide, 0);
	RUN(wide_address, 0);
	RUN(address_wraps, 0);
	RUN(near_jump_wraps, 0);
	print("done\n");
	finish();
}

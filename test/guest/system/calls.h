/*
 * Calls and returns of every kind in hot code, all in one page, so that a compiler may take callees into their callers: indirect calls that
 * change their target, callees that come back elsewhere, flags that live across a call, recursion, an interrupt and new code in a callee.
 * What each iteration computes goes into one checksum. A word, W bytes, is a register's size; kit64.h or kit32.h comes before.
 */
#ifdef __x86_64__
#define W "8"
#define R(name) "%r" name
#define IRET "iretq"
#define ADD "addq"
#else
#define W "4"
#define R(name) "%e" name
#define IRET "iret"
#define ADD "addl"
#endif
#define AX R("ax")
#define DX R("dx")
#define CX R("cx")
#define SP R("sp")

volatile u32 times, result, interrupts;

__asm__(".text; .balign 4096\n"
	"churn: push " R("bx") "; push " R("bp") "; push " R("si") "; push " R("di") "\n"
	"	mov times, %ecx; mov $1, %eax; xor %ebx, %ebx\n"
	"again:\n"
	"	call leaf; adc $3, %eax\n"              /* CF of the callee's ADD */
	"	mov %ecx, %edx; shr $5, %edx; and $3, %edx\n"
	"	mov targets(, " DX ", " W "), " DX "\n"
	"	call *" DX "; rol $5, %eax\n"
	"	call *targets + " W "; xor %ecx, %eax\n"
	"	call skips; .byte 0x34, 0x5a\n"         /* xor $0x5a, %al, now and then left out */
	"	push " CX "; push " AX "; call releases; add %edx, %eax\n"
	"	call twice\n"
	"	mov %ecx, %edx; and $3, %edx; call deeper; add %ebx, %eax\n"
	"	call trampoline; call goes_back\n"
	"	call interrupted\n"
	"	test $255, %ecx; jnz 1f; incb patched + 1\n"
	"1:	call patched; sbb $7, %eax\n"
	"	dec %ecx; jnz again\n"
	"	mov %eax, result\n"
	"	pop " R("di") "; pop " R("si") "; pop " R("bp") "; pop " R("bx") "; ret\n"
	"leaf:	add %ecx, %eax; ret\n"
	"swap:	bswap %eax; ret\n"
	"negate: neg %eax; jz 1f; ret\n"
	"1:	inc %eax; ret\n"
	"third:	lea (" AX ", " AX ", 2), %eax; test $8, %al; jnz 1f; not %eax\n"
	"1:	ret\n"
	/* Every eighth time to the instruction after the next. */
	"skips:	test $7, %cl; jnz 1f\n"
	"	" ADD " $2, (" SP ")\n"
	"1:	add $0x1234567, %eax; ret\n"
	"releases: mov " W "(" SP "), %edx; xor 2*" W "(" SP "), %edx; ret $2*" W "\n"
	"twice:	call leaf; test $1, %al; jz 1f; call leaf; ret\n"
	"1:	rol $3, %eax; call leaf; ret\n"
	/* Calls itself until EDX is used up, and `leaf` on each way back. */
	"deeper: add %edx, %ebx; dec %edx; jle 1f; call deeper; inc %ebx; call leaf; ret\n"
	"1:	rol %ebx; ret\n"
	/* Leaves by a RET that is no return. */
	"trampoline: push $swap; ret\n"
	/* Goes back by a jump. */
	"goes_back: pop " DX "; add $5, %eax; jmp *" DX "\n"
	"interrupted: test $31, %ecx; jnz 1f; int $0x81\n"
	"1:	xor $0x40, %ah; ret\n"
	"patched: mov $0x11, %dl; add %dl, %al; ret\n"
	".balign 4096\n"
	"on_interrupt: incl interrupts; add $9, %eax; " IRET "\n"
	".data; .balign 8\n"
	"targets: ." W "byte leaf, swap, negate, third; .text");
extern u8 on_interrupt[];
void churn(long unused);

static void calls(const char *name, u32 count)
{
	times = count;
	interrupts = 0;
	report(name, attempt(churn, 0));
	value("  result", result);
	value("  interrupts", interrupts);
}

void main(void)
{
	install_tables();
	set_gate(0x81, KERNEL_CODE, (unsigned long)on_interrupt, INTERRUPT);
	calls("three calls", 3);
	calls("a thousand", 1000);
	calls("again", 1000);
	calls("once more", 3001);
	print("done\n");
}

/*
 * void switch_levels(u64 cr3, u64 cr4): CR4.LA57 changes with paging off only: down to compatibility mode, out of IA-32e mode, and
 * back. The caller and its stack lie below 4 GiB, where both tables map them onto themselves. FREE_SELECTOR is 32-bit code then.
 */
#define CODE32 0x50                     /* FREE_SELECTOR */
#define CODE64 0x08
#define PAGING_OFF 0x7fffffff
#define PAGING_ON 0x80000000

	.section .note.GNU-stack, "", @progbits
	.text
	.globl switch_levels
switch_levels:
	push %rbx
	mov %rsp, saved_rsp
	movq $0x00cf9b000000ffff, %rax  /* flat, 32-bit */
	mov %rax, gdt + CODE32
	sub $10, %rsp
	movl $1f, (%rsp)
	movw $CODE32, 4(%rsp)
	ljmp *(%rsp)

	.code32
1:	mov %cr0, %eax
	and $PAGING_OFF, %eax
	mov %eax, %cr0
	mov %esi, %cr4
	mov %edi, %cr3
	or $PAGING_ON, %eax
	mov %eax, %cr0
	ljmp $CODE64, $2f

	.code64
2:	mov saved_rsp, %rsp
	pop %rbx
	ret

	.bss
	.align 8
saved_rsp:	.skip 8

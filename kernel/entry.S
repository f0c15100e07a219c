/*
 * The first instructions. The loader's stack lies in memory that will be reused, so the kernel changes
 * to its own at once. RBP = 0 and a return address of 0 end every backtrace.
 */
	.section .text.entry, "ax"
	.globl kernel_entry
	.type kernel_entry, @function
kernel_entry:
	cli
	cld
	movq $kernel_stack_top, %rsp
	xorl %ebp, %ebp
	pushq $0
	jmp main
	.size kernel_entry, . - kernel_entry

	.section .note.GNU-stack, "", @progbits

/* A kernel address in 32 unsigned bits: R_X86_64_32. */

	.text
	.globl mod_init_v100
	.type mod_init_v100, @function
mod_init_v100:
	movl $1, %eax
	ret
	.globl mod_exit_v100
	.type mod_exit_v100, @function
mod_exit_v100:
	ret

	.data
	.long 0
	.long kmalloc

	.section .note.GNU-stack, "", @progbits

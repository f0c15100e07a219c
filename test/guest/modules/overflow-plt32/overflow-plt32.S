/* A near call from the heap to the kernel: R_X86_64_PLT32, as without -mcmodel=large. */

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

	.text
	call kmalloc@PLT

	.section .note.GNU-stack, "", @progbits

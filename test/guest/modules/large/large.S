/* 1.5 GiB of zeros: within the heap's region, but more than the machine has. */

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

	.bss
	.skip 0x60000000

	.section .note.GNU-stack, "", @progbits

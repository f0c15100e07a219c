/* 8 GiB of zeros. */

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
	.skip 0x200000000

	.section .note.GNU-stack, "", @progbits

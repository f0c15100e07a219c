/* An address of the module's own plus 2 GiB, in 32 signed bits: R_X86_64_32S. */

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
here:
	.reloc here, R_X86_64_32S, here + 0x80000000
	.long 0

	.section .note.GNU-stack, "", @progbits

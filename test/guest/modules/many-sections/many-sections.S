/* 80 sections. */

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

	.altmacro
	.macro section number
	.section .data.number\number, "aw", @progbits
	.byte \number
	.endm
	.set i, 0
	.rept 80
	section %i
	.set i, i + 1
	.endr

	.section .note.GNU-stack, "", @progbits

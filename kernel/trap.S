/*
 * Entry stubs for the 256 vectors, the table of their addresses, and the common part.
 *
 * Each stub makes the stack look alike: the processor pushes an error code for some vectors only
 * (SDM 3A, "Error Code"), so the others push 0. Then comes the vector, then struct trap_frame.
 */
	.text

	.macro stub vector
	.p2align 4
trap_\vector:
	.if \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21 || \vector == 29 || \vector == 30
	.else
	pushq $0
	.endif
	pushq $\vector
	jmp trap_common
	.endm

	.altmacro
	.set i, 0
	.rept 256
	stub %i
	.set i, i + 1
	.endr

	.type trap_common, @function
trap_common:
	pushq %rax
	pushq %rbx
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %rbp
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	cld
	movq %rsp, %rdi
	/* 22 quadwords below a 16-byte boundary (SDM 3A, "64-Bit Mode Stack Frame"): aligned as the ABI wants at a call. */
	call trap
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rbp
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	popq %rbx
	popq %rax
	addq $16, %rsp
	iretq
	.size trap_common, . - trap_common

	.section .rodata
	.globl trap_stubs
	.p2align 3
	.macro address vector
	.quad trap_\vector
	.endm
trap_stubs:
	.set i, 0
	.rept 256
	address %i
	.set i, i + 1
	.endr

	.section .note.GNU-stack, "", @progbits

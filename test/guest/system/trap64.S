/*
 * Exceptions as results. attempt() calls a function; an exception inside it, at any privilege level, ends
 * it and leaves everything in `trap`. See kit64.h.
 */
	.section .note.GNU-stack, "", @progbits
	.text
	.globl attempt, enter_user, trap_stubs, trap

/* struct trap *attempt(void (*body)(long), long argument) */
attempt:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	pushfq
	mov %rsp, saved_rsp(%rip)
	mov %rdi, %rax
	mov %rsi, %rdi
	cld
	call *%rax
	xor %eax, %eax
	jmp restored
recover:
	mov $0x10, %eax
	mov %eax, %ss
	mov %eax, %ds
	mov %eax, %es
	mov saved_rsp(%rip), %rsp
	lea trap(%rip), %rax
restored:
	popfq
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

/* void enter_user(const struct frame *frame): rip, cs, rflags, rsp, ss. Registers hold nothing secret or useful. */
enter_user:
	push 32(%rdi)
	push 24(%rdi)
	push 16(%rdi)
	push 8(%rdi)
	push 0(%rdi)
	mov 40(%rdi), %rax
	xor %ecx, %ecx
	iretq

/* The registers, then vector, error code and the frame that the processor pushed, then CR2 and RSP. */
common:
	mov %rax, trap + 0(%rip)
	mov %rcx, trap + 8(%rip)
	mov %rdx, trap + 16(%rip)
	mov %rbx, trap + 24(%rip)
	mov %rbp, trap + 40(%rip)
	mov %rsi, trap + 48(%rip)
	mov %rdi, trap + 56(%rip)
	mov %r8, trap + 64(%rip)
	mov %r11, trap + 88(%rip)
	pop trap + 128(%rip)
	pop trap + 136(%rip)
	mov %rsp, trap + 192(%rip)
	pop trap + 144(%rip)
	pop trap + 152(%rip)
	pop trap + 160(%rip)
	pop trap + 168(%rip)
	pop trap + 176(%rip)
	mov %cr2, %rax
	mov %rax, trap + 184(%rip)
	pushfq
	pop trap + 200(%rip)
	mov %ss, %rax
	mov %rax, trap + 208(%rip)
	mov %cs, %rax
	mov %rax, trap + 216(%rip)
	jmp recover

/* 32 bytes a vector. */
	.align 32
trap_stubs:
	.set vector, 0
	.rept 256
	.align 32
	.if !((vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21))
	push $0
	.endif
	push $vector
	jmp common
	.set vector, vector + 1
	.endr

	.bss
	.align 16
saved_rsp:	.skip 8
	.align 16
trap:	.skip 256

/* Exceptions as results, in protected mode: see trap64.S and kit32.h. SS is the only data segment known to be good. */
	.section .note.GNU-stack, "", @progbits
	.text
	.globl attempt, enter_user, trap_stubs, trap

/* struct trap *attempt(void (*body)(long), long argument) */
attempt:
	push %ebx
	push %ebp
	push %esi
	push %edi
	pushf
	mov %esp, saved_esp
	mov 24(%esp), %eax
	push 28(%esp)
	cld
	call *%eax
	mov $0x10, %eax
	mov %eax, %ss                   /* the body may have loaded any segment */
	mov %eax, %ds
	mov %eax, %es
	mov saved_esp, %esp
	xor %eax, %eax
	jmp restored
recover:
	mov $0x10, %eax
	mov %eax, %ss
	mov %eax, %ds
	mov %eax, %es
	mov %ss:saved_esp, %esp
	mov $trap, %eax
restored:
	popf
	pop %edi
	pop %esi
	pop %ebp
	pop %ebx
	ret

/* void enter_user(const struct frame *frame): eip, cs, eflags, esp, ss, es, ds, fs, gs, eax. */
enter_user:
	mov 4(%esp), %edi
	mov $9, %ecx
1:	push -4(%edi, %ecx, 4)
	loop 1b
	mov 36(%edi), %eax
	testl $0x20000, 8(%esp)
	jnz 2f
	mov 24(%esp), %ecx
	mov %ecx, %ds
	mov 20(%esp), %ecx
	mov %ecx, %es
2:	iretl

common:
	mov %eax, %ss:trap + 0
	mov %ecx, %ss:trap + 4
	mov %edx, %ss:trap + 8
	mov %ebx, %ss:trap + 12
	mov %ebp, %ss:trap + 20
	mov %esi, %ss:trap + 24
	mov %edi, %ss:trap + 28
	mov %ds, %eax
	mov %eax, %ss:trap + 80
	pushf
	pop %ss:trap + 88
	mov %ss, %eax
	mov %eax, %ss:trap + 92
	mov %eax, %ds
	mov %cs, %eax
	mov %eax, trap + 96
	pop trap + 32
	pop trap + 36
	mov %esp, trap + 84
	pop trap + 40
	pop trap + 44
	pop trap + 48
	mov %cr2, %eax
	mov %eax, trap + 76
	testl $0x20000, trap + 48
	jnz from_v86
	testb $3, trap + 44
	jz recover
	pop trap + 52
	pop trap + 56
	jmp recover
from_v86:
	pop trap + 52
	pop trap + 56
	pop trap + 60
	pop trap + 64
	pop trap + 68
	pop trap + 72
	jmp recover

/* 16 bytes a vector. */
	.align 16
trap_stubs:
	.set vector, 0
	.rept 256
	.align 16
	.if !((vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21))
	push $0
	.endif
	push $vector
	jmp common
	.set vector, vector + 1
	.endr

	.bss
	.align 16
saved_esp:	.skip 4
	.align 16
trap:	.skip 128

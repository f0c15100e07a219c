/*
 * `prepare`, called by start.S where it is linked in: returns in virtual-8086 mode. From there on the
 * program, and every BIOS service that it calls, is a task at privilege level 3 under the smallest monitor:
 *
 *   interrupts and INT n   to the real-mode vector, as the processor would in real mode
 *   HLT (#GP)              done for the task, with interrupts on
 *   any other exception    the program ends with status 86h
 *
 * IOPL is 3 and the I/O bitmap is open, so nothing else traps.
 */
	CODE32 = 0x08
	DATA32 = 0x10
	TASK = 0x18
	EFLAGS_VM_IOPL3 = 0x00023002
	EFLAGS_VM = 0x00020000
	IF_TF = 0x0300
	GENERAL_PROTECTION = 13
	OPCODE_HLT = 0xf4

	.code16
	.section .text, "ax"
	.globl prepare
prepare:
	cli
	movl	$task, %eax
	movw	%ax, descriptor_task + 2
	shrl	$16, %eax
	movb	%al, descriptor_task + 4
	movl	$stack_end, task + 4            /* ESP0 */
	movw	$DATA32, task + 8               /* SS0 */
	movw	$bitmap - task, task + 102
	movb	$0xff, bitmap_end

	movl	$entries, %eax                  /* 256 gates, DPL 3 so that INT n passes */
	movl	$idt, %edi
	movl	$256, %ecx
1:	movw	%ax, (%edi)
	movw	$CODE32, 2(%edi)
	movw	$0xee00, 4(%edi)
	movw	$0, 6(%edi)
	addl	$8, %edi
	addl	$10, %eax
	loop	1b

	popl	%edx                            /* where to return */
	movl	%esp, %ebp
	lgdtl	gdtr
	lidtl	idtr
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$CODE32, $protected

	.code32
protected:
	movw	$DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$stack_end, %esp
	movw	$TASK, %ax
	ltr	%ax
	pushl	$0                              /* GS FS DS ES */
	pushl	$0
	pushl	$0
	pushl	$0
	pushl	$0                              /* SS */
	pushl	%ebp
	pushl	$EFLAGS_VM_IOPL3
	pushl	$0                              /* CS */
	pushl	%edx
	iretl

/* One entry a vector, ten bytes each: its number, then on. */
	.balign 4
entries:
	.set	vector, 0
	.rept	256
	.byte	0x68
	.long	vector
	.byte	0xe9
	.long	monitor - . - 4
	.set	vector, vector + 1
	.endr

/* Stack: vector, [error code], EIP, CS, EFLAGS, ESP, SS. */
monitor:
	cmpl	$GENERAL_PROTECTION, (%esp)
	je	1f
	testl	$EFLAGS_VM, 12(%esp)
	jnz	1f
	popl	8(%esp)                         /* it ended our HLT: as if it had come from the task */
	addl	$8, %esp
1:	pushal
	movw	$DATA32, %ax
	movw	%ax, %ds
	movl	32(%esp), %eax
	cmpl	$GENERAL_PROTECTION, %eax
	je	protection
	cmpl	$8, %eax
	jb	fatal
reflect:
	leal	36(%esp), %ebx                  /* EIP CS EFLAGS ESP SS */
	subw	$6, 12(%ebx)
	movzwl	16(%ebx), %ecx
	shll	$4, %ecx
	movzwl	12(%ebx), %edx
	addl	%edx, %ecx
	movw	(%ebx), %dx
	movw	%dx, (%ecx)
	movw	4(%ebx), %dx
	movw	%dx, 2(%ecx)
	movw	8(%ebx), %dx
	movw	%dx, 4(%ecx)
	movzwl	(,%eax,4), %edx
	movl	%edx, (%ebx)
	movzwl	2(,%eax,4), %edx
	movl	%edx, 4(%ebx)
	andl	$~IF_TF, 8(%ebx)
	popal
	addl	$4, %esp
	iretl

protection:
	movl	36(%esp), %ecx                  /* error code 0: an instruction, not an interrupt's gate */
	testl	%ecx, %ecx
	jnz	fatal
	movzwl	44(%esp), %ecx
	shll	$4, %ecx
	addl	40(%esp), %ecx
	cmpb	$OPCODE_HLT, (%ecx)
	jne	fatal
	incl	40(%esp)
	popal
	addl	$8, %esp
	sti
	hlt
	iretl

fatal:
	movb	$0x86, %al
	outb	%al, $0xf4
	cli
	hlt

	.section .data
	.balign 8
gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
descriptor_task:
	.word	task_end - task - 1, 0, 0x8900, 0
gdtr:	.word	. - gdt - 1
	.long	gdt
idtr:	.word	256 * 8 - 1
	.long	idt

	.section .bss
	.balign 16
idt:	.skip	256 * 8
	.skip	1024
stack_end:
task:	.skip	104
bitmap:	.skip	8192
bitmap_end:
	.skip	1
task_end:

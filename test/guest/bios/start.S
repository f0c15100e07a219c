/*
 * Entry from the BIOS, and `bios(number, registers)`: one software interrupt with all registers given and taken.
 */
	.code16
	.section .start, "ax"
	.globl start
start:
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$0x7c00, %esp
	cld
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	movb	%dl, boot_drive
	.weak	prepare
	movl	$prepare, %eax
	testl	%eax, %eax
	jz	1f
	calll	*%eax
1:	calll	main
	xorb	%al, %al
	calll	finish

	.section .text, "ax"
/* EAX: the number, EDX: struct Registers { eax ebx ecx edx esi edi ebp; ds es flags } */
	.globl bios
bios:
	pushal
	pushw	%ds
	pushw	%es
	movb	%al, number
	pushl	%edx
	movl	%edx, %eax
	movl	4(%eax), %ebx
	movl	8(%eax), %ecx
	movl	16(%eax), %esi
	movl	20(%eax), %edi
	movl	24(%eax), %ebp
	movw	30(%eax), %es
	pushl	12(%eax)
	pushw	28(%eax)
	movl	(%eax), %eax
	popw	%ds
	popl	%edx
	.byte	0xcd                    /* INT */
number:	.byte	0
	pushfw
	pushw	%ds
	pushl	%eax
	xorw	%ax, %ax
	movw	%ax, %ds
	movl	8(%esp), %eax
	movl	%ebx, 4(%eax)
	movl	%ecx, 8(%eax)
	movl	%edx, 12(%eax)
	movl	%esi, 16(%eax)
	movl	%edi, 20(%eax)
	movl	%ebp, 24(%eax)
	movw	%es, 30(%eax)
	popl	(%eax)
	popw	28(%eax)
	popw	32(%eax)
	popl	%eax
	popw	%es
	popw	%ds
	popal
	retl
	.section .bss
	.globl boot_drive
boot_drive: .skip 1

/*
 * Two hops into protected mode and back (see far.h). The stack is not touched there, so SS keeps its
 * real-mode contents; interrupts are off. The caller's GDTR is put back: a loader may have prepared its own
 * before it asks for INT 15h AH=87h.
 */
#include "segments.h"

PM_DATA32 = 0x10
PM_CODE16 = 0x18
PM_DATA16 = 0x20

/* The address-size prefix: ESI, EDI and ECX in 16-bit code. */
	.macro ADDRESS32
	.byte	0x67
	.endm

/* To protected mode; EBX keeps the CR0 of before. Uses EAX. */
	.macro ENTER_PROTECTED_MODE
	lgdtl	%cs:gdt_in_shadow
	movl	%cr0, %ebx
	movl	%ebx, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpw	$PM_CODE16, $8f
8:
	.endm

	.macro LEAVE_PROTECTED_MODE
	movl	%ebx, %cr0
	ljmpw	$CODE_SEGMENT, $9f
9:
	.endm

	.code16
	.section .text, "ax"

/* bool physical_copy(u32 to, u32 from, u32 bytes). DS and ES get back a limit of 64 KiB. */
	.globl physical_copy
physical_copy:
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	smsww	%bx
	testb	$1, %bl                 /* CR0.PE: the caller is a virtual-8086 task */
	jnz	refuse
	pushw	%ds
	pushw	%es
	subl	$8, %esp
	sgdtl	(%esp)
	movl	%eax, %edi
	movl	%edx, %esi
	movl	%ecx, %edx

	ENTER_PROTECTED_MODE
	movw	$PM_DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	shrl	$2, %ecx
	ADDRESS32
	rep movsl
	movl	%edx, %ecx
	andl	$3, %ecx
	ADDRESS32
	rep movsb
	movw	$PM_DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	LEAVE_PROTECTED_MODE

	lgdtl	%ss:(%esp)
	addl	$8, %esp
	popw	%es
	popw	%ds
	movl	$1, %eax
	jmp	done
refuse:
	xorl	%eax, %eax
done:
	popl	%edi
	popl	%esi
	popl	%ebx
	retl

/* void big_real_mode(bool big): DS, ES, FS and GS get a limit of 4 GiB, or of 64 KiB. */
	.globl big_real_mode
big_real_mode:
	pushl	%ebx
	pushw	%ds
	pushw	%es
	pushw	%fs
	pushw	%gs
	movw	$PM_DATA16, %dx
	testb	%al, %al
	jz	1f
	movw	$PM_DATA32, %dx
1:	ENTER_PROTECTED_MODE
	movw	%dx, %ds
	movw	%dx, %es
	movw	%dx, %fs
	movw	%dx, %gs
	LEAVE_PROTECTED_MODE
	popw	%gs
	popw	%fs
	popw	%es
	popw	%ds
	popl	%ebx
	retl

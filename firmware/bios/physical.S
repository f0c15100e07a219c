/*
 * bool physical_copy(u32 to, u32 from, u32 bytes): see far.h.
 *
 * Protected mode for the length of one string instruction. SS keeps its real-mode contents and the stack is not
 * touched meanwhile. DS and ES get back a 64 KiB limit, and the caller's GDTR is put back: a loader
 * may have prepared its own before asking for INT 15h AH=87h.
 */
#include "segments.h"

PM_DATA32 = 0x10
PM_CODE16 = 0x18
PM_DATA16 = 0x20

/* The address-size prefix: ESI, EDI and ECX in 16-bit code. */
	.macro ADDRESS32
	.byte	0x67
	.endm

	.code16
	.section .text, "ax"
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

	lgdtl	%cs:gdt_in_shadow
	movl	%cr0, %ebx
	movl	%ebx, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpw	$PM_CODE16, $protected
protected:
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
	movl	%ebx, %cr0
	ljmpw	$CODE_SEGMENT, $real
real:
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

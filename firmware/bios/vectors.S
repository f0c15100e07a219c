/*
 * Interrupt entries. A service's entry is two instructions: its C function, and the gate.
 *
 * Hardware interrupts do on the interrupted program's stack what may call foreign code (INT 1Ch, 15h
 * AH=4Fh, 1Bh, 4Ah, the mouse handler), and go through the gate for the rest. `RUN function` is a gate call that
 * comes back here: the gate ends in IRET, so it is given an IRET frame to ourselves.
 */
#include "segments.h"

	.code16

	.macro SERVICE number, function
	.section .text, "ax"
entry_\number:
	pushw	$\function
	jmp	gate
	VECTOR	\number, entry_\number
	.endm

	.macro VECTOR number, label
	.section .rodata.vectors, "a"
	.word	\number, \label
	.section .text, "ax"
	.endm

	.macro RUN function
	pushfw
	pushw	%cs
	pushw	$7f
	pushw	$\function
	jmp	gate
7:
	.endm

	.macro EOI_MASTER
	movb	$0x20, %al
	outb	%al, $0x20
	.endm

	.macro EOI_BOTH
	movb	$0x20, %al
	outb	%al, $0xa0
	outb	%al, $0x20
	.endm

	.section .rodata.vectors, "a"
	.globl vector_table
vector_table:                           /* pairs: number, offset in F000h; ends with FFFFh */

	SERVICE	0x00, divide_error
	SERVICE	0x06, invalid_opcode
	SERVICE	0x0c, stack_fault
	SERVICE	0x0d, general_protection
	SERVICE	0x10, int10
	SERVICE	0x11, int11
	SERVICE	0x12, int12
	SERVICE	0x13, int13
	SERVICE	0x14, int14
	SERVICE	0x15, int15
	SERVICE	0x16, int16
	SERVICE	0x17, int17
	SERVICE	0x1a, int1a

/* INT 18h and 19h never return, so they begin with an empty stack. */
	.macro FRESH_STACK function
	cli
	cld
	movw	$DATA_SEGMENT, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$service_stack_end, %esp
	xorw	%ax, %ax
	movw	%ax, %fs
	calll	\function
	.endm

entry_18:
	FRESH_STACK boot_next
	VECTOR	0x18, entry_18
entry_19:
	FRESH_STACK boot_first
	VECTOR	0x19, entry_19

/* IRQ 0: the 8254, 18.2 times a second. */
irq0:
	pushw	%ds
	pushw	%ax
	pushw	%dx
	RUN	timer_tick
	int	$0x1c
	cli
	EOI_MASTER
	popw	%dx
	popw	%ax
	popw	%ds
	iretw
	VECTOR	0x08, irq0

/* IRQ 1: the keyboard. keyboard_scancode returns in AL what must happen after EOI. */
irq1:
	pushw	%ax
	movb	$0, %ah
	inb	$0x64, %al
	testb	$1, %al                 /* nothing there: a service took the byte by polling */
	jz	1f
	inb	$0x60, %al
	movb	$0x4f, %ah
	stc
	int	$0x15
	movb	$0, %ah
	jnc	1f
	RUN	keyboard_scancode
	movb	%al, %ah
1:	cli
	EOI_MASTER
	cmpb	$0x1b, %ah
	jne	2f
	int	$0x1b
2:	cmpb	$0x05, %ah
	jne	3f
	int	$0x05
3:	cmpb	$0x15, %ah              /* SysReq: AL says pressed or released */
	jne	4f
	movw	$0x8500, %ax
	int	$0x15
4:	cmpb	$0x16, %ah
	jne	5f
	movw	$0x8501, %ax
	int	$0x15
5:	cmpb	$0x50, %ah              /* Pause: until another key */
	jne	8f
	pushw	%ds
	xorw	%ax, %ax
	movw	%ax, %ds
6:	sti
	hlt
	testb	$0x08, 0x418
	jnz	6b
	cli
	popw	%ds
8:	popw	%ax
	iretw
	VECTOR	0x09, irq1

/* IRQ 8: the real-time clock. rtc_interrupt returns 1 in AL if the alarm went off. */
irq8:
	pushw	%ax
	RUN	rtc_interrupt
	cmpb	$1, %al
	jne	1f
	int	$0x4a
	cli
1:	EOI_BOTH
	popw	%ax
	iretw
	VECTOR	0x70, irq8

/* IRQ 12: the mouse. mouse_byte returns AL = 1 with BX, CX, DX = status, x, y for the handler at ES:DI. */
irq12:
	pushal
	pushw	%ds
	pushw	%es
	RUN	mouse_byte
	cmpb	$1, %al
	jne	1f
	pushw	%es
	pushw	%di
	pushw	%bx
	pushw	%cx
	pushw	%dx
	pushw	$0
	movw	%sp, %bp
	lcallw	*8(%bp)
	addw	$12, %sp
1:	cli
	EOI_BOTH
	popw	%es
	popw	%ds
	popal
	iretw
	VECTOR	0x74, irq12

/* IRQ 13: FERR#, which old software takes as NMI. */
irq13:
	pushw	%ax
	xorb	%al, %al
	outb	%al, $0xf0
	EOI_BOTH
	popw	%ax
	int	$0x02
	iretw
	VECTOR	0x75, irq13

/* Lines without a service, and interrupts that nobody set. */
	.macro UNEXPECTED numbers:vararg
	.irp number, \numbers
	SERVICE	\number, unexpected_interrupt
	.endr
	.endm
	UNEXPECTED 0x0a, 0x0b, 0x0e, 0x0f, 0x71, 0x72, 0x73, 0x76, 0x77

/* VBE's window function as a far call: BX and DX as for 4F05h (VBE 3.0, "Display Window Control"). */
	.globl vbe_window_far
vbe_window_far:
	movw	$0x4f05, %ax
	int	$0x10
	lretw

	.globl do_nothing
do_nothing:
	iretw

	.section .rodata.vectors, "a"
	.word	0xffff

/*
 * From the reset vector to post(), and the gate between interrupts and C.
 *
 * Reset. The ROM is copied to RAM at its own address below 1 MiB ("shadowed"): its last 128 KiB are
 * also at 4 GiB - 128 KiB, where they cannot be hidden, so a piece of 32-bit code runs there while
 * the chipset swaps ROM for RAM at C0000h-FFFFFh (82441FX, "Programmable Attribute Map"). The image
 * holds the variables too, zeroed, so the copy initializes them.
 *
 * The gate. C code by -m16 wants one data and stack segment: near pointers, also those to locals, use
 * DS. The caller's stack may be anywhere, so a service runs on the BIOS's own stack in segment E000h,
 * on which the gate builds `struct Registers` (registers.h). A service that is called by a service,
 * or by POST, finds SS = E000h already and goes on below the stack pointer. Services run with
 * interrupts off and never enable them; one that must wait sets `again`, and the gate waits on the
 * caller's stack. So the BIOS's stack holds nothing while foreign code runs, whatever it does.
 */
#include "segments.h"

PM_CODE32 = 0x08
PM_DATA32 = 0x10
PM_CODE16 = 0x18
PM_DATA16 = 0x20
ROM_ALIAS = 0xffff0000          /* F0000h's bytes, just below 4 GiB */
CR0_CD_NW = 0x60000000
SHUTDOWN_BYTE = 0x8f            /* CMOS register 0Fh, with NMI masked */

	.code16
	.section .text, "ax"

	.globl reset
reset:
	cli
	cld
	movb	$0x01, %al
	outb	%al, $0x80

	/* An INIT with a shutdown byte of 5 or 10 goes on at 40:67 (PC/AT BIOS). */
	movb	$SHUTDOWN_BYTE, %al
	outb	%al, $0x70
	inb	$0x71, %al
	movb	%al, %bl
	cmpb	$0, %bl
	je	cold
	movb	$SHUTDOWN_BYTE, %al
	outb	%al, $0x70
	movb	$0, %al
	outb	%al, $0x71
	cmpb	$0x05, %bl
	je	resume_after_eoi
	cmpb	$0x0a, %bl
	je	resume
cold:
	lgdtl	%cs:gdt_in_alias
	movl	%cr0, %eax
	andl	$~CR0_CD_NW, %eax       /* reset leaves the caches off (SDM 3A, "Processor State After Reset") */
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$PM_CODE32, $(ROM_ALIAS + shadow)

resume_after_eoi:
	movb	$0x20, %al
	outb	%al, $0xa0
	outb	%al, $0x20
resume:
	xorw	%ax, %ax
	movw	%ax, %ds
	ljmpw	*0x467

	.code32
shadow:
	movw	$PM_DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss

	/* Keep a video ROM that the board put at C0000h: out of the way, then back into RAM. EBX: its bytes. */
	xorl	%ebx, %ebx
	cmpw	$0xaa55, 0xc0000
	jne	1f
	movb	0xc0002, %bl
	shll	$9, %ebx
1:	movl	$0xc0000, %esi
	movl	$0x10000, %edi
	movl	%ebx, %ecx
	rep movsb

	/* PAM0..PAM6 (bytes 59h..5Fh of 00:00.0): reads and writes of C0000h-FFFFFh go to RAM. */
	movl	$0x80000058, %eax
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movw	$0xcfd, %dx
	movb	$0x30, %al
	outb	%al, %dx
	incw	%dx
	movb	$0x33, %al
	outb	%al, %dx
	incw	%dx
	outb	%al, %dx
	movl	$0x8000005c, %eax
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movw	$0xcfc, %dx
	movl	$0x33333333, %eax
	outl	%eax, %dx

	movl	$0x10000, %esi
	movl	$0xc0000, %edi
	movl	%ebx, %ecx
	rep movsb
	movl	$0xe0000, %ecx          /* and nothing behind it */
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	movl	$0xfffe0000, %esi
	movl	$0xe0000, %edi
	movl	$0x20000 / 4, %ecx
	rep movsl

	movw	$PM_DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	ljmpl	$PM_CODE16, $leave_protected_mode

	.code16
leave_protected_mode:
	movl	%cr0, %eax
	andl	$~1, %eax
	movl	%eax, %cr0
	ljmpw	$CODE_SEGMENT, $start
start:
	lidtl	%cs:real_mode_idt
	movw	$DATA_SEGMENT, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$post_stack_end, %esp
	xorw	%ax, %ax
	movw	%ax, %fs
	calll	post
	int	$0x19

	.balign 8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff      /* PM_CODE32: flat */
	.quad	0x00cf93000000ffff      /* PM_DATA32: flat */
	.quad	0x00009b0f0000ffff      /* PM_CODE16: segment F000h */
	.quad	0x000093000000ffff      /* PM_DATA16: real mode's limit */
gdt_end:
gdt_in_alias:
	.word	gdt_end - gdt - 1
	.long	ROM_ALIAS + gdt
	.globl gdt_in_shadow
gdt_in_shadow:
	.word	gdt_end - gdt - 1
	.long	(CODE_SEGMENT << 4) + gdt
real_mode_idt:
	.word	0x3ff
	.long	0

/*
 * The gate. On the caller's stack: the service (16 bits), then what INT pushed: IP, CS, FLAGS.
 * Reached by a jump, from the stubs in vectors.S.
 */
	.globl gate
gate:
	cli                             /* a caller may have come by PUSHF and CALL */
	cld
	pushw	%ds
	pushl	%eax
	movw	$DATA_SEGMENT, %ax
	movw	%ax, %ds
	movw	%ss, %ax
	cmpw	$DATA_SEGMENT, %ax
	movl	$service_stack_end, %eax
	jne	1f
	movl	%esp, %eax
1:	subl	$FRAME_SIZE, %eax

	movl	%ebx, FRAME_EBX(%eax)
	movl	%ecx, FRAME_ECX(%eax)
	movl	%edx, FRAME_EDX(%eax)
	movl	%esi, FRAME_ESI(%eax)
	movl	%edi, FRAME_EDI(%eax)
	movl	%ebp, FRAME_EBP(%eax)
	movw	%es, FRAME_ES(%eax)
	movw	%fs, FRAME_FS(%eax)
	movw	%gs, FRAME_GS(%eax)
	popl	FRAME_EAX(%eax)
	popw	FRAME_DS(%eax)
	popw	FRAME_HANDLER(%eax)
	popw	FRAME_IP(%eax)
	popw	FRAME_CS(%eax)
	popw	FRAME_FLAGS(%eax)
	movw	%ss, FRAME_SS(%eax)
	movl	%esp, FRAME_ESP(%eax)
	movw	$0, FRAME_AGAIN(%eax)

	movw	%ds, %cx
	movw	%cx, %ss
	movl	%eax, %esp
	movw	%cx, %es
	xorl	%ecx, %ecx
	movw	%cx, %fs
	movw	FRAME_HANDLER(%eax), %cx
	calll	*%ecx

	cld
	movl	%esp, %eax
	movl	FRAME_EBX(%eax), %ebx
	movl	FRAME_ECX(%eax), %ecx
	movl	FRAME_EDX(%eax), %edx
	movl	FRAME_ESI(%eax), %esi
	movl	FRAME_EDI(%eax), %edi
	movl	FRAME_EBP(%eax), %ebp
	movw	FRAME_ES(%eax), %es
	movw	FRAME_FS(%eax), %fs
	movw	FRAME_GS(%eax), %gs
	movw	FRAME_SS(%eax), %ss
	movl	FRAME_ESP(%eax), %esp
	pushw	FRAME_FLAGS(%eax)
	pushw	FRAME_CS(%eax)
	pushw	FRAME_IP(%eax)
	cmpw	$0, FRAME_AGAIN(%eax)
	jne	2f
	pushl	FRAME_EAX(%eax)
	movw	FRAME_DS(%eax), %ds
	popl	%eax
	iretw

2:	pushw	FRAME_HANDLER(%eax)
	pushl	FRAME_EAX(%eax)
	movw	FRAME_DS(%eax), %ds
	popl	%eax
	sti
	hlt
	jmp	gate

/*
 * void call_far(u32 target, u32 eax), target = segment << 16 | offset: runs an option ROM's entry, which ends in RETF.
 * It may change every register.
 */
	.globl call_far
call_far:
	pushal
	pushw	%ds
	pushw	%es
	pushw	%fs
	pushw	%gs
	pushl	%eax
	movl	%esp, %ebx
	movl	%edx, %eax
	lcallw	*(%ebx)
	cli
	cld
	popl	%eax
	popw	%gs
	popw	%fs
	popw	%es
	popw	%ds
	popal
	retl

/* void start_boot_code(u32 target, u32 dl): leaves the BIOS for a boot sector. */
	.globl start_boot_code
start_boot_code:
	xorw	%cx, %cx
	movw	%cx, %ds
	movw	%cx, %es
	movw	%cx, %fs
	movw	%cx, %gs
	movw	%cx, %ss
	movl	$0x7c00, %esp
	pushw	$(0x0200 | 2)           /* FLAGS: interrupts on */
	pushl	%eax
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	iretw

	.section .bss
	.balign 16
	.skip	0x0e00
	.globl service_stack_end
service_stack_end:
	.skip	0x1000
	.globl post_stack_end
post_stack_end:

	.section .reset, "ax"
	ljmpw	$CODE_SEGMENT, $reset
	.ascii	"01/01/26"              /* F000:FFF5, the ROM's date */
	.byte	0xff
	.byte	0xfc                    /* F000:FFFE, model: AT */
	.byte	0x00

/*
 * What software finds by scanning F0000h-FFFFFh, each on a paragraph; the 32-bit entries; the 8x8 font's fixed
 * place. POST fills in addresses and checksums before the shadow RAM is locked.
 */
#include "segments.h"

	.section .anchors, "a"

	.balign 16
	.globl acpi_rsdp                /* ACPI, "Root System Description Pointer" */
acpi_rsdp:
	.ascii	"RSD PTR "
	.byte	0
	.ascii	"GANTRY"
	.byte	0                       /* revision: ACPI 1.0 */
	.long	0                       /* RSDT */

	.balign 16
	.globl bios32                   /* Standard BIOS 32-bit Service Directory */
bios32:
	.ascii	"_32_"
	.long	(CODE_SEGMENT << 4) + bios32_entry
	.byte	0                       /* revision */
	.byte	1                       /* paragraphs */
	.byte	0                       /* checksum */
	.skip	5

	.balign 16
	.globl smbios_anchor            /* SMBIOS 2.4, "Entry Point Structure" */
smbios_anchor:
	.skip	32
	.balign 16
	.globl smbios_table
smbios_table:
	.skip	512

/* PCI IRQ Routing Table Specification 1.0: device d's pin p is on PIRQ[(d - 1 + p - 1) mod 4]. */
	.macro PIN device, pin
	.byte	0x60 + ((\device - 1 + \pin - 1) & 3)
	.word	0x0c00                  /* IRQ 10, 11 */
	.endm

	.balign 16
	.globl pir, pir_slots, pir_end
pir:
	.ascii	"$PIR"
	.word	0x0100
	.word	pir_end - pir
	.byte	0, 0x08                 /* the router: 00:01.0 */
	.word	0
	.long	0x122e8086              /* compatible with the 82371FB */
	.long	0
	.skip	11
	.byte	0                       /* checksum */
pir_slots:
	.irp device, 1, 2, 3, 4, 5, 6
	.byte	0, \device << 3
	PIN	\device, 1
	PIN	\device, 2
	PIN	\device, 3
	PIN	\device, 4
	.byte	\device, 0
	.endr
pir_end:

	.section .text, "ax"
	.code32
/* Far call. EAX the service wanted, BL 0. Returns AL, EBX base, ECX length, EDX entry's offset. */
bios32_entry:
	pushfl
	testb	%bl, %bl
	jnz	1f
	cmpl	$0x49435024, %eax       /* "$PCI" */
	jne	2f
	movl	$(CODE_SEGMENT << 4), %ebx
	movl	$0x10000, %ecx
	movl	$pci32_entry, %edx
	xorb	%al, %al
	jmp	3f
1:	movb	$0x81, %al              /* no such function */
	jmp	3f
2:	movb	$0x80, %al              /* no such service */
3:	popfl
	lret

/* Far call, AH = B1h: see pcibios.c. */
	.globl pci32_entry
pci32_entry:
	cmpb	$0x01, %al
	je	pci32_present
	pushl	%edx
	pushl	%ecx
	pushl	%eax
	cmpb	$0x02, %al
	je	pci32_device
	cmpb	$0x03, %al
	je	pci32_class
	cmpb	$0x08, %al
	jb	pci32_unsupported
	cmpb	$0x0d, %al
	ja	pci32_unsupported
	movl	%edi, %edx
	cmpb	$0x0b, %al
	movzbl	%al, %eax
	pushfl
	shll	$16, %eax
	movw	%bx, %ax
	popfl
	jae	1f
	call	pci32_read
	movl	%eax, 4(%esp)           /* ECX */
	jmp	pci32_done
1:	call	pci32_write
	jmp	pci32_done

pci32_device:
	movl	%ecx, %eax
	movl	%esi, %ecx
	call	pci32_find_device
	jmp	1f
pci32_class:
	movl	%ecx, %eax
	movl	%esi, %ecx
	call	pci32_find_class
1:	testb	%dl, %dl
	jnz	pci32_done
	movw	%ax, %bx
	jmp	pci32_done

pci32_unsupported:
	movb	$0x81, %dl
pci32_done:
	movb	%dl, 1(%esp)            /* AH */
	popl	%eax
	popl	%ecx
	popl	%edx
	cmpb	$1, %ah                 /* carry: below 1 is success */
	cmc
	lret

pci32_present:
	movl	$0x20494350, %edx       /* "PCI " */
	movw	$0x0001, %ax            /* successful; mechanism 1 */
	movw	$0x0210, %bx
	movb	$0, %cl
	clc
	lret

	.section .font8, "a"
	.incbin	"font_8x8.bin", 0, 128 * 8

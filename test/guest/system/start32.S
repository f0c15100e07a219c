/* From a Multiboot 1 loader to main() in 32-bit protected mode without paging. Interrupts stay off. */
#define MULTIBOOT_MAGIC 0x1badb002

	.section .note.GNU-stack, "", @progbits
	.section .multiboot, "a"
	.align 4
	.long MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

	.text
	.globl start
start:
	cli
	mov $0xff, %al                  /* no interrupts of devices: what the loader left running stays silent */
	out %al, $0x21
	out %al, $0xa1
	mov $stack_top, %esp
	lgdt boot_gdtr
	ljmp $0x08, $1f
1:	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	call main

/* void finish(void): ends the run with exit status 0 where port F4h does that. */
	.globl finish
finish:
	xor %eax, %eax
	out %al, $0xf4
1:	cli
	hlt
	jmp 1b

	.section .rodata
	.align 8
boot_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
boot_gdtr:
	.word . - boot_gdt - 1
	.long boot_gdt

	.bss
	.align 16
	.skip 16384
stack_top:

/*
 * From a Multiboot 1 loader to main() in 64-bit mode, with the first GiB mapped onto itself in 2 MiB pages,
 * supervisor only. Interrupts stay off.
 */
#define MULTIBOOT_MAGIC 0x1badb002
#define CR4_PAE (1 << 5)
#define MSR_EFER 0xc0000080
#define EFER_SCE_LME_NXE 0x901
#define CR0_PG_WP 0x80010000

	.section .multiboot, "a"
	.align 4
	.long MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

	.text
	.code32
	.globl start
start:
	cli
	mov $0xff, %al                  /* no interrupts of devices: what the loader left running stays silent */
	out %al, $0x21
	out %al, $0xa1
	mov $stack_top, %esp
	mov $page_directory, %edi
	mov $0x83, %eax                 /* present, writable, 2 MiB */
	mov $512, %ecx
1:	mov %eax, (%edi)
	movl $0, 4(%edi)
	add $0x200000, %eax
	add $8, %edi
	loop 1b
	movl $page_directory + 7, page_pointers
	movl $page_pointers + 7, page_map
	mov $page_map, %eax
	mov %eax, %cr3
	mov %cr4, %eax
	or $CR4_PAE, %eax
	mov %eax, %cr4
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_SCE_LME_NXE, %eax
	wrmsr
	mov %cr0, %eax
	or $CR0_PG_WP, %eax
	mov %eax, %cr0
	lgdt boot_gdtr
	ljmp $0x08, $long_mode

	.code64
long_mode:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	call main
	jmp finish

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
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
boot_gdtr:
	.word . - boot_gdt - 1
	.long boot_gdt

	.bss
	.align 4096
	.globl page_map, page_pointers, page_directory
page_map:	.skip 4096
page_pointers:	.skip 4096
page_directory:	.skip 4096
	.skip 16384
stack_top:

# Where the BIOS hands over, where the kernel is handed over to, and the way back to the BIOS in between.
#
# The BIOS loads the image at 0:7C00h and starts it in real mode with the boot drive in DL (El Torito 1.0, "no
# emulation"). All C runs in flat 32-bit protected mode; bios_call drops to real mode for one interrupt. Code, data
# and stack are below 64 KiB as far as real mode sees them, so that an offset is the same number in both modes.
#
# The GDT is the one that the Limine protocol prescribes, which happens to hold all that mode switches need.

	.set CODE16, 0x08
	.set DATA16, 0x10
	.set CODE32, 0x18
	.set DATA32, 0x20
	.set CODE64, 0x28
	.set DATA64, 0x30

	.set CR0_PE, 0x00000001
	.set CR0_WP, 0x00010000
	.set CR0_PG, 0x80000000
	.set CR4_PAE, 0x20
	.set MSR_PAT, 0x277
	.set MSR_EFER, 0xc0000080
	.set EFER_LME, 0x100
	# PAT 0..7: WB WT UC- UC WP WC, then two that the protocol leaves open (here as after reset: UC-, UC).
	.set PAT_LOW, 0x00070406
	.set PAT_HIGH, 0x00070105

	# struct bios_registers
	.set R_EAX, 0
	.set R_EBX, 4
	.set R_ECX, 8
	.set R_EDX, 12
	.set R_ESI, 16
	.set R_EDI, 20
	.set R_EBP, 24
	.set R_DS, 28
	.set R_ES, 30
	.set R_EFLAGS, 32
	.set R_SIZE, 36

	# struct handoff
	.set H_ENTRY, 0
	.set H_STACK, 8
	.set H_HHDM, 16
	.set H_PML4, 24
	.set H_EFER, 28
	.set H_PAT, 32
	.set H_DROP, 36

	.section .start, "ax"
	.code16
	.globl start
start:
	cli
	cld
	ljmp $0, $1f
1:	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movw $start, %sp
	movb %dl, boot_drive
	lgdtl gdtr
	movl %cr0, %eax
	orl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $CODE32, $protected

	.code32
protected:
	movl $DATA32, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl $start, %esp
	movl $bss_start, %edi
	movl $image_end, %ecx
	subl %edi, %ecx
	xorl %eax, %eax
	rep stosb
	call boot_main
	ud2

# void bios_call(uint32_t vector, struct bios_registers *registers)
# The handler is called through a far pointer, with flags pushed, as INT would: no code is modified.
	.text
	.globl bios_call
bios_call:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl 20(%esp), %eax
	movl (, %eax, 4), %eax
	movl %eax, handler
	movl 24(%esp), %esi
	movl $frame, %edi
	movl $R_SIZE / 4, %ecx
	rep movsl
	movl %esp, saved_stack
	lidtl real_idtr
	ljmpl $CODE16, $1f

	.code16
1:	movw $DATA16, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %fs
	movw %ax, %gs
	movw %ax, %ss
	movl %cr0, %eax
	andl $~CR0_PE, %eax
	movl %eax, %cr0
	ljmp $0, $2f
2:	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %fs
	movw %ax, %gs
	movw %ax, %ss
	movw frame + R_ES, %es
	movl frame + R_EAX, %eax
	movl frame + R_EBX, %ebx
	movl frame + R_ECX, %ecx
	movl frame + R_EDX, %edx
	movl frame + R_ESI, %esi
	movl frame + R_EDI, %edi
	movl frame + R_EBP, %ebp
	movw frame + R_DS, %ds
	sti
	pushfw
	cli
	lcallw *%cs:handler
	movl %eax, %cs:frame + R_EAX
	pushfl
	cli
	cld
	popl %eax
	movl %eax, %cs:frame + R_EFLAGS
	movl %ebx, %cs:frame + R_EBX
	movl %ecx, %cs:frame + R_ECX
	movl %edx, %cs:frame + R_EDX
	movl %esi, %cs:frame + R_ESI
	movl %edi, %cs:frame + R_EDI
	movl %ebp, %cs:frame + R_EBP
	movw %ds, %cs:frame + R_DS
	movw %es, %cs:frame + R_ES
	lgdtl %cs:gdtr		# a BIOS may have used its own
	movl %cr0, %eax
	orl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $CODE32, $3f

	.code32
3:	movl $DATA32, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl saved_stack, %esp
	movl $frame, %esi
	movl 24(%esp), %edi
	movl $R_SIZE / 4, %ecx
	rep movsl
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret

# _Noreturn void enter_kernel(const struct handoff *handoff)
# PROTOCOL.md, "Machine state at entry", x86-64. The tables map this code at its physical address and in the HHDM;
# it moves over to the latter, since the former may have to go.
	.globl enter_kernel
enter_kernel:
	movl 4(%esp), %ebp
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl H_PML4(%ebp), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	orl H_EFER(%ebp), %eax
	wrmsr
	cmpl $0, H_PAT(%ebp)
	je 1f
	movl $MSR_PAT, %ecx
	movl $PAT_LOW, %eax
	movl $PAT_HIGH, %edx
	wrmsr
1:	movl %cr0, %eax
	orl $CR0_PG | CR0_WP, %eax
	movl %eax, %cr0
	ljmpl $CODE64, $2f

	.code64
2:	movl %ebp, %ebp
	movq H_HHDM(%rbp), %rbx
	movl $3f, %eax
	addq %rbx, %rax
	jmpq *%rax
3:	addq %rbx, %rbp
	movl $gdtr, %eax
	lgdt (%rbx, %rax)
	movl $DATA64, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	xorl %eax, %eax
	lldt %ax
	cmpl $0, H_DROP(%rbp)
	je 4f
	movl H_PML4(%rbp), %eax
	movq $0, (%rbx, %rax)
	movq %cr3, %rax
	movq %rax, %cr3
4:	movq H_STACK(%rbp), %rsp
	pushq $0		# the invalid return address
	pushq H_ENTRY(%rbp)
	pushq $2
	popfq
	xorl %eax, %eax
	xorl %ebx, %ebx
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %edi, %edi
	xorl %ebp, %ebp
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
	retq

	.data
	.balign 16
gdt:	.quad 0
	.quad 0x00009b000000ffff	# 16-bit code
	.quad 0x000093000000ffff	# 16-bit data
	.quad 0x00cf9b000000ffff	# 32-bit code
	.quad 0x00cf93000000ffff	# 32-bit data
	.quad 0x00af9b000000ffff	# 64-bit code
	.quad 0x00cf93000000ffff	# 64-bit data
gdt_end:
	# Outside 64-bit mode LGDT takes six bytes of this: the physical address. In 64-bit mode it takes ten: the
	# HHDM's.
	.balign 4
	.word 0
gdtr:	.word gdt_end - gdt - 1
	.long gdt
	.long 0xffff8000
	.balign 4
	.word 0
real_idtr:
	.word 0x3ff
	.long 0
	.globl boot_drive
boot_drive:
	.byte 0

	.section .bss.real_mode, "aw", @nobits
	.balign 4
handler:
	.skip 4
saved_stack:
	.skip 4
frame:	.skip R_SIZE

	.section .note.GNU-stack, "", @progbits

# Entry of the test kernel: keeps the machine state, then tells it. ELF's entry point must not be taken, as the
# kernel asks for another.
	.text
	.globl elf_entry
elf_entry:
	movw $0x3f8, %dx
	movb $'!', %al
	outb %al, %dx
	ud2

	.globl requested_entry
requested_entry:
	movq %rax, entry_state + 0(%rip)
	movq %rbx, entry_state + 8(%rip)
	movq %rcx, entry_state + 16(%rip)
	movq %rdx, entry_state + 24(%rip)
	movq %rsi, entry_state + 32(%rip)
	movq %rdi, entry_state + 40(%rip)
	movq %rbp, entry_state + 48(%rip)
	movq %r8, entry_state + 56(%rip)
	movq %r9, entry_state + 64(%rip)
	movq %r10, entry_state + 72(%rip)
	movq %r11, entry_state + 80(%rip)
	movq %r12, entry_state + 88(%rip)
	movq %r13, entry_state + 96(%rip)
	movq %r14, entry_state + 104(%rip)
	movq %r15, entry_state + 112(%rip)
	movq %rsp, entry_state + 120(%rip)
	movq (%rsp), %rax
	movq %rax, entry_state + 128(%rip)
	pushfq
	popq entry_state + 136(%rip)
	movq %cr0, %rax
	movq %rax, entry_state + 144(%rip)
	movq %cr3, %rax
	movq %rax, entry_state + 152(%rip)
	movq %cr4, %rax
	movq %rax, entry_state + 160(%rip)
	movl $0xc0000080, %ecx
	movl $168, %ebx
	call read_msr
	movl $0x277, %ecx
	movl $176, %ebx
	call read_msr
	xorl %eax, %eax
	movw %cs, entry_state + 184(%rip)
	movw %ss, entry_state + 192(%rip)
	movw %ds, entry_state + 200(%rip)
	movw %es, entry_state + 208(%rip)
	movw %fs, entry_state + 216(%rip)
	movw %gs, entry_state + 224(%rip)
	sgdt entry_state + 232(%rip)
	call kernel_main

read_msr:
	rdmsr
	shlq $32, %rdx
	orq %rdx, %rax
	leaq entry_state(%rip), %rdx
	movq %rax, (%rdx, %rbx)
	ret

	.section .note.GNU-stack, "", @progbits

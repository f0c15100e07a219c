/* The instructions that system.c measures and that C has no words for: entries into the
 * kernel, the ways out of it, and the loops that use them. */
#define PERCPU_KERNEL_RSP	0
#define PERCPU_USER_RSP		8
#define RFLAGS_FIXED		2

	.text

/* SYSCALL's target: a stack of the kernel's own, then the function that RAX chooses. */
	.globl syscall_entry
syscall_entry:
	swapgs
	mov %rsp, %gs:PERCPU_USER_RSP
	mov %gs:PERCPU_KERNEL_RSP, %rsp
	push %rcx
	push %r11
	call *syscalls(, %rax, 8)
	pop %r11
	pop %rcx
	mov %gs:PERCPU_USER_RSP, %rsp
	swapgs
	sysretq

/* enter_user(rip, rsp, argument): runs ring 3 until it calls leave_user. */
	.globl enter_user
enter_user:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, resume_rsp
	mov %rdi, %rcx
	mov $RFLAGS_FIXED, %r11
	mov %rsi, %rsp
	mov %rdx, %rdi
	sysretq

/* A system call that does not return: enter_user does, with the call's argument. */
	.globl leave_user
leave_user:
	swapgs
	mov %rdi, %rax
	mov resume_rsp, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

/* #PF: the registers that C may change, and page_fault(CR2). */
	.globl page_fault_entry
page_fault_entry:
	push %rax
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	mov %cr2, %rdi
	call page_fault
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rax
	add $8, %rsp			/* the error code */
	iretq

	.globl interrupt_entry
interrupt_entry:
	incq interrupts
	iretq

/* interrupt_loop(count) */
	.globl interrupt_loop
interrupt_loop:
	int $0x80
	dec %rdi
	jnz interrupt_loop
	ret

/* switch_to(&own rsp, other's rsp, other's CR3): returns in the other's call of it. */
	.globl switch_to
switch_to:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	mov %rdx, %cr3
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

/* Ring 3, copied to a page of its own. user_syscalls(count): calls number 0, which adds one. */
	.globl user_code, user_syscalls, user_faults, user_code_end
user_code:
user_syscalls:
	mov %rdi, %rbx
	xor %edi, %edi
1:	xor %eax, %eax
	syscall
	mov %rax, %rdi
	dec %rbx
	jnz 1b
	mov $1, %eax
	syscall

/* user_faults(rounds): touches each page of the window, then has all of them taken away again. */
user_faults:
	mov %rdi, %rbp
	xor %r12d, %r12d
2:	mov $WINDOW, %ebx
	mov $WINDOW_PAGES, %r13d
3:	add (%rbx), %r12
	add $4096, %rbx
	dec %r13d
	jnz 3b
	mov $2, %eax
	syscall
	dec %rbp
	jnz 2b
	mov %r12, %rdi
	mov $1, %eax
	syscall
user_code_end:

	.globl WINDOW, WINDOW_PAGES
	WINDOW = 0x40200000
	WINDOW_PAGES = 512

	.bss
	.balign 8
resume_rsp:
	.skip 8

# A Multiboot 1 kernel that tells on COM1 how it was started: entry, header, stack.

        .code32
        .section .multiboot, "a"
        .balign 4
        .long   0x1badb002
        .long   0x00000003                      # modules on page boundaries, memory information
        .long   -(0x1badb002 + 0x00000003)

        .text
        .globl  start
start:
        movl    $stack_top, %esp
        pushl   $0
        popfl                                   # the specification leaves all flags but VM and IF open
        pushl   %ebx
        pushl   %eax
        call    kernel_main
1:      cli
        hlt
        jmp     1b

        .bss
        .balign 16
stack:  .skip   8192
stack_top:

        .section .note.GNU-stack, "", @progbits

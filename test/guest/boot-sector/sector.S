# A boot sector that counts its own boots: adds one to a byte of the disk's second sector, writes it back by INT 13h,
# and ends the run with it as exit status.

        .code16
        .globl  start
start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movb    %dl, drive
        movw    $0x0201, %ax                    # read one sector
        call    disk
        incb    buffer
        movw    $0x0301, %ax                    # write it back
        call    disk
        movb    buffer, %al
        outb    %al, $0xf4
1:      hlt
        jmp     1b

# INT 13h on cylinder 0, head 0, sector 2.
disk:
        movw    $0x0002, %cx
        xorb    %dh, %dh
        movb    drive, %dl
        movw    $buffer, %bx
        int     $0x13
        jc      2f
        ret
2:      movb    $0xee, %al
        outb    %al, $0xf4

drive:  .byte   0
        .org    510
        .word   0xaa55
        .set    buffer, 0x8000

# Runs a register script (test/devices/vga/script.ts) on the machine it is booted on: a boot sector,
# with the script in the sectors after it. SECTORS of them are loaded to 1000:0000.
#
#   00 end                    04 in    port            07 peek  offset segment
#   01 out  port value        05 poke  offset segment count bytes...
#   02 word port word         06 fill  offset segment count value
#   03 outs port count bytes  08 wait  writes 'W' to port E9h, waits for a key
#
# Words are little-endian, far addresses offset first.

	.code16
	.globl	_start
	.equ	SCRIPT_SEGMENT, 0x1000
	.equ	DEBUG_CONSOLE, 0xe9
	.equ	SECTORS_A_READ, 32
	.equ	SECTORS, 512

_start:
	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7c00, %sp
	movw	$SECTORS_A_READ, packet + 2
2:	movw	$packet, %si		# INT 13h AH=42h: extended read; the drive is still in DL
	movb	$0x42, %ah
	pushw	%dx
	int	$0x13
	popw	%dx
	jc	failed
	addw	$SECTORS_A_READ, packet + 8
	addw	$SECTORS_A_READ * 32, packet + 6
	cmpw	$SECTORS, packet + 8
	jb	2b

	movw	$SCRIPT_SEGMENT, %ax
	movw	%ax, %ds
	xorw	%si, %si
	cld
next:	movw	%si, %ax		# DS:SI is normalised: the script may be longer than a segment
	shrw	$4, %ax
	andw	$15, %si
	movw	%ds, %bx
	addw	%bx, %ax
	movw	%ax, %ds
	lodsb
	cbtw
	movw	%ax, %bx
	shlw	%bx
	jmp	*%cs:steps(%bx)

end:	hlt
	jmp	end

failed:	movb	$'F', %al
	outb	%al, $DEBUG_CONSOLE
	jmp	end

out:	lodsw
	movw	%ax, %dx
	lodsb
	outb	%al, %dx
	jmp	next

word:	lodsw
	movw	%ax, %dx
	lodsw
	outw	%ax, %dx
	jmp	next

outs:	lodsw
	movw	%ax, %dx
	lodsw
	movw	%ax, %cx
1:	lodsb
	outb	%al, %dx
	loop	1b
	jmp	next

in:	lodsw
	movw	%ax, %dx
	inb	%dx, %al
	jmp	next

poke:	call	address
	lodsw
	movw	%ax, %cx
	rep movsb
	jmp	next

fill:	call	address
	lodsw
	movw	%ax, %cx
	lodsb
	rep stosb
	jmp	next

peek:	call	address
	movb	%es:(%di), %al
	jmp	next

wait:	movb	$'W', %al
	outb	%al, $DEBUG_CONSOLE
	pushw	%si
	xorw	%ax, %ax		# INT 16h AH=0: waits for a key
	int	$0x16
	popw	%si
	jmp	next

# ES:DI from the script.
address:
	lodsw
	movw	%ax, %di
	lodsw
	movw	%ax, %es
	ret

steps:	.word	end, out, word, outs, in, poke, fill, peek, wait

	.balign	4
packet:	.byte	16, 0
	.word	0			# sectors
	.word	0, SCRIPT_SEGMENT	# to offset, segment
	.quad	1			# from sector

	.org	510
	.word	0xaa55

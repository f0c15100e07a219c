/*
 * Every supported relocation, each within range, in a table that relocations.c checks.
 */
	.data
	.globl relocation_table
	.p2align 3
relocation_table:
	.quad kmalloc                              /* R_X86_64_64, to the kernel */
	.quad relocation_table + 8                 /* R_X86_64_64, to the module */
	.reloc ., R_X86_64_32, relocation_table + 16
	.long 0, 0
	.reloc ., R_X86_64_32, relocation_table + 0x80000000 /* fits unsigned, not signed */
	.long 0, 0
	.reloc ., R_X86_64_32S, kmalloc            /* fits signed, not unsigned */
	.long 0, 0
	.reloc ., R_X86_64_PC32, relocation_text
	.long 0, 0
	.reloc ., R_X86_64_PLT32, relocation_text - 4
	.long 0, 0
	.quad absolute                             /* R_X86_64_64, SHN_ABS */
	.weak nobody_defines_this
	.quad nobody_defines_this
	.globl absolute
	.set absolute, 0x123456789abcdef0

	.text
	.globl relocation_text
relocation_text:
	ret

	.section .aligned, "aw", @nobits
	.p2align 12
	.globl relocation_page
relocation_page:
	.skip 100

	.section .note.GNU-stack, "", @progbits

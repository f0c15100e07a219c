/* The BIOS32 service directory and the 32-bit PCI BIOS, called from flat protected mode. */
#include "guest.h"

struct Registers32 {
	u32 eax, ebx, ecx, edx, esi, edi, carry;
};
static struct Registers32 r;

/* EAX: entry point, EDX: struct Registers32. To flat 32-bit mode, a far call, and back to real mode. */
void call32(u32 entry, struct Registers32 *registers);
asm(".code16\n"
    "call32:\n"
    "	pushal\n"
    "	cli\n"
    "	movl %eax, call32_entry\n"
    "	movl %edx, call32_registers\n"
    "	lgdtl call32_gdtr\n"
    "	movl %cr0, %eax\n"
    "	orb $1, %al\n"
    "	movl %eax, %cr0\n"
    "	ljmpl $0x08, $1f\n"
    ".code32\n"
    "1:	movw $0x10, %ax\n"
    "	movw %ax, %ds\n"
    "	movw %ax, %es\n"
    "	movw %ax, %ss\n"
    "	movl call32_registers, %ebp\n"
    "	movl (%ebp), %eax\n"
    "	movl 4(%ebp), %ebx\n"
    "	movl 8(%ebp), %ecx\n"
    "	movl 12(%ebp), %edx\n"
    "	movl 16(%ebp), %esi\n"
    "	movl 20(%ebp), %edi\n"
    "	pushl %cs\n"
    "	call *call32_entry\n"
    "	pushfl\n"
    "	popl 24(%ebp)\n"
    "	movl %eax, (%ebp)\n"
    "	movl %ebx, 4(%ebp)\n"
    "	movl %ecx, 8(%ebp)\n"
    "	movl %edx, 12(%ebp)\n"
    "	movl %esi, 16(%ebp)\n"
    "	movl %edi, 20(%ebp)\n"
    "	andl $1, 24(%ebp)\n"
    "	movw $0x20, %ax\n"
    "	movw %ax, %ds\n"
    "	movw %ax, %es\n"
    "	movw %ax, %ss\n"
    "	ljmpl $0x18, $2f\n"
    ".code16\n"
    "2:	movl %cr0, %eax\n"
    "	andb $0xfe, %al\n"
    "	movl %eax, %cr0\n"
    "	ljmpw $0, $3f\n"
    "3:	xorw %ax, %ax\n"
    "	movw %ax, %ds\n"
    "	movw %ax, %es\n"
    "	movw %ax, %ss\n"
    "	popal\n"
    "	retl\n"
    "	.balign 8\n"
    "call32_gdt:\n"
    "	.quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00009b000000ffff, 0x000093000000ffff\n"
    "call32_gdtr:\n"
    "	.word 39\n"
    "	.long call32_gdt\n"
    "call32_entry: .long 0\n"
    "call32_registers: .long 0\n"
    ".code16gcc\n");

static u32 directory(void)
{
	for (u32 at = 0; at < 0x10000; at += 16)
		if (peek32(0xf000, at) == 0x5f32335f)
			return peek32(0xf000, at + 4);
	return 0;
}

static u32 pci_entry;

static void pci(u32 eax, u32 ebx, u32 ecx, u32 edx, u32 esi, u32 edi)
{
	r = (struct Registers32){eax, ebx, ecx, edx, esi, edi, 0};
	call32(pci_entry, &r);
}

static void find_service(u32 entry)
{
	r = (struct Registers32){.eax = 0x49435024};
	call32(entry, &r);
	say("$PCI al %02x inside %u\n", r.eax & 0xff, r.ebx + r.edx >= 0xe0000 && r.ebx + r.edx < 0x100000);
	pci_entry = r.ebx + r.edx;
	r = (struct Registers32){.eax = 0x21212121};
	call32(entry, &r);
	say("unknown service al %02x\n", r.eax & 0xff);
}

static void configuration(void)
{
	pci(0xb101, 0, 0, 0, 0, 0);
	say("01 ah %02x edx %08x bx %04x cl %u carry %u\n", r.eax >> 8 & 0xff, r.edx, r.ebx & 0xffff, r.ecx & 0xff, r.carry);
	pci(0xb102, 0, 0x7010, 0x8086, 0, 0);
	say("02 bx %04x ah %02x carry %u\n", r.ebx & 0xffff, r.eax >> 8 & 0xff, r.carry);
	pci(0xb102, 0, 0x1234, 0x8086, 0, 0);
	say("02 absent: ah %02x carry %u\n", r.eax >> 8 & 0xff, r.carry);
	pci(0xb103, 0, 0x060100, 0, 0, 0);
	say("03 bx %04x ah %02x carry %u\n", r.ebx & 0xffff, r.eax >> 8 & 0xff, r.carry);
	pci(0xb108, 0x0008, 0, 0, 0, 0x60);
	say("08 cl %02x ah %02x carry %u\n", r.ecx & 0xff, r.eax >> 8 & 0xff, r.carry);
	pci(0xb109, 0x0009, 0, 0, 0, 0x02);
	say("09 cx %04x ah %02x carry %u\n", r.ecx & 0xffff, r.eax >> 8 & 0xff, r.carry);
	pci(0xb10a, 0x0008, 0, 0, 0, 0x00);
	say("0a ecx %08x ah %02x carry %u\n", r.ecx, r.eax >> 8 & 0xff, r.carry);
	pci(0xb10b, 0x0010, 0xa5, 0, 0, 0x3c);
	say("0b ah %02x carry %u\n", r.eax >> 8 & 0xff, r.carry);
	pci(0xb108, 0x0010, 0, 0, 0, 0x3c);
	say("08 cl %02x\n", r.ecx & 0xff);
	pci(0xb10c, 0x0009, 0x0005, 0, 0, 0x04);
	pci(0xb10a, 0x0009, 0, 0, 0, 0x04);
	say("0c then 0a: %04x\n", r.ecx & 0xffff);
	pci(0xb1ee, 0, 0, 0, 0, 0);
	say("unknown: ah %02x carry %u\n", r.eax >> 8 & 0xff, r.carry);
}

void main(void)
{
	u32 entry = directory();
	say("directory %u\n", entry != 0);
	find_service(entry);
	configuration();
}

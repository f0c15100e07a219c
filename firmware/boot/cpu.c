// The processor and the parts next to it: what it can do, the A20 gate, and silence on the interrupt lines.
#include "boot.h"
#include "io.h"

// SDM volume 2, CPUID.
#define CPUID_1_EDX_PAT (1u << 16)
#define CPUID_80000001_EDX_NX (1u << 20)
#define CPUID_80000001_EDX_LM (1u << 29)
#define EFLAGS_ID (1u << 21)

// 8259A, "Operation command words": OCW1 is the interrupt mask.
#define PIC1_OCW1 0x21
#define PIC2_OCW1 0xa1
#define PORT_92 0x92
#define PORT_92_A20 0x02
#define PORT_92_RESET 0x01

bool cpu_has_nx, cpu_has_pat;

static bool has_cpuid(void)
{
	uint32_t changed;
	__asm__("pushfl; pushfl; xorl %1, (%%esp); popfl; pushfl; popl %0; xorl (%%esp), %0; popfl"
		: "=r"(changed) : "i"(EFLAGS_ID));
	return changed & EFLAGS_ID;
}

static uint32_t cpuid(uint32_t leaf, uint32_t *edx)
{
	uint32_t eax, ebx, ecx;
	__asm__("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(*edx) : "a"(leaf), "c"(0));
	return eax;
}

void cpu_check(void)
{
	uint32_t basic = 0, extended = 0, edx;
	if (has_cpuid()) {
		cpuid(1, &basic);
		if (cpuid(0x80000000, &edx) >= 0x80000001)
			cpuid(0x80000001, &extended);
	}
	if (!(extended & CPUID_80000001_EDX_LM))
		fail("this processor has no 64-bit mode");
	cpu_has_nx = extended & CPUID_80000001_EDX_NX;
	cpu_has_pat = basic & CPUID_1_EDX_PAT;
}

// Whether address bit 20 counts: 500h and 100500h are then different places.
static bool a20_is_on(void)
{
	volatile uint32_t *low = (volatile uint32_t *)0x500, *high = (volatile uint32_t *)0x100500;
	uint32_t kept = *high, old = *low;
	*high = ~old;
	bool on = *low == old;
	*high = kept;
	return on;
}

void a20_enable(void)
{
	if (a20_is_on())
		return;
	struct bios_registers r = {.eax = 0x2401}; // INT 15h: enable A20
	bios_call(0x15, &r);
	if (a20_is_on())
		return;
	out8(PORT_92, (uint8_t)((in8(PORT_92) | PORT_92_A20) & ~PORT_92_RESET));
	for (uint32_t patience = 100000; !a20_is_on(); patience--)
		if (!patience)
			fail("the A20 gate does not open");
}

// The protocol wants every line masked. The IO APICs are those of the ACPI MADT.
void interrupts_mask(void)
{
	out8(PIC1_OCW1, 0xff);
	out8(PIC2_OCW1, 0xff);
	ioapics_mask();
}

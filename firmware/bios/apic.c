/*
 * A processor with a local APIC comes out of reset deaf to the 8259s. Virtual wire mode (Intel MultiProcessor
 * Specification, "Virtual Wire Mode"): the APIC is on, LINT0 passes external interrupts, LINT1 NMI.
 */
#include "apic.h"
#include "far.h"

#define CPUID_FEATURES 1
#define FEATURE_APIC (1 << 9)
#define APIC_BASE 0xfee00000u
#define APIC_SPURIOUS 0xf0
#define APIC_LVT0 0x350
#define APIC_LVT1 0x360
#define SPURIOUS_ENABLE 0x100
#define SPURIOUS_VECTOR 0xff
#define LVT_LEVEL 0x8000
#define LVT_EXTINT 0x0700
#define LVT_NMI 0x0400

static bool present(void)
{
	u32 eax = CPUID_FEATURES, ebx, ecx = 0, edx;
	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return edx & FEATURE_APIC;
}

static void write(u32 offset, u32 value)
{
	physical_copy(APIC_BASE + offset, physical(&value), 4);
}

void apic_init(void)
{
	if (!present())
		return;
	write(APIC_SPURIOUS, SPURIOUS_ENABLE | SPURIOUS_VECTOR);
	write(APIC_LVT0, LVT_LEVEL | LVT_EXTINT);
	write(APIC_LVT1, LVT_LEVEL | LVT_NMI);
}

/* The local APIC, where the processor has one. */
#pragma once
/** Lets the 8259's interrupts through to the processor. */
void apic_init(void);

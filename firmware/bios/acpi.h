/* ACPI tables for the operating system. */
#pragma once
/** Writes the tables to the top of RAM and the RSDP to F0000h. Needs pci_init and memory_init. */
void acpi_init(void);

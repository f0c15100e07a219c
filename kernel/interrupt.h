/*
 * Exceptions and the sixteen interrupt lines of the two 8259s.
 */
#pragma once

#include "processor.h"
#include <kernel.h>

/* Lines, as wired in every PC. */
#define IRQ_TIMER 0
#define IRQ_KEYBOARD 1
#define IRQ_CASCADE 2
#define IRQ_COM1 4

/* Loads the IDT and programs the 8259s with every line masked. Interrupts stay off. */
void interrupts_init(void);
/* Sets what runs on a line and unmasks it. The handler runs with interrupts off and must not block. */
void irq_handle(uint8_t line, void (*handler)(void));

/* Starts the 8254 at TICKS_PER_SECOND. */
void timer_init(void);

/* Reports an exception on every output and halts. */
_Noreturn void report_exception(const struct trap_frame *frame);

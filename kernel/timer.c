/*
 * The 8254's counter 0 as the tick of the system. Source: Intel 8254 datasheet.
 */
#include "interrupt.h"
#include "output.h"

#define PIT_COUNTER0 0x40
#define PIT_CONTROL 0x43
#define PIT_FREQUENCY 1193182 /* Hz */
#define CONTROL_COUNTER0_RATE 0x34 /* counter 0, low byte then high byte, mode 2, binary */

static volatile uint64_t tick_count;

static void tick(void) { tick_count++; }

void timer_init(void) {
	uint16_t divisor = (PIT_FREQUENCY + TICKS_PER_SECOND / 2) / TICKS_PER_SECOND;
	outb(PIT_CONTROL, CONTROL_COUNTER0_RATE);
	outb(PIT_COUNTER0, divisor & 0xff);
	outb(PIT_COUNTER0, divisor >> 8);
	irq_handle(IRQ_TIMER, tick);
}

uint64_t ticks(void) { return tick_count; }

void sleep_ticks(uint64_t count) {
	uint64_t end = tick_count + count;
	console_refresh();
	while (tick_count < end) wait_for_interrupt();
}

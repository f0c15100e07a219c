/* The 8254, the tick count, and short delays. */
#pragma once
#include "types.h"

/** Counter 0 at 18.2 Hz, and the tick count from the RTC's time of day. */
void timer_init(void);
/** Waits by counter 2, without interrupts. */
void delay_us(u32 microseconds);
u8 from_bcd(u8 bcd);
u8 to_bcd(u8 number);

#define TICKS_PER_DAY 0x1800b0

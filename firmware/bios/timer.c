/*
 * Time: the 8254 (counter 0: IRQ 0 every 65536 clocks of 1.193182 MHz; counter 2: delays and the speaker) and
 * the MC146818's periodic and alarm interrupts for INT 15h AH=83h, 86h and INT 1Ah AH=06h.
 */
#include "timer.h"
#include "bda.h"
#include "cmos.h"
#include "pic.h"
#include "registers.h"

#define PIT_COUNTER0 0x40
#define PIT_COUNTER2 0x42
#define PIT_CONTROL 0x43
#define CONTROL_C0_WORD_MODE2 0x34
#define CONTROL_C2_WORD_MODE0 0xb0
#define PORT_B 0x61
#define PORT_B_GATE2 0x01
#define PORT_B_SPEAKER 0x02
#define PORT_B_OUT2 0x20
#define LONGEST_US 50000
/* One period of the RTC at 1024 Hz. */
#define RTC_PERIOD_US 976

u8 from_bcd(u8 bcd)
{
	return (bcd >> 4) * 10 + (bcd & 15);
}

u8 to_bcd(u8 number)
{
	return (number / 10) << 4 | number % 10;
}

static void delay_part(u32 microseconds)
{
	u16 count = microseconds * 1193 / 1000 + 1;
	u8 port_b = inb(PORT_B) & ~PORT_B_SPEAKER;
	outb(PORT_B, port_b | PORT_B_GATE2);
	outb(PIT_CONTROL, CONTROL_C2_WORD_MODE0);
	outb(PIT_COUNTER2, count & 0xff);
	outb(PIT_COUNTER2, count >> 8);
	while (!(inb(PORT_B) & PORT_B_OUT2))
		;
	outb(PORT_B, port_b & ~PORT_B_GATE2);
}

void delay_us(u32 microseconds)
{
	for (; microseconds > LONGEST_US; microseconds -= LONGEST_US)
		delay_part(LONGEST_US);
	delay_part(microseconds);
}

static u32 ticks_now(void)
{
	u32 seconds = from_bcd(cmos_read(RTC_HOURS)) * 3600 + from_bcd(cmos_read(RTC_MINUTES)) * 60 +
		      from_bcd(cmos_read(RTC_SECONDS));
	/* 1193182 / 65536 ticks a second = 18.2065; the day's last tick is TICKS_PER_DAY - 1. */
	return seconds * 18 + seconds * 2065 / 10000;
}

void timer_init(void)
{
	outb(PIT_CONTROL, CONTROL_C0_WORD_MODE2);
	outb(PIT_COUNTER0, 0);
	outb(PIT_COUNTER0, 0);
	cmos_write(RTC_A, RTC_A_32KHZ_1024HZ);
	cmos_write(RTC_B, (cmos_read(RTC_B) & RTC_B_DSE) | RTC_B_24H);
	cmos_read(RTC_C);
	bda->ticks = ticks_now();
	bda->midnight = 0;
	pic_unmask(0);
}

/** INT 08h. */
void timer_tick(struct Registers *r)
{
	(void)r;
	u32 ticks = bda->ticks + 1;
	if (ticks >= TICKS_PER_DAY) {
		ticks = 0;
		bda->midnight = bda->midnight + 1;
	}
	bda->ticks = ticks;
}

static void wait_elapsed(void)
{
	u32 left = bda->wait_microseconds;
	if (left > RTC_PERIOD_US) {
		bda->wait_microseconds = left - RTC_PERIOD_US;
		return;
	}
	bda->wait_microseconds = 0;
	bda->wait_active = bda->wait_active & ~1;
	cmos_write(RTC_B, cmos_read(RTC_B) & ~RTC_B_PIE);
	u16 segment = bda->wait_flag.segment, offset = bda->wait_flag.offset;
	poke8(segment, offset, peek8(segment, offset) | 0x80);
}

/** INT 70h. AL = 1 if INT 4Ah must follow. */
void rtc_interrupt(struct Registers *r)
{
	u8 cause = cmos_read(RTC_C) & cmos_read(RTC_B);
	r->al = 0;
	if ((cause & RTC_C_PF) && (bda->wait_active & 1))
		wait_elapsed();
	if (cause & RTC_C_AF)
		r->al = 1;
}

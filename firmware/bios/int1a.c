/*
 * INT 1Ah: the tick count, the real-time clock, and PCI (pcibios.c).
 */
#include "bda.h"
#include "cmos.h"
#include "pcibios.h"
#include "pic.h"
#include "registers.h"
#include "timer.h"

#define POLLS 100000

/** Waits until the clock's registers do not change under us. @returns false if it never settles */
static bool settled(void)
{
	for (u32 i = 0; i < POLLS; i++)
		if (!(cmos_read(RTC_A) & RTC_A_UIP))
			return true;
	return false;
}

static void get_ticks(struct Registers *r)
{
	r->cx = bda->ticks >> 16;
	r->dx = bda->ticks;
	r->al = bda->midnight;
	bda->midnight = 0;
}

static void set_ticks(struct Registers *r)
{
	bda->ticks = (u32)r->cx << 16 | r->dx;
	bda->midnight = 0;
}

static void get_time(struct Registers *r)
{
	r->ch = cmos_read(RTC_HOURS);
	r->cl = cmos_read(RTC_MINUTES);
	r->dh = cmos_read(RTC_SECONDS);
	r->dl = cmos_read(RTC_B) & RTC_B_DSE;
	r->ah = 0;
	r->al = r->ch;
}

static void set_time(struct Registers *r)
{
	u8 b = cmos_read(RTC_B) & ~(RTC_B_DSE | RTC_B_SET);
	cmos_write(RTC_B, b | RTC_B_SET);
	cmos_write(RTC_HOURS, r->ch);
	cmos_write(RTC_MINUTES, r->cl);
	cmos_write(RTC_SECONDS, r->dh);
	cmos_write(RTC_B, b | RTC_B_24H | (r->dl & RTC_B_DSE));
}

static void get_date(struct Registers *r)
{
	r->ch = cmos_read(CMOS_CENTURY);
	r->cl = cmos_read(RTC_YEAR);
	r->dh = cmos_read(RTC_MONTH);
	r->dl = cmos_read(RTC_DAY);
	r->ah = 0;
	r->al = r->ch;
}

static void set_date(struct Registers *r)
{
	u8 b = cmos_read(RTC_B) & ~RTC_B_SET;
	cmos_write(RTC_B, b | RTC_B_SET);
	cmos_write(CMOS_CENTURY, r->ch);
	cmos_write(RTC_YEAR, r->cl);
	cmos_write(RTC_MONTH, r->dh);
	cmos_write(RTC_DAY, r->dl);
	cmos_write(RTC_B, b);
}

/** @returns false if one is set already */
static bool set_alarm(struct Registers *r)
{
	u8 b = cmos_read(RTC_B);
	if (b & RTC_B_AIE)
		return false;
	cmos_write(RTC_HOURS_ALARM, r->ch);
	cmos_write(RTC_MINUTES_ALARM, r->cl);
	cmos_write(RTC_SECONDS_ALARM, r->dh);
	cmos_write(RTC_B, (b & ~RTC_B_SET) | RTC_B_AIE);
	pic_unmask(2);
	pic_unmask(8);
	return true;
}

static bool clock_service(struct Registers *r)
{
	if ((r->ah == 0x02 || r->ah == 0x04) && !settled())
		return false;
	switch (r->ah) {
	case 0x00:
		get_ticks(r);
		return true;
	case 0x01:
		set_ticks(r);
		return true;
	case 0x02:
		get_time(r);
		return true;
	case 0x03:
		set_time(r);
		return true;
	case 0x04:
		get_date(r);
		return true;
	case 0x05:
		set_date(r);
		return true;
	case 0x06:
		return set_alarm(r);
	case 0x07:
		cmos_write(RTC_B, cmos_read(RTC_B) & ~RTC_B_AIE);
		return true;
	}
	return false;
}

void int1a(struct Registers *r)
{
	if (r->ah == 0xb1)
		pci_service(r);
	else
		set_carry(r, !clock_service(r));
}

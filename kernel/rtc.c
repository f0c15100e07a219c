/*
 * The MC146818's date and time. Source: Motorola MC146818A datasheet. The century is in CMOS byte 32h,
 * where PC BIOSes keep it.
 */
#include <kernel.h>

#define RTC_INDEX 0x70
#define RTC_DATA 0x71
#define RTC_SECONDS 0x00
#define RTC_MINUTES 0x02
#define RTC_HOURS 0x04
#define RTC_DAY_OF_MONTH 0x07
#define RTC_MONTH 0x08
#define RTC_YEAR 0x09
#define RTC_REGISTER_A 0x0a
#define RTC_REGISTER_B 0x0b
#define RTC_CENTURY 0x32
#define REGISTER_A_UIP 0x80 /* update in progress: the fields are undefined */
#define REGISTER_B_24H 0x02
#define REGISTER_B_DM 0x04 /* binary, not BCD */
#define HOURS_PM 0x80

#define PATIENCE 1000000

static uint8_t cmos(uint8_t index) {
	outb(RTC_INDEX, index);
	return inb(RTC_DATA);
}

static uint8_t from_bcd(uint8_t value) { return (value >> 4) * 10 + (value & 15); }

/* Hour as 0 to 23, from either format. */
static uint8_t decode_hour(uint8_t raw, uint8_t mode) {
	uint8_t hour = mode & REGISTER_B_DM ? raw & 0x7f : from_bcd(raw & 0x7f);
	if (mode & REGISTER_B_24H) return hour;
	return hour % 12 + (raw & HOURS_PM ? 12 : 0);
}

static struct date read_once(void) {
	for (int i = 0; i < PATIENCE && cmos(RTC_REGISTER_A) & REGISTER_A_UIP; i++) {}
	uint8_t mode = cmos(RTC_REGISTER_B);
	uint8_t raw[] = {
		cmos(RTC_CENTURY), cmos(RTC_YEAR), cmos(RTC_MONTH), cmos(RTC_DAY_OF_MONTH), cmos(RTC_MINUTES), cmos(RTC_SECONDS),
	};
	uint8_t century = from_bcd(raw[0]);
	if (!(mode & REGISTER_B_DM))
		for (size_t i = 1; i < sizeof raw; i++) raw[i] = from_bcd(raw[i]);
	if (century < 19 || century > 21) century = 20;
	return (struct date){ century * 100 + raw[1], raw[2], raw[3], decode_hour(cmos(RTC_HOURS), mode), raw[4], raw[5] };
}

/* Two readings that agree had no update between them. */
struct date rtc_now(void) {
	struct date before = read_once(), now = read_once();
	for (int i = 0; i < 8 && memcmp(&before, &now, sizeof now) != 0; i++) before = now, now = read_once();
	return now;
}

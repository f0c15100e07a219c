/* MC146818 registers, and the CMOS bytes that a PC keeps behind them. */
#pragma once
#include "types.h"
#include "io.h"

#define PORT_CMOS_INDEX 0x70
#define PORT_CMOS_DATA 0x71
#define NMI_DISABLE 0x80

#define RTC_SECONDS 0x00
#define RTC_SECONDS_ALARM 0x01
#define RTC_MINUTES 0x02
#define RTC_MINUTES_ALARM 0x03
#define RTC_HOURS 0x04
#define RTC_HOURS_ALARM 0x05
#define RTC_DAY 0x07
#define RTC_MONTH 0x08
#define RTC_YEAR 0x09
#define RTC_A 0x0a
#define RTC_B 0x0b
#define RTC_C 0x0c
#define RTC_D 0x0d

#define RTC_A_UIP 0x80
#define RTC_A_32KHZ_1024HZ 0x26
#define RTC_B_SET 0x80
#define RTC_B_PIE 0x40
#define RTC_B_AIE 0x20
#define RTC_B_24H 0x02
#define RTC_B_DSE 0x01
#define RTC_C_PF 0x40
#define RTC_C_AF 0x20

#define CMOS_SHUTDOWN 0x0f
#define CMOS_EXTENDED_KIB 0x30     /* 16 bits: KiB above 1 MiB, at most 64 MiB */
#define CMOS_CENTURY 0x32
#define CMOS_ABOVE_16M 0x34        /* 16 bits: units of 64 KiB above 16 MiB */
#define CMOS_BOOT_THIRD 0x38       /* high nibble: third boot device (Bochs, QEMU) */
#define CMOS_BOOT_ORDER 0x3d       /* low nibble: first, high nibble: second */
#define CMOS_ABOVE_4G 0x5b         /* 24 bits: units of 64 KiB above 4 GiB */

static inline u8 cmos_read(u8 index)
{
	outb(PORT_CMOS_INDEX, index | NMI_DISABLE);
	return inb(PORT_CMOS_DATA);
}

static inline void cmos_write(u8 index, u8 value)
{
	outb(PORT_CMOS_INDEX, index | NMI_DISABLE);
	outb(PORT_CMOS_DATA, value);
}

static inline u16 cmos_read16(u8 index)
{
	return cmos_read(index) | cmos_read(index + 1) << 8;
}

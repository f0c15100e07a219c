/* Reporting on COM1, far memory, and the end. */
#include "guest.h"

#define COM1 0x3f8
#define LSR 5
#define LSR_THRE 0x20

static void put(char c)
{
	while (!(inb(COM1 + LSR) & LSR_THRE))
		;
	outb(COM1, c);
}

static void number(u32 value, u32 base, int width)
{
	char digits[12];
	int count = 0;
	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (width-- > count)
		put('0');
	while (count)
		put(digits[--count]);
}

void say(const char *format, ...)
{
	__builtin_va_list values;
	__builtin_va_start(values, format);
	for (; *format; format++) {
		int width = 0;
		if (*format != '%') {
			put(*format);
			continue;
		}
		while (*++format >= '0' && *format <= '9')
			width = width * 10 + *format - '0';
		if (*format == 's')
			for (const char *s = __builtin_va_arg(values, const char *); *s; s++)
				put(*s);
		else
			number(__builtin_va_arg(values, u32), *format == 'x' ? 16 : 10, width);
	}
	__builtin_va_end(values);
}

void finish(u8 status)
{
	outb(0xf4, status);
	for (;;)
		asm volatile("cli\n\thlt");
}

#define LOAD_GS(segment) asm volatile("movw %w0, %%gs" : : "r"(segment) : "memory")

u8 peek8(u16 segment, u16 offset)
{
	LOAD_GS(segment);
	return *(volatile u8 __seg_gs *)(u32)offset;
}

u16 peek16(u16 segment, u16 offset)
{
	LOAD_GS(segment);
	return *(volatile u16 __seg_gs *)(u32)offset;
}

u32 peek32(u16 segment, u16 offset)
{
	LOAD_GS(segment);
	return *(volatile u32 __seg_gs *)(u32)offset;
}

void poke8(u16 segment, u16 offset, u8 value)
{
	LOAD_GS(segment);
	*(volatile u8 __seg_gs *)(u32)offset = value;
}

u32 hash(u16 segment, u16 offset, u32 bytes)
{
	u32 h = 0x811c9dc5;
	for (u32 i = 0; i < bytes; i++)
		h = (h ^ peek8(segment, offset + i)) * 0x01000193;
	return h;
}

void clear(void *object, u32 bytes)
{
	for (u8 *p = object; bytes--;)
		*p++ = 0;
}

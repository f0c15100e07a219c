/*
 * The log: text on the debug port of Bochs (E9h) or SeaBIOS's (402h). Each answers a read with E9h where it
 * exists; 402h is preferred, so that E9h is left to the guest's own text.
 */
#include "log.h"
#include "io.h"
#include "far.h"

#define PORT_BOCHS_DEBUG 0xe9
#define PORT_SEABIOS_DEBUG 0x402
#define DEBUG_READBACK 0xe9
#define PORT_POST 0x80

typedef void Sink(char c);

static void log_char(char c)
{
	static u16 port;
	if (port == 0)
		port = inb(PORT_SEABIOS_DEBUG) == DEBUG_READBACK ? PORT_SEABIOS_DEBUG : PORT_BOCHS_DEBUG;
	outb(port, c);
}

static void teletype(char c)
{
	u16 ax = 0x0e00 | (u8)c, bx = 0x0007;
	asm volatile("pushl %%ebp\n\tint $0x10\n\tpopl %%ebp" : "+a"(ax), "+b"(bx) : : "ecx", "edx", "esi", "edi", "memory");
}

static void screen_char(char c)
{
	log_char(c);
	if (c == '\n')
		teletype('\r');
	teletype(c);
}

static void put_number(Sink *sink, u32 value, u32 base, int width, char fill)
{
	char digits[12];
	int count = 0;
	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (width-- > count)
		sink(fill);
	while (count)
		sink(digits[--count]);
}

static void put_string(Sink *sink, const char *text)
{
	while (*text)
		sink(*text++);
}

static void format_to(Sink *sink, const char *format, __builtin_va_list values)
{
	for (; *format; format++) {
		if (*format != '%') {
			sink(*format);
			continue;
		}
		char fill = *++format == '0' ? '0' : ' ';
		int width = 0;
		while (*format >= '0' && *format <= '9')
			width = width * 10 + *format++ - '0';
		if (*format == 's')
			put_string(sink, __builtin_va_arg(values, const char *));
		else if (*format == 'c')
			sink(__builtin_va_arg(values, int));
		else if (*format == 'x')
			put_number(sink, __builtin_va_arg(values, u32), 16, width, fill);
		else
			put_number(sink, __builtin_va_arg(values, u32), 10, width, fill);
	}
}

void log(const char *format, ...)
{
	__builtin_va_list values;
	__builtin_va_start(values, format);
	format_to(log_char, format, values);
	__builtin_va_end(values);
}

void print(const char *format, ...)
{
	__builtin_va_list values;
	__builtin_va_start(values, format);
	format_to(screen_char, format, values);
	__builtin_va_end(values);
}

void post_code(u8 code)
{
	outb(PORT_POST, code);
}

// Messages. On the screen by INT 10h teletype output, which every video BIOS has; failures on COM1 too, where a
// machine without a screen shows them. A boot that works leaves COM1 alone: it is the kernel's.
#include <stdarg.h>

#include "boot.h"
#include "io.h"

// 16550D, "Register addresses": offsets from the base.
#define COM1 0x3f8
#define UART_THR 0
#define UART_DLL 0
#define UART_DLM 1
#define UART_IER 1
#define UART_LCR 3
#define UART_LSR 5
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define LSR_THRE 0x20

static bool graphic;
static bool on_serial;

void screen_is_graphic(void)
{
	graphic = true;
}

static void serial_open(void)
{
	out8(COM1 + UART_LCR, LCR_DLAB);
	out8(COM1 + UART_DLL, 1); // 115200 baud
	out8(COM1 + UART_DLM, 0);
	out8(COM1 + UART_LCR, LCR_8N1);
	out8(COM1 + UART_IER, 0);
	on_serial = true;
}

// A port without a UART reads all ones, which looks ready: no wait can hang there.
static void serial_put(char c)
{
	for (uint32_t patience = 100000; patience && !(in8(COM1 + UART_LSR) & LSR_THRE); patience--)
		;
	out8(COM1 + UART_THR, (uint8_t)c);
}

static void put(char c)
{
	if (c == '\n')
		put('\r');
	struct bios_registers r = {.eax = 0x0e00 | (uint8_t)c, .ebx = 7};
	bios_call(0x10, &r);
	if (on_serial)
		serial_put(c);
}

static void put_text(const char *text)
{
	while (*text)
		put(*text++);
}

static void put_hex(uint64_t value)
{
	uint32_t shift = 60;
	while (shift && !(value >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		put("0123456789abcdef"[(value >> shift) & 15]);
		if (!shift)
			return;
	}
}

static void put_decimal(uint32_t value)
{
	if (value >= 10)
		put_decimal(value / 10);
	put((char)('0' + value % 10));
}

static void put_all(const char *format, va_list list)
{
	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		switch (*++format) {
		case 's':
			put_text(va_arg(list, const char *));
			break;
		case 'u':
			put_decimal(va_arg(list, uint32_t));
			break;
		case 'x':
			put_hex(va_arg(list, uint32_t));
			break;
		case 'X':
			put_hex(va_arg(list, uint64_t));
			break;
		}
	}
}

void say(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	put_all(format, list);
	put('\n');
	va_end(list);
}

void fail(const char *format, ...)
{
	if (graphic) { // teletype output in a VBE mode need not show
		struct bios_registers mode3 = {.eax = 0x0003};
		bios_call(0x10, &mode3);
	}
	serial_open();
	put_text("boot: ");
	va_list list;
	va_start(list, format);
	put_all(format, list);
	va_end(list);
	put('\n');
	for (;;)
		__asm__ volatile("cli; hlt");
}

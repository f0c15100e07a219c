/*
 * printf's formats, without floating point. Unknown conversions are printed as they stand.
 */
#include "print.h"

struct conversion {
	bool left, zero;
	int width, precision; /* precision is -1 if there is none */
	int size;             /* of the integer: 1 char, 2 short, 4 int, 8 long */
};

static void pad(text_sink sink, void *context, char with, int count) {
	for (; count > 0; count--) sink(&with, 1, context);
}

/* A field: blanks or zeros to the width, the sign before the zeros. */
static void put_field(
	text_sink sink, void *context, const struct conversion *c, const char *sign, const char *text, size_t length) {
	int missing = c->width - (int)(strlen(sign) + length);
	if (!c->left && !c->zero) pad(sink, context, ' ', missing);
	sink(sign, strlen(sign), context);
	if (!c->left && c->zero) pad(sink, context, '0', missing);
	sink(text, length, context);
	if (c->left) pad(sink, context, ' ', missing);
}

static void put_number(text_sink sink, void *context, const struct conversion *c, uint64_t value, unsigned base,
	bool capitals, const char *sign) {
	const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[20];
	size_t at = sizeof text;
	do text[--at] = digits[value % base];
	while (value /= base);
	put_field(sink, context, c, sign, text + at, sizeof text - at);
}

/* Reads flags, width, precision and length from behind the %; returns the place of the conversion letter. */
static const char *parse_conversion(const char *at, struct conversion *c, va_list *arguments) {
	*c = (struct conversion){ .precision = -1, .size = sizeof(int) };
	for (; *at == '-' || *at == '0'; at++) *(*at == '-' ? &c->left : &c->zero) = true;
	if (*at == '*') c->width = va_arg(*arguments, int), at++;
	for (; *at >= '0' && *at <= '9'; at++) c->width = c->width * 10 + *at - '0';
	if (*at == '.') {
		c->precision = 0;
		if (*++at == '*') c->precision = va_arg(*arguments, int), at++;
		for (; *at >= '0' && *at <= '9'; at++) c->precision = c->precision * 10 + *at - '0';
	}
	for (; *at == 'h'; at++) c->size /= 2;
	for (; *at == 'l' || *at == 'z'; at++) c->size = sizeof(long);
	return at;
}

/* Arguments narrower than int arrive as int: the extra bits are cut off. */
static uint64_t unsigned_argument(const struct conversion *c, va_list *arguments) {
	if (c->size == sizeof(long)) return va_arg(*arguments, unsigned long);
	return va_arg(*arguments, unsigned) & (~0u >> (32 - 8 * c->size));
}

static int64_t signed_argument(const struct conversion *c, va_list *arguments) {
	if (c->size == sizeof(long)) return va_arg(*arguments, long);
	int value = va_arg(*arguments, int);
	return c->size == sizeof(short) ? (short)value : c->size == sizeof(char) ? (signed char)value : value;
}

static void put_string(text_sink sink, void *context, const struct conversion *c, const char *text) {
	if (!text) text = "(null)";
	size_t length = 0;
	while ((c->precision < 0 || length < (size_t)c->precision) && text[length]) length++;
	put_field(sink, context, c, "", text, length);
}

/* Returns false if the letter is none that it knows; then nothing has been printed. */
static bool convert(text_sink sink, void *context, struct conversion *c, char letter, va_list *arguments) {
	char character;
	int64_t number;
	switch (letter) {
	case 'd':
	case 'i':
		number = signed_argument(c, arguments);
		put_number(sink, context, c, number < 0 ? -(uint64_t)number : (uint64_t)number, 10, false, number < 0 ? "-" : "");
		return true;
	case 'u': put_number(sink, context, c, unsigned_argument(c, arguments), 10, false, ""); return true;
	case 'x':
	case 'X': put_number(sink, context, c, unsigned_argument(c, arguments), 16, letter == 'X', ""); return true;
	case 'p': /* always 16 digits */
		*c = (struct conversion){ .zero = true, .width = 16 };
		put_number(sink, context, c, (uint64_t)va_arg(*arguments, void *), 16, false, "");
		return true;
	case 'c':
		character = va_arg(*arguments, int);
		c->zero = false;
		put_field(sink, context, c, "", &character, 1);
		return true;
	case 's':
		c->zero = false;
		put_string(sink, context, c, va_arg(*arguments, const char *));
		return true;
	default: return false;
	}
}

void format_to(text_sink sink, void *context, const char *format, va_list original) {
	va_list arguments;
	va_copy(arguments, original);
	while (*format) {
		const char *percent = strchr(format, '%');
		if (percent != format) {
			size_t plain = percent ? (size_t)(percent - format) : strlen(format);
			sink(format, plain, context);
			format += plain;
			continue;
		}
		struct conversion c;
		const char *letter = parse_conversion(format + 1, &c, &arguments);
		bool known = convert(sink, context, &c, *letter, &arguments);
		if (!known) sink("%", 1, context);
		format = known || *letter == '%' ? letter + 1 : format + 1;
	}
	va_end(arguments);
}

struct buffer {
	char *to;
	size_t size, length;
};

static void to_buffer(const char *text, size_t length, void *context) {
	struct buffer *buffer = context;
	for (size_t i = 0; i < length; i++, buffer->length++)
		if (buffer->length + 1 < buffer->size) buffer->to[buffer->length] = text[i];
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments) {
	struct buffer buffer = { to, size, 0 };
	format_to(to_buffer, &buffer, format, arguments);
	if (size) to[buffer.length < size ? buffer.length : size - 1] = 0;
	return buffer.length;
}

int snprintf(char *to, size_t size, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(to, size, format, arguments);
	va_end(arguments);
	return length;
}

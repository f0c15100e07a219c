/*
 * Memory and strings, as ISO C has them. The compiler calls memcpy, memmove, memset and memcmp by itself.
 */
#include <kernel.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
	void *at = to;
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(count)::"memory");
	return to;
}

void *memmove(void *to, const void *from, size_t count) {
	if ((uintptr_t)to - (uintptr_t)from >= count) return memcpy(to, from, count);
	const uint8_t *source = (const uint8_t *)from + count - 1;
	uint8_t *target = (uint8_t *)to + count - 1;
	__asm__ volatile("std; rep movsb; cld" : "+D"(target), "+S"(source), "+c"(count)::"memory");
	return to;
}

void *memset(void *to, int byte, size_t count) {
	void *at = to;
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(count) : "a"(byte) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t count) {
	const uint8_t *left = a, *right = b;
	for (; count; count--, left++, right++)
		if (*left != *right) return *left - *right;
	return 0;
}

size_t strlen(const char *text) {
	size_t length = 0;
	while (text[length]) length++;
	return length;
}

int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }

int strncmp(const char *a, const char *b, size_t count) {
	for (; count && *a && *a == *b; count--, a++, b++) {}
	return count ? (uint8_t)*a - (uint8_t)*b : 0;
}

static int lower(int character) { return character >= 'A' && character <= 'Z' ? character + 32 : character; }

int strcasecmp(const char *a, const char *b) {
	for (; *a && lower(*a) == lower(*b); a++, b++) {}
	return lower((uint8_t)*a) - lower((uint8_t)*b);
}

char *strchr(const char *text, int character) {
	for (;; text++) {
		if (*text == (char)character) return (char *)text;
		if (!*text) return NULL;
	}
}

char *strstr(const char *text, const char *part) {
	size_t length = strlen(part);
	for (;; text++) {
		if (strncmp(text, part, length) == 0) return (char *)text;
		if (!*text) return NULL;
	}
}

size_t strlcpy(char *to, const char *from, size_t size) {
	size_t length = strlen(from);
	if (size) {
		size_t copied = length < size ? length : size - 1;
		memcpy(to, from, copied);
		to[copied] = 0;
	}
	return length;
}

static int digit_value(char character) {
	if (character >= '0' && character <= '9') return character - '0';
	character = lower(character);
	return character >= 'a' && character <= 'f' ? character - 'a' + 10 : 16;
}

bool parse_number(const char *text, uint64_t *value) {
	int base = text[0] == '0' && lower(text[1]) == 'x' ? 16 : 10;
	uint64_t number = 0;
	if (base == 16) text += 2;
	if (!*text) return false;
	for (; *text; text++) {
		int digit = digit_value(*text);
		if (digit >= base || __builtin_mul_overflow(number, base, &number) || __builtin_add_overflow(number, digit, &number))
			return false;
	}
	*value = number;
	return true;
}

// What C needs of a library, freestanding. Forward copies by string instructions: memory maps and sectors never
// overlap.
#include "boot.h"

void *memcpy(void *to, const void *from, size_t count)
{
	void *at = to;
	uint32_t words = count / 4;
	__asm__ volatile("rep movsl" : "+D"(at), "+S"(from), "+c"(words) : : "memory");
	uint32_t rest = count % 4;
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(rest) : : "memory");
	return to;
}

void *memset(void *to, int value, size_t count)
{
	void *at = to;
	uint32_t words = count / 4;
	__asm__ volatile("rep stosl" : "+D"(at), "+c"(words) : "a"((uint8_t)value * 0x01010101u) : "memory");
	uint32_t rest = count % 4;
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(rest) : "a"(value) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
	const uint8_t *x = a, *y = b;
	for (; count; count--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t length_of(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

bool same(const char *a, const char *b)
{
	return memcmp(a, b, length_of(a) + 1) == 0;
}

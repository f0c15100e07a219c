/* Bytes in our own segment. */
#pragma once
#include "types.h"

/* The compiler calls these two for large initializers, whatever -ffreestanding says. */
void *memset(void *to, int value, u32 bytes);
void *memcpy(void *to, const void *from, u32 bytes);

static inline void zero(void *object, u16 bytes)
{
	memset(object, 0, bytes);
}

/** Copies text to a field that is filled up with blanks and has no terminator. */
static inline void put_text(char *to, const char *text, u16 bytes)
{
	while (bytes--)
		*to++ = *text ? *text++ : ' ';
}

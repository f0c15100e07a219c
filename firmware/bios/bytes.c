/*
 * memset and memcpy, as the C compiler wants them.
 */
#include "bytes.h"

void *memset(void *to, int value, u32 bytes)
{
	void *at = to;
	asm volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(value) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, u32 bytes)
{
	void *at = to;
	asm volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
	return to;
}

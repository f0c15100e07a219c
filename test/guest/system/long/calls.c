/* Calls in hot 64-bit code. */
#include "kit64.h"
#define INTERRUPT 0x8e, 0
#include "calls.h"

/* Calls in hot 32-bit code. */
#include "kit32.h"
#define INTERRUPT INTERRUPT_GATE
#include "calls.h"

/*
 * Ways out.
 */
#pragma once

#include <kernel.h>

/* Each returns only if the machine has no such way out. */
void power_off(void);
void reboot(void);
void debug_exit(uint8_t status);

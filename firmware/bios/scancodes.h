/* What a US keyboard's keys mean: scan code << 8 | character, for each state of the shift keys. */
#pragma once
#include "types.h"

struct Key {
	u16 plain, shift, ctrl, alt;
};

/** By scan code of set 1. A zero means that the combination gives nothing. */
#define KEYS 0x59
extern const struct Key keys[KEYS];
/** Keys after E0h whose meaning differs. @returns NULL if it is none of them */
const struct Key *extended_key(u8 scancode);

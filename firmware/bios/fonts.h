/* The ROM's fonts, made from firmware/font: code page 437, a byte a row, bit 7 leftmost. */
#pragma once
#include "types.h"
extern const u8 font_8_by_8[256][8];
extern const u8 font_8_by_14[256][14];
extern const u8 font_8_by_16[256][16];

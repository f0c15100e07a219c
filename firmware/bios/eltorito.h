/* Booting from CDs ("El Torito" Bootable CD-ROM Format Specification 1.0), without emulation. */
#pragma once
#include "disk.h"
#include "registers.h"

/** Loads a CD's boot image. @returns true with where to jump as segment << 16 | offset, else logs why not */
bool eltorito_load(struct Disk *disk, u32 *entry);
/** INT 13h AH=4Bh. */
void eltorito_service(struct Registers *r);

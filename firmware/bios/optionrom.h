/* Expansion ROMs (PCI 2.1, "Expansion ROMs"). */
#pragma once
#include "types.h"

/** Runs a video ROM: one at C0000h, or one behind the VGA function's ROM BAR. @returns false if there is none */
bool optionrom_run_video(void);

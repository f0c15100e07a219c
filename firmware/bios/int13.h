/* What the files behind INT 13h share. */
#pragma once
#include "disk.h"
#include "registers.h"

/** Leaves a status in AH, carry and 40:74. */
void disk_result(struct Registers *r, enum DiskStatus status);
/** AH=41h..49h, 4Eh. */
void edd_service(struct Registers *r, struct Disk *disk);

/* INT 15h AH=C2h, the pointing device. */
#pragma once
#include "registers.h"
void mouse_service(struct Registers *r);

/* The two 8259A interrupt controllers. */
#pragma once
#include "types.h"

/** ICW1..ICW4 as on the AT: IRQ 0-7 at 08h, 8-15 at 70h; all masked but the cascade. */
void pic_init(void);
void pic_unmask(u8 irq);

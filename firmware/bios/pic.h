/* The two 8259A interrupt controllers. */
#pragma once
#include "registers.h"

/** ICW1..ICW4 as on the AT: IRQ 0-7 at 08h, 8-15 at 70h; all masked but the cascade. */
void pic_init(void);
void pic_unmask(u8 irq);
/** Whether the interrupt that is served came from this line of the master. */
bool pic_in_service(u8 irq);
/** The service of lines that nobody has taken. */
void unexpected_interrupt(struct Registers *r);

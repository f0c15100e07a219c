/* Serial and parallel ports, INT 14h and INT 17h; INT 11h and 12h, which report what POST counted. */
#pragma once
/** Finds the ports and completes the equipment word. */
void ports_init(void);

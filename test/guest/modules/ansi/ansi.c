/*
 * Draws with every control character and sequence that the console knows, from an empty screen, and ends
 * with the cursor below. test/guest/kernel/screen.ts says what must be seen.
 */
#include <kernel.h>

static void colours(void) {
	for (int i = 0; i < 8; i++) kprintf("\033[%dm%c\033[%dm%c", 30 + i, 'a' + i, 90 + i, 'A' + i);
	kprintf("\033[0m ");
	for (int i = 0; i < 8; i++) kprintf("\033[%dm%c\033[%dm%c", 40 + i, 'a' + i, 100 + i, 'A' + i);
	kprintf("\033[0m \033[31;44mred on blue\033[7mblue on red\033[0m \033[1mbold\033[22mplain\033[39;49m\n");
}

static void moves(void) {
	kprintf("overtyped\rOVER\n");
	kprintf("abc\b\bX\n");
	kprintf("1\t2\t3\n");
	kprintf("up\033[Aup\033[2D\033[Bdown\n");
	kprintf("\033[10CTen\033[3GThree\n");
	kprintf("\033[12;20Hat 20, 12\033[s\033[14;1fback to\033[usaved\n");
}

static void erases(void) {
	kprintf("\033[15;1Hkeep this, lose that\033[11G\033[K\n");
	kprintf("lose this, keep that\033[9G\033[1K\n");
	kprintf("lose all\033[2K\n");
	kprintf("\033[18;1H\033[44mblue row\033[K\033[0m\n");
	kprintf("\033[20;1Hgone\nbelow\033[20;1H\033[J");
	kprintf("unknown \033[5;3zsequences\033(B \033[?7hvanish\n");
}

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	kprintf("\033[2J\033[H");
	colours();
	moves();
	erases();
	return true;
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}

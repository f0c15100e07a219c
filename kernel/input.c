/*
 * The queue of keys. Interrupt handlers put keys in, the shell takes them out. Bytes from COM1 are
 * decoded on the way in: a terminal sends cursor keys as ECMA-48 sequences.
 */
#include "input.h"
#include "output.h"
#include "processor.h"

#define QUEUE_SIZE 1024 /* a script may type far ahead */

static volatile uint16_t queue[QUEUE_SIZE];
static volatile size_t head, tail; /* head: next in, tail: next out */

static enum { PLAIN, ESCAPE, SEQUENCE } state;
static unsigned parameter;
static bool after_return;

/* A ful queue drops the key. */
void input_from_keyboard(int key) {
	if (head - tail == QUEUE_SIZE) return;
	queue[head % QUEUE_SIZE] = key;
	head++;
}

/* ESC [ letter, or ESC [ number ~, as xterm and the VT220 send them. */
static int key_of_sequence(uint8_t final) {
	static const struct {
		uint8_t final, parameter;
		uint16_t key;
	} table[] = {
		{ 'A', 0, KEY_UP },   { 'B', 0, KEY_DOWN }, { 'C', 0, KEY_RIGHT }, { 'D', 0, KEY_LEFT }, { 'H', 0, KEY_HOME },
		{ 'F', 0, KEY_END },  { '~', 1, KEY_HOME }, { '~', 3, KEY_DELETE }, { '~', 4, KEY_END }, { '~', 7, KEY_HOME },
		{ '~', 8, KEY_END },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].final == final && (final != '~' || table[i].parameter == parameter)) return table[i].key;
	return 0;
}

static void in_sequence(uint8_t byte) {
	if (byte >= '0' && byte <= '9') parameter = parameter * 10 + byte - '0';
	else if (byte >= 0x40 && byte < 0x7f) {
		int key = key_of_sequence(byte);
		if (key) input_from_keyboard(key);
		state = PLAIN;
	}
}

/* Terminals send \r for ENTER, files have \n, some programs both: the pair is one key. */
static void in_plain(uint8_t byte) {
	bool second_of_pair = byte == '\n' && after_return;
	after_return = byte == '\r';
	if (byte == 27) state = ESCAPE;
	else if (byte == '\r') input_from_keyboard('\n');
	else if (byte == 0x7f) input_from_keyboard(KEY_BACKSPACE);
	else if (!second_of_pair) input_from_keyboard(byte);
}

void input_from_serial(uint8_t byte) {
	if (state == PLAIN) in_plain(byte);
	else if (state == SEQUENCE) in_sequence(byte);
	else if (byte == '[' || byte == 'O') state = SEQUENCE, parameter = 0;
	else if (byte != 27) state = PLAIN;
}

int input_key(void) {
	if (tail == head) console_refresh();
	for (;;) {
		interrupts_off();
		if (tail != head) break;
		wait_for_interrupt();
	}
	int key = queue[tail % QUEUE_SIZE];
	tail++;
	interrupts_on();
	return key;
}

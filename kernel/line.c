/*
 * The line editor: one row of the screen, history, the usual control keys. What it prints is the same
 * for the screen and for a terminal on COM1.
 *
 * A line never wraps: it ends where the row ends. So moving is always within the row.
 */
#include "input.h"
#include "output.h"
#include "shell.h"

#define CONTROL(letter) ((letter) & 0x1f)
#define HISTORY 32

static struct {
	char text[LINE_MAX];
	size_t length, cursor, limit;
} line;

static char history[HISTORY][LINE_MAX];
static size_t history_count;                 /* lines ever entered; the newest is (count - 1) % HISTORY */
static size_t browsed;                       /* how far back from the newest; 0 is the line being typed */
static char draft[LINE_MAX];                 /* the line being typed, while older ones are shown */

static void move(char direction, size_t count) {
	if (count) kprintf("\033[%lu%c", count, direction);
}

/* Prints what is behind the cursor and goes back. */
static void show_tail(void) {
	size_t tail = line.length - line.cursor;
	text_write(line.text + line.cursor, tail);
	text_write("\033[K", 3);
	move('D', tail);
}

static void move_to(size_t cursor) {
	if (cursor < line.cursor) move('D', line.cursor - cursor);
	else move('C', cursor - line.cursor);
	line.cursor = cursor;
}

static void insert(char character) {
	if (line.length == line.limit) {
		text_write("\a", 1);
		return;
	}
	memmove(line.text + line.cursor + 1, line.text + line.cursor, line.length - line.cursor);
	line.text[line.cursor++] = character;
	line.length++;
	text_write(&character, 1);
	if (line.cursor < line.length) show_tail();
}

/* Removes [from, to), with the cursor at `to` or at `from`. */
static void delete_range(size_t from, size_t to) {
	if (from == to) return;
	move_to(from);
	memmove(line.text + from, line.text + to, line.length - to);
	line.length -= to - from;
	show_tail();
}

static void replace(const char *text) {
	move_to(0);
	line.length = strlcpy(line.text, text, line.limit + 1);
	if (line.length > line.limit) line.length = line.limit;
	show_tail();
	move_to(line.length);
}

/* Shows the line `back` entries before the one being typed. */
static void browse(size_t back) {
	size_t kept = history_count < HISTORY ? history_count : HISTORY;
	if (back > kept) return;
	line.text[line.length] = 0;
	if (browsed == 0) strlcpy(draft, line.text, sizeof draft);
	browsed = back;
	replace(back ? history[(history_count - back) % HISTORY] : draft);
}

static void remember(void) {
	const char *newest = history[(history_count - 1) % HISTORY];
	if (line.length == 0 || (history_count && strcmp(newest, line.text) == 0)) return;
	strlcpy(history[history_count++ % HISTORY], line.text, LINE_MAX);
}

static void edit(int key) {
	switch (key) {
	case KEY_LEFT:
	case CONTROL('b'): move_to(line.cursor - (line.cursor > 0)); break;
	case KEY_RIGHT:
	case CONTROL('f'): move_to(line.cursor + (line.cursor < line.length)); break;
	case KEY_HOME:
	case CONTROL('a'): move_to(0); break;
	case KEY_END:
	case CONTROL('e'): move_to(line.length); break;
	case KEY_UP:
	case CONTROL('p'): browse(browsed + 1); break;
	case KEY_DOWN:
	case CONTROL('n'):
		if (browsed) browse(browsed - 1);
		break;
	case KEY_BACKSPACE: delete_range(line.cursor - (line.cursor > 0), line.cursor); break;
	case KEY_DELETE:
	case CONTROL('d'): delete_range(line.cursor, line.cursor + (line.cursor < line.length)); break;
	case CONTROL('u'): delete_range(0, line.cursor); break;
	case CONTROL('k'): delete_range(line.cursor, line.length); break;
	default:
		if (key >= ' ' && key < 0x7f) insert(key);
	}
}

void line_read(const char *prompt, char to[LINE_MAX]) {
	size_t room = console_columns() - strlen(prompt) - 1;
	line.limit = room < LINE_MAX - 1 ? room : LINE_MAX - 1;
	line.length = line.cursor = 0;
	browsed = 0;
	text_show(prompt, strlen(prompt));
	for (int key = input_key(); key != '\n'; key = input_key()) {
		if (key == CONTROL('c')) { /* abandons the line */
			kprintf("^C\n%s", prompt);
			line.length = line.cursor = browsed = 0;
		} else if (key == CONTROL('l')) {
			kprintf("\033[2J\033[H%s", prompt);
			line.text[line.length] = 0;
			kprintf("%s", line.text);
			move('D', line.length - line.cursor);
		} else edit(key);
	}
	move_to(line.length);
	text_write("\n", 1);
	line.text[line.length] = 0;
	remember();
	strlcpy(to, line.text, LINE_MAX);
}

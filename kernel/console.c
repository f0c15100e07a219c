/*
 * The screen as a terminal: a grid of cells, a cursor, and the ECMA-48 sequences that the shell and
 * modules may use.
 *
 * Writing changes only the grid. Drawing compares it with what is on the screen, and draws the cells that
 * differ: video memory is never read, and a thousand lines that fly by cost no more than the last ones.
 * The screen follows the grid at the first write in a tick of the timer, and whenever the kernel waits.
 */
#include "output.h"

#define MAX_COLUMNS 240
#define MAX_ROWS 100
#define MAX_PARAMETERS 8
#define TAB 8

static const struct display *display;
static unsigned columns, rows;
static uint16_t cells[MAX_ROWS][MAX_COLUMNS]; /* as written; the top row is cells[top], then on in a circle */
static uint16_t shown[MAX_ROWS][MAX_COLUMNS]; /* as drawn; the top row is shown[0] */
static unsigned top;
static unsigned column, row; /* the cursor; column == columns means: wrap before the next character */
static unsigned shown_column, shown_row;
static uint64_t drawn_at; /* in ticks */
static unsigned saved_column, saved_row;
static unsigned foreground = COLOUR_GREY, background = COLOUR_BLACK; /* as selected, before bold and reverse */
static bool bold, reverse;
static uint8_t attribute = ATTRIBUTE(COLOUR_GREY, COLOUR_BLACK);
static bool cursor_hidden;

static enum { PLAIN, ESCAPE, SEQUENCE, CHARACTER_SET } state;
static unsigned parameters[MAX_PARAMETERS], parameter_count;
static bool is_private; /* a ? after the [ */

static uint16_t *cell_row(unsigned y) { return cells[(top + y) % rows]; }

static uint16_t blank(void) { return attribute << 8 | ' '; }

static void erase(unsigned from_x, unsigned from_y, unsigned to_x, unsigned to_y) {
	for (unsigned y = from_y; y <= to_y; y++) {
		unsigned end = y == to_y ? to_x : columns;
		for (unsigned x = y == from_y ? from_x : 0; x < end; x++) cell_row(y)[x] = blank();
	}
}

static void scroll(void) {
	top = (top + 1) % rows;
	erase(0, rows - 1, columns, rows - 1);
}

static void line_feed(void) {
	if (row + 1 < rows) row++;
	else scroll();
}

static void put_character(char character) {
	if (column >= columns) {
		column = 0;
		line_feed();
	}
	cell_row(row)[column++] = attribute << 8 | (uint8_t)character;
}

/* SGR's colours count red, green, blue from bit 0; the VGA's count blue, green, red. */
static unsigned vga_colour(unsigned sgr) { return (sgr & 1) << 2 | (sgr & 2) | (sgr & 4) >> 2; }

/* ECMA-48, "SGR - Select Graphic Rendition"; 90 to 107 are xterm's bright colours. Bold brightens the first eight. */
static void select_rendition(unsigned code) {
	if (code == 0) foreground = COLOUR_GREY, background = COLOUR_BLACK, bold = reverse = false;
	else if (code == 1) bold = true;
	else if (code == 22) bold = false;
	else if (code == 7) reverse = true;
	else if (code == 27) reverse = false;
	else if (code >= 30 && code <= 37) foreground = vga_colour(code - 30);
	else if (code == 39) foreground = COLOUR_GREY;
	else if (code >= 40 && code <= 47) background = vga_colour(code - 40);
	else if (code == 49) background = COLOUR_BLACK;
	else if (code >= 90 && code <= 97) foreground = 8 | vga_colour(code - 90);
	else if (code >= 100 && code <= 107) background = 8 | vga_colour(code - 100);
	unsigned bright = foreground | (bold ? 8 : 0);
	attribute = reverse ? ATTRIBUTE(background, bright) : ATTRIBUTE(bright, background);
}

static unsigned at_most(unsigned value, unsigned limit) { return value < limit ? value : limit; }
static unsigned at_least(unsigned value, unsigned limit) { return value > limit ? value : limit; }

/* J: 0 from the cursor, 1 to the cursor, 2 everything. */
static void erase_display(unsigned what) {
	if (what == 0) erase(at_most(column, columns), row, columns, rows - 1);
	else if (what == 1) erase(0, 0, at_most(column + 1, columns), row);
	else if (what == 2) erase(0, 0, columns, rows - 1);
}

static void erase_line(unsigned what) {
	unsigned from = what == 0 ? at_most(column, columns) : 0;
	unsigned to = what == 1 ? at_most(column + 1, columns) : columns;
	if (what <= 2) erase(from, row, to, row);
}

/* A sequence is complete: ESC [ parameters final. Unknown ones are dropped. */
static void run_sequence(char final) {
	unsigned first = parameters[0], count = at_least(first, 1);
	switch (final) {
	case 'A': row -= at_most(count, row); break;
	case 'B': row = at_most(row + count, rows - 1); break;
	case 'C': column = at_most(column + count, columns - 1); break;
	case 'D': column -= at_most(count, column); break;
	case 'G': column = at_most(count, columns) - 1; break;
	case 'H':
	case 'f':
		row = at_most(count, rows) - 1;
		column = at_most(at_least(parameters[1], 1), columns) - 1;
		break;
	case 'J': erase_display(first); break;
	case 'K': erase_line(first); break;
	case 'm':
		for (unsigned i = 0; i <= parameter_count; i++) select_rendition(parameters[i]);
		break;
	case 's': saved_column = column, saved_row = row; break;
	case 'u': column = saved_column, row = saved_row; break;
	case 'h':
	case 'l':
		if (is_private && first == 25) cursor_hidden = final == 'l';
		break;
	default: break;
	}
}

static void in_sequence(char character) {
	if (character >= '0' && character <= '9')
		parameters[parameter_count] = parameters[parameter_count] * 10 + character - '0';
	else if (character == ';') parameter_count = at_most(parameter_count + 1, MAX_PARAMETERS - 1);
	else if (character == '?') is_private = true;
	else if (character >= 0x40) {
		state = PLAIN;
		run_sequence(character);
	}
}

static void begin_sequence(void) {
	memset(parameters, 0, sizeof parameters);
	parameter_count = 0;
	is_private = false;
	state = SEQUENCE;
}

static void in_plain(char character) {
	switch (character) {
	case '\n': column = 0, line_feed(); break;
	case '\r': column = 0; break;
	case '\b': column = at_most(column, columns) - (column > 0); break;
	case '\t': column = at_most((column / TAB + 1) * TAB, columns - 1); break;
	case '\a': break;
	case 27: state = ESCAPE; break;
	default: put_character(character);
	}
}

static void interpret(char character) {
	if (state == PLAIN) in_plain(character);
	else if (state == SEQUENCE) in_sequence(character);
	else if (state == ESCAPE && character == '[') begin_sequence();
	else state = state == ESCAPE && (character == '(' || character == ')') ? CHARACTER_SET : PLAIN;
}

static void draw_cell(unsigned x, unsigned y, uint16_t cell) {
	shown[y][x] = cell;
	display->draw(x, y, cell);
}

void console_refresh(void) {
	if (!display) return;
	unsigned x = at_most(column, columns - 1);
	draw_cell(shown_column, shown_row, shown[shown_row][shown_column]); /* takes the cursor away */
	for (unsigned y = 0; y < rows; y++) {
		const uint16_t *wanted = cell_row(y);
		for (unsigned i = 0; i < columns; i++)
			if (wanted[i] != shown[y][i]) draw_cell(i, y, wanted[i]);
	}
	if (!cursor_hidden) display->cursor(x, row, shown[row][x]);
	shown_column = x, shown_row = row;
	drawn_at = ticks();
}

void console_write(const char *text, size_t length) {
	if (!display) return;
	for (size_t i = 0; i < length; i++) interpret(text[i]);
	if (ticks() != drawn_at) console_refresh();
}

void console_attribute(uint8_t value) { attribute = value; }

unsigned console_columns(void) { return display ? columns : 80; }

void console_init(void) {
	display = framebuffer_display();
	if (!display) display = vga_text_display();
	columns = at_most(display->columns, MAX_COLUMNS);
	rows = at_most(display->rows, MAX_ROWS);
	erase_display(2);
	display->clear(blank());
	memcpy(shown, cells, sizeof shown);
	console_refresh();
}

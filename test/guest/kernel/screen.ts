/** What the screen must show after `load ansi`: test/guest/modules/ansi/ansi.c draws it. */

/** The rows from the top, trailing blanks removed. Black on black and grey on grey read as blanks. */
export const drawn = [
	" AbBcCdDeEfFgGhH aAbBcCdDeEfFgG H red on blueblue on red boldplain",
	"OVERtyped",
	"aXc",
	"1 up    2       3",
	"updown",
	"  Three   Ten",
	"",
	"",
	"",
	"",
	"",
	"                   at 20, 12saved",
	"",
	"back to",
	"keep this,",
	"         , keep that",
	"",
	"blue row",
	"",
	"unknown sequences vanish",
	"ansi: loaded",
	"rocket>",
];

const BLACK = 0x000000;
const GREY = 0xaaaaaa;
const BLUE = 0x0000aa;
const RED = 0xaa0000;

/** The VGA's colours in SGR's order: 31 to 37, then 91 to 97. */
const NORMAL = [RED, 0x00aa00, 0xaa5500, BLUE, 0xaa00aa, 0x00aaaa, GREY];
const BRIGHT = [0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff];

interface ColouredCell {
	row: number;
	column: number;
	foreground?: number;
	background: number;
}

export const screenColours: ColouredCell[] = [
	...NORMAL.map((foreground, i) => ({ row: 0, column: 2 + 2 * i, foreground, background: BLACK })),
	...BRIGHT.map((foreground, i) => ({ row: 0, column: 3 + 2 * i, foreground, background: BLACK })),
	...NORMAL.slice(0, 6).map((background, i) => ({
		row: 0,
		column: 19 + 2 * i,
		foreground: GREY,
		background,
	})),
	...BRIGHT.map((background, i) => ({ row: 0, column: 20 + 2 * i, foreground: GREY, background })),
	{ row: 0, column: 34, foreground: RED, background: BLUE },
	{ row: 0, column: 45, foreground: BLUE, background: RED },
	{ row: 0, column: 57, foreground: 0xffffff, background: BLACK },
	{ row: 0, column: 61, foreground: GREY, background: BLACK },
	{ row: 17, column: 0, foreground: GREY, background: BLUE },
	{ row: 17, column: 50, background: BLUE },
	{ row: 18, column: 0, background: BLACK },
];

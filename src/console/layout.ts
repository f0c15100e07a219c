// Who gets which rows of the terminal: the guest's screen on top, the pane for what it says below, the status line last.

export type PaneMode = "small" | "large" | "hidden";

export interface Layout {
	guestRows: number;
	/** Rows of text in the pane; above them is its title. */
	paneRows: number;
}

const TITLE = 1;
const STATUS = 1;
/** A text mode's rows: the guest gets these first. */
const TEXT_ROWS = 25;
const SMALL = { least: 3, most: 8 };
/** A terminal with fewer rows shows no pane. */
const LEAST_ROWS = 12;

export function layout(rows: number, mode: PaneMode): Layout {
	const room = Math.max(1, rows - STATUS);
	if (mode === "hidden" || rows < LEAST_ROWS) return { guestRows: room, paneRows: 0 };
	const wanted = mode === "large" ? Math.floor(room / 2) : room - TEXT_ROWS - TITLE;
	const most = mode === "large" ? room - TITLE - 1 : SMALL.most;
	const paneRows = Math.max(SMALL.least, Math.min(wanted, most));
	return { guestRows: room - TITLE - paneRows, paneRows };
}

/** What follows on the key that changes the pane. */
export function nextMode(mode: PaneMode): PaneMode {
	return mode === "small" ? "large" : mode === "large" ? "hidden" : "small";
}

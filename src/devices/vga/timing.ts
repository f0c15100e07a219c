/**
 * Where the beam is: input status 1, from guest time and the CRTC's timing registers.
 *
 * A line takes htotal character columns of the dot clock, a picture vtotal lines; pictures follow
 * each other from time zero. Guests wait on this to change the picture between two of them,
 * and measure time by it.
 *
 * Not emulated: skews, the horizontal retrace's place, interlace; a picture starts anew at once
 * when timing registers change.
 */
import {
	CLOCKING_8_DOTS,
	CLOCKING_HALF,
	CRTC_HDISPLAY_END,
	CRTC_HTOTAL,
	CRTC_VRETRACE_END,
	MISC_CLOCK,
	MISC_CLOCK_28,
	SEQ_CLOCKING,
	type VgaState,
	vbeEnabled,
	verticalDisplayEnd,
	verticalRetraceStart,
	verticalTotal,
} from "./registers.ts";

/** Display enable, inverted: blanking or retrace, horizontal or vertical. */
export const STATUS_BLANK = 0x01;
export const STATUS_VERTICAL_RETRACE = 0x08;

/** Character columns and lines of one picture. */
interface Timing {
	/** Nanoseconds a column. */
	column: number;
	columns: number;
	columnsShown: number;
	lines: number;
	linesShown: number;
	retraceStart: number;
	retraceLines: number;
}

const NS_PER_DOT_25 = 1000 / 25.175;
const NS_PER_DOT_28 = 1000 / 28.322;

/** No monitor shows fewer: the registers hold no mode yet. */
const LEAST_LINES = 100;

/** 640x480 at 60 Hz: for VBE modes, whose timing nobody programs, and before the first mode is set. */
const STANDARD: Timing = {
	column: 8 * NS_PER_DOT_25,
	columns: 100,
	columnsShown: 80,
	lines: 525,
	linesShown: 480,
	retraceStart: 490,
	retraceLines: 2,
};

function timing(s: VgaState): Timing {
	const lines = verticalTotal(s);
	const columns = s.crtc[CRTC_HTOTAL] + 5;
	const linesShown = verticalDisplayEnd(s) + 1;
	const columnsShown = s.crtc[CRTC_HDISPLAY_END] + 1;
	const programmed = lines >= LEAST_LINES && linesShown < lines && columnsShown < columns;
	if (vbeEnabled(s) || !programmed) return STANDARD;
	const dots = s.sequencer[SEQ_CLOCKING] & CLOCKING_8_DOTS ? 8 : 9;
	const half = s.sequencer[SEQ_CLOCKING] & CLOCKING_HALF ? 2 : 1;
	const dot = (s.misc & MISC_CLOCK) === MISC_CLOCK_28 ? NS_PER_DOT_28 : NS_PER_DOT_25;
	const retraceStart = verticalRetraceStart(s);
	// The register holds the low four bits of the line on which retrace ends.
	const retraceLines = (s.crtc[CRTC_VRETRACE_END] - retraceStart) & 15 || 16;
	return { column: dots * half * dot, columns, columnsShown, lines, linesShown, retraceStart, retraceLines };
}

/** Input status register 1 at guest time `now`. */
export function inputStatus(state: VgaState, now: number): number {
	const t = timing(state);
	const lineTime = t.columns * t.column;
	const inPicture = now % (lineTime * t.lines);
	const line = Math.floor(inPicture / lineTime);
	const column = (inPicture % lineTime) / t.column;
	let status = 0;
	if (line >= t.linesShown || column >= t.columnsShown) status |= STATUS_BLANK;
	if (line >= t.retraceStart && line < t.retraceStart + t.retraceLines) status |= STATUS_VERTICAL_RETRACE;
	return status;
}

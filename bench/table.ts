/** The results as lines of text. */
import { aimLines } from "./aims.ts";
import { type Line, type Needs, type Results, speed, speeds } from "./results.ts";

const LABEL = 28;
const CELL = 10;
/** Best, median and speed. */
const COLUMN = 3 * CELL;

type Cell = (runner: string) => string[];

/** A row: a label, then three cells for each runner. */
function row(label: string, runners: string[], cells: Cell): string {
	const columns = runners.map((runner) => {
		const texts = cells(runner);
		const width = COLUMN / texts.length;
		return texts.map((text) => text.padStart(width)).join("");
	});
	return (label.padEnd(LABEL) + columns.join("")).trimEnd();
}

/** Three significant digits, or as many as it takes to the left of the point. */
export const digits = (value: number): string =>
	value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const times = (value: number | undefined): string => (value === undefined ? "" : value.toFixed(2));

function phaseRow(line: Line, runners: string[]): string {
	return row(`  ${line.label}`, runners, (runner) => {
		const figure = line.figures[runner];
		if (!figure) return [""];
		const own = runner === "qemu" ? undefined : speed(line, runner, "qemu");
		return [digits(figure.best), digits(figure.median), times(own)];
	});
}

/** What is said of a whole program, where any runner tells it. */
const NEEDS: [label: string, value: (needs: Needs) => number | undefined][] = [
	["  instructions a second, M", (n) => n.mips],
	["  peak memory, MiB", (n) => n.peak],
	["  regions compiled", (n) => n.counters?.regions],
	["  drafts", (n) => n.counters?.drafts],
	["  modules", (n) => n.counters?.modules],
	["  regions evicted", (n) => n.counters?.evictions],
	["  WebAssembly made, KiB", (n) => n.counters && n.counters.bytes / 1024],
	["  compiling, ms", (n) => n.counters?.compileMs],
	["  exits to the interpreter", (n) => n.counters?.exits],
];

function needsRows(needs: Record<string, Needs>, runners: string[]): string[] {
	return NEEDS.flatMap(([label, value]) => {
		const known = (runner: string) => needs[runner] && value(needs[runner]);
		if (!runners.some((runner) => known(runner))) return [];
		return row(label, runners, (runner) => {
			const found = known(runner);
			return [found === undefined ? "" : found.toFixed(0), "", ""];
		});
	});
}

function groupRows(results: Results, group: string, lines: Line[], runners: string[]): string[] {
	const cannot = results.cannot[group] ?? {};
	const time = results.clock === "cpu" ? " of processor time" : "";
	const unit = `${lines[0].unit === "ns" ? "nanoseconds each" : "milliseconds"}${time}`;
	const mean = (runner: string) => (runner === "qemu" ? undefined : speeds(lines, runner, "qemu"));
	const rows = [row(`${group}, ${unit}`, runners, (runner) => [cannot[runner] ?? ""])];
	rows.push(...lines.map((line) => phaseRow(line, runners)));
	if (lines.length > 1 && runners.some(mean)) {
		rows.push(row("  geometric mean", runners, (runner) => ["", "", times(mean(runner)?.mean)]));
		rows.push(row("  lowest", runners, (runner) => ["", "", times(mean(runner)?.lowest)]));
	}
	return [...rows, ...needsRows(results.needs[group] ?? {}, runners), ""];
}

/** The whole table, with what is missing and the aims at its foot. */
export function table(results: Results): string[] {
	const present = Object.entries(results.runners).filter(([, { missing }]) => missing === undefined);
	const runners = present.map(([key]) => key);
	const groups = [...new Set(results.lines.map(({ group }) => group))];
	const heads = row("", runners, (runner) => [results.runners[runner].name]);
	const marks = row("", runners, (runner) => ["best", "median", runner === "qemu" ? "" : "x QEMU"]);
	const body = groups.flatMap((group) =>
		groupRows(
			results,
			group,
			results.lines.filter((line) => line.group === group),
			runners,
		),
	);
	return [heads, marks, "", ...body, ...foot(results)];
}

function foot(results: Results): string[] {
	const missing = Object.values(results.runners).flatMap(({ name, missing }) =>
		missing === undefined ? [] : [`${name} is missing: ${missing}`],
	);
	const { cpu, node, load } = results.machine;
	const versions = Object.values(results.runners).flatMap(({ name, version, missing }) =>
		version && missing === undefined ? [`${name} ${version}`] : [],
	);
	const where = `${results.rounds} rounds on ${cpu}, Node ${node}, load ${load} at the start; ${versions.join("; ")}`;
	return [...aimLines(results), ...missing, where];
}

import { readdirSync, readFileSync } from "node:fs";

/** What the phases are timed by: the wall, or what the process has used of the processors, all of its threads together. */
export const CLOCKS = ["wall", "cpu"] as const;
export type Clock = (typeof CLOCKS)[number];

/** A clock in milliseconds. @param pid whose processor time it is; this process where none is given */
export function clockOf(clock: Clock, pid?: number): () => number {
	if (clock === "wall") return () => performance.now();
	return pid === undefined ? ownTime : () => timeOf(pid);
}

function ownTime(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

/** The first number in a thread's schedstat is its time on a processor in nanoseconds (Linux, "sched-stats"). */
function timeOf(pid: number): number {
	const tasks = `/proc/${pid}/task`;
	const times = readdirSync(tasks).map((task) =>
		Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]),
	);
	return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

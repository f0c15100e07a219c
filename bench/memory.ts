import { readFileSync } from "node:fs";

/** The largest resident set of a process so far in MiB; undefined where the host has no /proc. */
export function peakMemory(pid: number | "self"): number | undefined {
	return field(pid, "VmHWM");
}

/** The resident set now, in MiB. */
export function residentMemory(pid: number | "self"): number | undefined {
	return field(pid, "VmRSS");
}

// getrusage's ru_maxrss will not do: a child inherits what its parent had when it was forked.
function field(pid: number | "self", name: string): number | undefined {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
		return kib === undefined ? undefined : Number(kib) / 1024;
	} catch {
		return undefined;
	}
}

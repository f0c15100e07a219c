// npm's v86 as a host of 32-bit guest programs, in a thread of this process: what they send by COM1.

import { Worker } from "node:worker_threads";

/** A thread does not inherit what reads TypeScript. */
const START = `import("tsx/esm/api").then(({ register }) => {
	register();
	return import(require("node:worker_threads").workerData.program);
})`;

/** Runs a Multiboot program until it has sent `last`; what it had sent by then, or by the cap. */
export function runV86(path: string, last: string, capMs: number): Promise<string> {
	const program = new URL("./worker.ts", import.meta.url).href;
	const worker = new Worker(START, { eval: true, workerData: { program, path }, stdout: true });
	return new Promise((resolve) => {
		let sent = "";
		const end = () => {
			clearTimeout(cap);
			void worker.terminate().then(() => resolve(sent));
		};
		const cap = setTimeout(end, capMs);
		worker.on("error", end); // "HALT", or v86 gives up
		worker.on("message", (byte: number) => {
			sent += String.fromCharCode(byte);
			if (sent.endsWith(last)) end();
		});
	});
}

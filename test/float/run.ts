// The float sequences on Gantry's processor: the guest program of this folder, alone in 64-bit mode.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readMultibootImage } from "../../src/machine/multiboot-image.ts";
import { parseModel } from "../../src/x86/models.ts";
import { enterAsMultiboot } from "../guest/system/programs.ts";
import { openProcessor } from "../x86/open.ts";
import { encodeJobs, type Job, recordedChecksum } from "./sequences.ts";

const HERE = new URL(".", import.meta.url).pathname;
const PROGRAM = new URL("../../build/test/float/guest.elf", import.meta.url);

/** As in guest.c. */
const JOBS = 0x200_0000;
const ANSWER_PORT = 0xe8;
const EXIT_PORT = 0xf4;
const END = Uint8Array.of(255, 255, 255, 255);

const RAM = 64 << 20;
/** A sample runs a few thousand times: it would not be hot. */
const HOT = 100;
/** More than the longest chunk needs. */
const INSTRUCTIONS_A_JOB = 40_000_000;

let built = false;

/** Builds the guest program. @throws what the compiler says */
export function buildProgram(): void {
	if (!built)
		execFileSync("make", ["--no-print-directory", "-s", "-C", HERE], { stdio: ["ignore", "ignore", "pipe"] });
	built = true;
}

/** The jobs whose checksum is not the recorded one, on a processor of its own. @throws if the program does not end */
export function wrongJobs(jobs: readonly Job[], compiler: boolean): Job[] {
	buildProgram();
	const answers: number[] = [];
	let exited = false;
	const { processor, memory } = openProcessor(
		RAM,
		{
			writePort(port, value) {
				if (port === ANSWER_PORT) answers.push(value >>> 0);
				if (port !== EXIT_PORT) return;
				exited = true;
				processor.stopAt(0);
			},
		},
		{ compiler, hot: HOT, model: parseModel("max") },
	);
	const image = readMultibootImage(readFileSync(PROGRAM));
	for (const { address, bytes } of image.segments) memory.write(address, bytes);
	const encoded = encodeJobs(jobs);
	memory.write(JOBS, encoded);
	memory.write(JOBS + encoded.length, END);
	enterAsMultiboot(processor, image.entry);
	for (const job of jobs) if (!exited && job) processor.run(processor.retired + INSTRUCTIONS_A_JOB);
	if (!exited || answers.length !== jobs.length)
		throw new Error(`the program answered ${answers.length} of ${jobs.length} jobs and did not end`);
	return jobs.filter((job, i) => answers[i] !== recordedChecksum(job));
}

// npx tsx record.ts RECORDER: writes checksums.bin. See Makefile.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { CHECKSUMS, chunksOfSequence, encodeJobs, SEQUENCES } from "./sequences.ts";

const input = encodeJobs(SEQUENCES.flatMap(chunksOfSequence));
const run = spawnSync(process.argv[2], { input, maxBuffer: 1 << 26, stdio: ["pipe", "pipe", "inherit"] });
if (run.status !== 0) throw new Error(`the recorder ended with ${run.status ?? run.signal}`);
writeFileSync(CHECKSUMS, run.stdout);
console.log(`${SEQUENCES.length} sequences, ${run.stdout.length / 4} chunks`);

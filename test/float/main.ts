// npm run test:float -- [--interpreted] [--format N]: every chunk of every sequence, sequence by sequence.

import { parseArgs } from "node:util";
import { wrongJobs } from "./run.ts";
import { CHUNK, chunksOfSequence, FORMATS, nameOf, SEQUENCES } from "./sequences.ts";

const { values } = parseArgs({
	options: { interpreted: { type: "boolean", default: false }, format: { type: "string" } },
});

let pairs = 0;
let wrong = 0;
for (let format = 0; format < FORMATS.length; format++) {
	if (values.format !== undefined && Number(values.format) !== format) continue;
	for (const sequence of SEQUENCES.filter((one) => one.format === format)) {
		const found = wrongJobs(chunksOfSequence(sequence), !values.interpreted);
		pairs += sequence.chunks * CHUNK;
		wrong += found.length;
		for (const job of found.slice(0, 3)) console.log(nameOf(job));
	}
	console.log(`${FORMATS[format]}: ${pairs} operand pairs so far, ${wrong} chunks differ`);
}
process.exitCode = wrong ? 1 : 0;

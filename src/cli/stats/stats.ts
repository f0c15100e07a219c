// `gantry boot --stats`: samples from before the machine is built until the run has ended, then says what was seen.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RegionStats } from "../../bus/processor.ts";
import type { Session } from "../../script/session.ts";
import { Places } from "./places.ts";
import { statsReport } from "./report.ts";
import { Sampler } from "./sampler.ts";

export class Stats {
	readonly #sampler = new Sampler();

	/** Ends the sampling. */
	async report(session: Session): Promise<string> {
		return statsReport({
			samples: await this.#sampler.stop(),
			places: new Places((url) => readFileSync(fileURLToPath(url), "utf8")),
			symbols: session.symbols,
			instructions: session.instructions,
			guestTime: session.time,
			compiler: compilerFigures(session.machine.processor.regionStats),
			exits: session.machine.processor.regionExits,
		});
	}
}

const KIB = 1024;

function compilerFigures(stats: Readonly<RegionStats>): [string, number][] {
	return [
		["regions compiled", stats.compiled],
		["drafts", stats.drafts],
		["modules", stats.modules],
		["KiB of WebAssembly", Math.round(stats.bytes / KIB)],
		["regions evicted", stats.evicted],
		["times that all code was dropped", stats.drops],
		["regions there now", stats.live],
	];
}

// `gantry boot --stats`: samples from before the machine is built until the run has ended, then says what was seen.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
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
			compiler: [["regions compiled", session.regions]],
		});
	}
}

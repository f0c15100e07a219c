// The `gantry` command, run from its sources.

import { main } from "./process.ts";

await main();

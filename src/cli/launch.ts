// The `gantry` command: build/gantry.mjs, which runs build/gantry.cjs with the code that the engine keeps for it.

import { fileURLToPath } from "node:url";
import { type Command, loadBundle } from "./bundle.ts";

const bundle = fileURLToPath(import.meta.url).replace(/\.mjs$/, ".cjs");
await loadBundle<Command>(bundle).exports.main();

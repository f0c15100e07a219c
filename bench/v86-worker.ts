/** Runs one program in npm's v86 in a process of its own, as worker.ts does in Gantry. */
import { obey } from "./order.ts";
import { runV86 } from "./v86.ts";

await obey(runV86);

// The package's entry for programs: `import { boot } from "gantry"`.

import { createPc } from "../machine/machine.ts";
import { type BootOptions, bootWith } from "../script/boot.ts";
import type { Session } from "../script/session.ts";
import { NodeHost } from "./node-host.ts";

export type { BootOptions } from "../script/boot.ts";
export { Stopped, Timeout } from "../script/errors.ts";
export { InputError } from "../script/host.ts";
export type { Ending } from "../script/runner.ts";
export type { Session } from "../script/session.ts";

/** Switches a PC on, in Node. @throws InputError for a file that is missing or is not what it should be */
export function boot(options: BootOptions = {}): Promise<Session> {
	return bootWith({ host: new NodeHost(), createPc }, options);
}

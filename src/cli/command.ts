// What the `gantry` command does, apart from being a process: arguments in, exit status out.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createPc } from "../machine/machine.ts";
import type { Makers } from "../script/boot.ts";
import { InputError } from "../script/host.ts";
import { readArguments } from "./arguments.ts";
import { disassembly } from "./disasm.ts";
import { EXIT } from "./exit-status.ts";
import { type Output, runHeadless } from "./headless.ts";
import { helpText } from "./help.ts";
import { buildDirectory, NodeHost } from "./node-host.ts";
import { namesOf } from "./option-table.ts";
import { makePlan, type Plan } from "./plan.ts";

const OWN_GUEST = "pocket-rocket.iso";

/** @returns the exit status; whatever goes wrong has been said on stderr */
export async function runCommand(argv: string[], output: Output): Promise<number> {
	try {
		return await dispatch(argv, output);
	} catch (error) {
		const isInput = error instanceof InputError;
		output.stderr(`gantry: ${isInput ? error.message : ((error as Error).stack ?? error)}\n`);
		return isInput ? EXIT.usage : EXIT.internal;
	}
}

async function dispatch(argv: string[], output: Output): Promise<number> {
	const words = readArguments(argv);
	const print = (text: string) => {
		output.stdout(new TextEncoder().encode(`${text}\n`));
		return EXIT.ok;
	};
	if (words.once.has("version")) return print(version());
	if (words.once.has("help") || argv.length === 0) return print(helpText());
	const command = words.positionals.shift();
	if (command === "help") return print(helpText());
	if (command === "disasm") return print(disassembly(words, new NodeHost()));
	if (command !== "boot") throw new InputError(`unknown command ${command ?? ""}; try gantry --help`);
	for (const name of namesOf("disasm")) {
		if (words.once.has(name)) throw new InputError(`--${name} belongs to gantry disasm`);
	}
	const plan = withOwnGuest(makePlan(words));
	const makers: Makers = { host: new NodeHost(), createPc };
	if (plan.headless) return runHeadless(makers, plan, output);
	const { runInteractive } = await import("./interactive.ts");
	return runInteractive(makers, plan);
}

/** Without anything to boot from, Pocket Rocket it is. */
function withOwnGuest(plan: Plan): Plan {
	const { file, cdrom, hda, hdb, hdd, kernel } = plan.boot;
	if ([file, cdrom, hda, hdb, hdd, kernel].some((source) => source !== undefined)) return plan;
	const path = join(buildDirectory(), OWN_GUEST);
	if (!existsSync(path))
		throw new InputError(`${path} is missing: run "make" or "npm run build" first, or name a FILE`);
	return { ...plan, boot: { ...plan.boot, file: path } };
}

function version(): string {
	const text = readFileSync(join(buildDirectory(), "..", "package.json"), "utf8");
	return `gantry ${JSON.parse(text).version}`;
}

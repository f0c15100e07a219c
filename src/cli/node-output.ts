// A headless run's output in Node: the standard streams, and files.

import { openSync, writeFileSync, writeSync } from "node:fs";
import type { ByteSink } from "../bus/device.ts";
import { InputError } from "../script/host.ts";
import type { Output } from "./headless.ts";
import { reason } from "./node-host.ts";

export class NodeOutput implements Output {
	stdout(bytes: Uint8Array): void {
		process.stdout.write(bytes);
	}

	stderr(text: string): void {
		process.stderr.write(text);
	}

	writeFile(path: string, bytes: Uint8Array): void {
		asInput(path, () => writeFileSync(path, bytes));
	}

	appendFile(path: string): ByteSink {
		const descriptor = asInput(path, () => openSync(path, "w"));
		return (byte) => writeSync(descriptor, Uint8Array.of(byte));
	}

	textFile(path: string): (text: string) => void {
		const descriptor = asInput(path, () => openSync(path, "w"));
		return (text) => writeSync(descriptor, text);
	}
}

function asInput<T>(path: string, act: () => T): T {
	try {
		return act();
	} catch (error) {
		throw new InputError(`cannot write ${path}: ${reason(error)}`);
	}
}

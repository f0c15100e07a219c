// A digest of a machine's whole state: equal machines give equal digests, whatever order their state
// objects were filled in.

import type { Snapshot } from "../machine/types.ts";

/** SHA-256 over every part of the snapshot, as hexadecimal text. */
export async function hashSnapshot(snapshot: Snapshot): Promise<string> {
	const parts: string[] = [];
	for (const [path, bytes] of walk("", snapshot)) parts.push(`${path}=${await sha256(bytes)}`);
	return sha256(new TextEncoder().encode(parts.join("\n")));
}

async function sha256(bytes: Uint8Array): Promise<string> {
	const digest = await globalThis.crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
	return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The leaves of plain data by path, in the order of their names. */
function* walk(path: string, value: unknown): Generator<[string, Uint8Array]> {
	if (ArrayBuffer.isView(value)) {
		yield [
			`${path}:${value.constructor.name}`,
			new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
		];
	} else if (typeof value === "object" && value !== null) {
		const entries = value instanceof Map ? [...value] : Object.entries(value);
		entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
		for (const [key, part] of entries) yield* walk(`${path}/${String(key)}`, part);
	} else {
		yield [`${path}:${typeof value}`, new TextEncoder().encode(String(value))];
	}
}

// A run's output, kept.

import type { Output } from "../../src/cli/headless.ts";

export class Captured implements Output {
	out = "";
	err = "";
	readonly files = new Map<string, number[]>();

	stdout(bytes: Uint8Array): void {
		this.out += new TextDecoder().decode(bytes);
	}
	stderr(text: string): void {
		this.err += text;
	}
	writeFile(path: string, bytes: Uint8Array): void {
		this.files.set(path, [...bytes]);
	}
	appendFile(path: string): (byte: number) => void {
		const bytes: number[] = [];
		this.files.set(path, bytes);
		return (byte) => bytes.push(byte);
	}
	textFile(path: string): (text: string) => void {
		const bytes: number[] = [];
		this.files.set(path, bytes);
		return (text) => bytes.push(...new TextEncoder().encode(text));
	}
}

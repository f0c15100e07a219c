// What the guest has sent on one wire (COM1, port E9h), as bytes and as text. The text is UTF-8 without escape
// sequences, its lines ended by \n alone; `take` looks for a pattern behind what was taken before.

/** ECMA-48: CSI sequences, OSC strings, and two-byte escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const ESCAPE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_`-~]|[ -/][0-~])/g;
/** An escape sequence that may still go on, at the end of what has come so far. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const UNFINISHED = /\u001b(?:\[[0-?]*[ -/]*|\][^\u0007\u001b]*\u001b?|[ -/]?)$/;

export class Channel {
	/** Called with each whole line, cleaned. */
	onLine: (line: string) => void = () => {};
	#decoder = new TextDecoder();
	#bytes: number[] = [];
	#raw = "";
	#text = "";
	#taken = 0;
	#lineStart = 0;

	/** Takes a byte from the guest. */
	readonly push = (byte: number): void => {
		this.#bytes.push(byte);
		if (byte === 10) this.#decode();
	};

	/** All that was sent, cleaned. */
	get text(): string {
		this.#decode();
		return this.#text;
	}

	/** The part of `text` behind the last match. */
	get pending(): string {
		return this.text.slice(this.#taken);
	}

	/** The last `count` lines; an unfinished one counts. */
	lastLines(count: number): string[] {
		const lines = this.text.slice(-count * 400).split("\n");
		if (lines.at(-1) === "") lines.pop();
		return lines.slice(-count);
	}

	/** The first match behind what was taken before, and takes everything up to its end. */
	take(pattern: string | RegExp): string | undefined {
		const found = findIn(this.pending, pattern);
		if (!found) return undefined;
		this.#taken += found.end;
		return found.match;
	}

	/** Takes everything sent so far: what is expected next must be new. */
	takeAll(): string {
		const all = this.pending;
		this.#taken = this.#text.length;
		return all;
	}

	#decode(): void {
		if (this.#bytes.length === 0) return;
		this.#raw += this.#decoder.decode(Uint8Array.from(this.#bytes), { stream: true });
		this.#bytes.length = 0;
		const unfinished = UNFINISHED.exec(this.#raw)?.index ?? this.#raw.length;
		const held = this.#raw.endsWith("\r") ? Math.min(unfinished, this.#raw.length - 1) : unfinished;
		this.#text += this.#raw.slice(0, held).replace(ESCAPE, "").replaceAll("\r\n", "\n");
		this.#raw = this.#raw.slice(held);
		this.#reportLines();
	}

	#reportLines(): void {
		for (let end: number; (end = this.#text.indexOf("\n", this.#lineStart)) >= 0; ) {
			const line = this.#text.slice(this.#lineStart, end);
			this.#lineStart = end + 1;
			this.onLine(line);
		}
	}
}

function findIn(text: string, pattern: string | RegExp): { match: string; end: number } | undefined {
	if (typeof pattern === "string") {
		const at = text.indexOf(pattern);
		return at < 0 ? undefined : { match: pattern, end: at + pattern.length };
	}
	const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(text);
	return match ? { match: match[0], end: match.index + match[0].length } : undefined;
}

/** Pocket Rocket's shell on COM1, whichever machine runs it. */
export interface Shell {
	/** Types a line and ENTER, and waits for the next prompt. Returns what came between, one "\n" a line. */
	command(line: string): Promise<string>;
	/** Types a line and ENTER, and waits for a text instead. Returns what came up to its end, the echo included. */
	until(line: string, text: RegExp): Promise<string>;
	/** What the debug console (port E9h) has said so far. */
	debug(): string;
	close(): Promise<void>;
}

/** Matches where the shell waits for a line. */
export const PROMPT = /(^|\n)rocket> $/;

/** What a command has said: without the echo of its line and the next prompt. */
export function outputOf(text: string): string {
	return text.slice(text.indexOf("\n") + 1).replace(PROMPT, "$1");
}

/** `mem`'s figures of the heap: they are equal if and only if the heap is as it was. */
export async function heapFigures(shell: Shell): Promise<string> {
	const output = await shell.command("mem");
	const figures = output.match(/^heap: .*$/gm);
	if (!figures) throw new Error(`mem printed no heap figures:\n${output}`);
	return figures.join("\n");
}

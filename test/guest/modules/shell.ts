/** Pocket Rocket's shell on COM1, whichever machine runs it. */
export interface Shell {
	/** Types a line and ENTER, and waits for the next prompt. Returns what came between, one "\n" a line. */
	command(line: string): Promise<string>;
	/** Types a line and ENTER, and waits for a text instead of the prompt. Returns what came up to its end. */
	until(line: string, text: RegExp): Promise<string>;
	/** What the debug console (port E9h) has said so far. */
	debug(): string;
	close(): Promise<void>;
}

export const PROMPT = "rocket> ";

/** `mem`'s figures of the heap: they are equal if and only if the heap is as it was. */
export async function heapFigures(shell: Shell): Promise<string> {
	const output = await shell.command("mem");
	const figures = output.match(/^heap: .*$/gm);
	if (!figures) throw new Error(`mem printed no heap figures:\n${output}`);
	return figures.join("\n");
}

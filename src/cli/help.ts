// The help text, from the option table.

import { EXIT_HELP } from "./exit-status.ts";
import { OPTION_GROUPS, spelling } from "./option-table.ts";

const WIDTH = 24;

export function helpText(): string {
	const groups = OPTION_GROUPS.map(({ title, rows }) => {
		const lines = rows.map((row) => `  ${spelling(row).padEnd(WIDTH - 1)} ${row.help}`);
		return [`${title}:`, ...lines].join("\n");
	});
	return [
		"usage: gantry boot [FILE] [options]\n       gantry disasm [options] FILE",
		"FILE is an ISO image, a kernel (Multiboot 1, or ELF64 by the Limine boot protocol) or a disk image;\nwithout it, Pocket Rocket boots.",
		...groups,
		EXIT_HELP,
		'At the console, Ctrl-] is the escape key: Ctrl-] h lists what it does. "docs/cli.md" has examples.',
	].join("\n\n");
}

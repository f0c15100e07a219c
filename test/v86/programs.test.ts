// The 32-bit system programs, and the one of real mode, in npm's v86, a third opinion beside the manual's and QEMU's.

import { expect } from "chai";
import { comparable, programPath, runBare } from "../guest/system/programs.ts";
import { runV86 } from "./v86.ts";

const CAP_MS = 60_000;

interface Opinion {
	name: Parameters<typeof runBare>[0];
	/** Lines that v86 has not, or has otherwise, and why it is not followed. */
	differs?: RegExp;
	/** How far v86 comes, where it gives up. */
	until?: RegExp;
}

const OPINIONS: Opinion[] = [
	// LOCK is ignored before NOP (SDM 2A, "LOCK": #UD), BOUND does nothing, ENTER copies no frame pointers of outer levels.
	{ name: "real", differs: /^(lock|bound|enter):/ },
	// BOUND is not there: it does nothing. SDM 2A, "BOUND": #BR outside of the limits.
	{ name: "calls32" },
	{ name: "odds32", differs: /^BOUND, (below|above)/ },
	// EFER.NXE is not there.
	{ name: "paging32", differs: /^NX.* call/ },
	// INT3 and INTO are held to IOPL; SDM 2A, "INT n/INTO/INT3/INT1": INT n alone is.
	{ name: "v86", differs: /^(INT3|INTO)/ },
	// LAR's bits 16..19 are undefined (SDM 2A, "LAR"). A far jump to nonconforming code of another DPL is let through; SDM 2A, "JMP":
	// #GP. v86 ends itself where SS becomes null.
	{ name: "segments32", differs: /^ {2}(LAR|far jump)/, until: /^call gate with a null inner stack/ },
	// v86 ends itself on a TSS selector beyond the GDT's limit.
	{ name: "tasks", until: /^#GP through a task gate/ },
];

/** What both must say: the lines up to where v86 gives up, without those in which it differs. */
function common(lines: string[], { differs, until }: Opinion): string[] {
	const end = until ? lines.findIndex((line) => until.test(line)) : -1;
	return lines.slice(0, end < 0 ? undefined : end).filter((line) => !differs?.test(line));
}

describe("32-bit and real-mode system programs say on Gantry what they say in v86", function () {
	this.timeout(2 * CAP_MS);

	for (const opinion of OPINIONS) {
		it(opinion.name, async () => {
			const ours = common(comparable(runBare(opinion.name).transcript), opinion);
			const theirs = comparable(await runV86(programPath(opinion.name), "done\n", CAP_MS));
			expect(ours.length).to.be.greaterThan(10);
			expect(common(theirs, opinion).slice(0, ours.length)).to.deep.equal(ours);
		});
	}
});

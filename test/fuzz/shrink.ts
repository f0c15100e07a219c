/**
 * Makes a program that shows a difference smaller: instructions become NOPs, memory becomes zeros, events
 * are left out, as long as the difference stays. Nothing moves, so what is left means what it meant.
 */
import type { Program } from "./generate.ts";
import { CODE, LENGTHS, TABLES } from "./layout.ts";

const NOP = 0x90;
/** Bytes that are cleared at a time, from coarse to fine. */
const PIECES = [0x4000, 0x1000, 0x100, 0x10];

/** @param fails whether the program still shows the difference */
export function shrink(program: Program, fails: (program: Program) => boolean): Program {
	let best = program;
	const attempt = (candidate: Program): boolean => {
		if (!fails(candidate)) return false;
		best = candidate;
		return true;
	};
	const kept = reduce(program.events, (events) => attempt({ ...best, events }));
	best = { ...best, events: kept };
	for (let before = -1; before !== best.spans.length; ) {
		before = best.spans.length;
		reduce(best.spans, (spans) => attempt({ ...best, spans, image: without(best, spans) }));
	}
	for (const size of PIECES) for (const from of pieces(best, size)) attempt(cleared(best, from, size));
	return best;
}

/** Leaves out halves, quarters and so on, as long as `works` says that it may be. */
function reduce<T>(all: T[], works: (some: T[]) => boolean): T[] {
	let kept = all;
	for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let at = 0; at < kept.length; ) {
			const some = [...kept.slice(0, at), ...kept.slice(at + size)];
			if (works(some)) kept = some;
			else at += size;
		}
	}
	return kept;
}

/** The image with the instructions that are not among `spans` any more replaced by NOPs. */
function without({ image, spans: before }: Program, spans: Program["spans"]): Uint8Array {
	const copy = image.slice();
	const stay = new Set(spans.map(([at]) => at));
	for (const [at, length] of before)
		if (!stay.has(at)) {
			copy.fill(NOP, at, at + length);
			copy.fill(1, LENGTHS + at - CODE, LENGTHS + at - CODE + length);
		}
	return copy;
}

/** Where the pieces of memory lie that hold something, but no instruction of the program. */
function pieces({ image, spans }: Program, size: number): number[] {
	// Fine pieces of page tables and lengths are not worth the time.
	const end = size < 0x1000 ? TABLES : image.length;
	const code = new Set(
		spans.flatMap(([at, length]) => [at, at + length - 1]).map((at) => Math.floor(at / size)),
	);
	return Array.from({ length: end / size }, (_, i) => i)
		.filter((i) => !code.has(i) && image.subarray(i * size, (i + 1) * size).some((byte) => byte))
		.map((i) => i * size);
}

function cleared(program: Program, from: number, size: number): Program {
	const image = program.image.slice();
	image.fill(0, from, from + size);
	return { ...program, image };
}

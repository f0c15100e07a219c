/** Ways out of a region: places where an instruction may be left to the interpreter, and jumps to other code. */
import { type Body, Label } from "../wasm.ts";
import type { LeaveIf } from "./accesses.ts";
import type { BasicBlock } from "./discover.ts";
import type { History, Place } from "./liveness.ts";
import type { RegionRegisters } from "./registers.ts";

/** Bails that store the same registers share their code; past so many ways out, they store all. */
const MOST_EXITS = 6;

/** A place where the region may be left before an instruction. */
interface Site {
	place: Place;
	label: Label;
}

export class Exits {
	readonly #bails: Site[] = [];
	readonly #outs: Place[] = [];

	/** @param code local that says where a bail was: an offset in the page, and instructions done above bit 12 */
	constructor(
		private readonly body: Body,
		private readonly history: History<BasicBlock>,
		private readonly registers: RegionRegisters,
		private readonly code: number,
	) {}

	/** A place to leave the region before the instruction at an offset, after so many others. */
	bail(offset: number, done: number): LeaveIf {
		const { body } = this;
		const site = { place: this.history.place(true, false), label: new Label("bail") };
		this.#bails.push(site);
		return (condition) => {
			body.constant("i32", offset | (done << 12));
			condition();
			body.branch("br_if", site.label);
			body.op("drop");
		};
	}

	/** Notes a jump to the common way out. */
	out(): void {
		this.#outs.push(this.history.place(true, false));
	}

	/** Registers that have changed on the way to any jump out. */
	get outDirty(): number {
		return this.#outs.reduce((mask, place) => mask | place.dirty, 0);
	}

	/**
	 * Gives bails their exits, changed registers being known, and emits those: blocks that open where `open` says and end,
	 * with the code of the exit behind each, where `close` says. All go on at the end of `tail`.
	 */
	emit(open: (emit: () => void) => void, close: (emit: () => void) => void, tail: Label): void {
		const all = this.outDirty;
		for (const place of this.#outs) place.exit = { ...place, dirty: all };
		const exits = this.#group();
		open(() => {
			for (const { label } of [...exits].reverse()) this.body.open("block", label, "i32");
		});
		close(() => {
			for (const { place } of exits) {
				this.body.end();
				this.body.local("local.set", this.code);
				this.registers.store(place.dirty);
				this.body.branch("br", tail);
			}
		});
	}

	/** The bails' exits, by the registers that they store. */
	#group(): Site[] {
		const byMask = new Map<number, Site[]>();
		for (const site of this.#bails) {
			const same = byMask.get(site.place.dirty);
			if (same) same.push(site);
			else byMask.set(site.place.dirty, [site]);
		}
		const union = [...byMask.keys()].reduce((a, b) => a | b, 0);
		const common = [...byMask].sort((a, b) => b[1].length - a[1].length).slice(0, MOST_EXITS);
		const exits = new Map<number, Site>();
		for (const [mask, sites] of byMask) {
			const dirty = common.some(([m]) => m === mask) ? mask : union;
			let exit = exits.get(dirty);
			if (!exit) {
				exit = { label: new Label("bail"), place: { stores: true, loads: false, dirty, live: 0 } };
				exits.set(dirty, exit);
			}
			for (const site of sites) {
				site.label.is = exit.label;
				site.place.exit = exit.place;
			}
		}
		return [...exits.values()];
	}
}

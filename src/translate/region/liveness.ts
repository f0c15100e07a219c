/**
 * Which registers must be loaded and stored where. While a region is emitted, its history is
 * recorded: reads, writes, and the places where the state block is brought up to date or read again. Two
 * passes over the history then say, for each such place, which registers have changed since they were stored
 * (forwards), and which are read before they are written (backwards).
 */

/** A place where registers are stored, loaded, or both; the masks are known once `solve` has run. */
export interface Place {
	/** All that have changed are stored here. */
	stores: boolean;
	/** Registers may have changed behind the region's back: what is read later is loaded. */
	loads: boolean;
	/** A bit a register. */
	dirty: number;
	live: number;
	/** Of a place that leaves: which registers its exit stores, if more than those that have changed. */
	exit?: Place;
}

/** `partly` tells, when all is known, whether something of the register stays. */
type Event = { read: number } | { write: number; partly?: () => boolean } | { place: Place };

/** What happened in one basic block, in order. */
export interface Chapter<Block> {
	block: Block;
	events: Event[];
	successors: Set<Block>;
}

export class History<Block = unknown> {
	readonly #chapters = new Map<Block, Chapter<Block>>();
	#now!: Chapter<Block>;

	/** What follows happens in this block. */
	enter(block: Block): void {
		let chapter = this.#chapters.get(block);
		if (!chapter) {
			chapter = { block, events: [], successors: new Set() };
			this.#chapters.set(block, chapter);
		}
		this.#now = chapter;
	}

	read(register: number): void {
		this.#now?.events.push({ read: register });
	}

	write(register: number, partly?: () => boolean): void {
		if (this.conditional) this.read(register);
		this.#now?.events.push({ write: register, partly });
	}

	/** What is written now may also stay as it is. */
	conditional = false;

	place(stores: boolean, loads: boolean): Place {
		const place: Place = { stores, loads, dirty: 0, live: 0 };
		this.#now?.events.push({ place });
		return place;
	}

	/** Control may go from the present block to this one. */
	goes(to: Block): void {
		this.#now?.successors.add(to);
	}

	/** Fills in `dirty` of every place. */
	solveDirty(order: Block[]): void {
		const chapters = this.#inOrder(order);
		const entered = new Map<Block, number>();
		for (let changed = true; changed; ) {
			changed = false;
			for (const { block, events, successors } of chapters) {
				const dirty = dirtyAfter(events, entered.get(block) ?? 0);
				for (const next of successors) {
					const before = entered.get(next) ?? 0;
					if ((before | dirty) !== before || !entered.has(next)) {
						entered.set(next, before | dirty);
						changed = true;
					}
				}
			}
		}
	}

	/** Fills in `live` of every place, and answers what is live at the first block's start; after `solveDirty`. */
	solveLive(order: Block[]): number {
		const chapters = this.#inOrder(order).reverse();
		const entered = new Map<Block, number>();
		for (let changed = true; changed; ) {
			changed = false;
			for (const { block, events, successors } of chapters) {
				let live = 0;
				for (const next of successors) live |= entered.get(next) ?? 0;
				live = liveBefore(events, live);
				if (entered.get(block) === live) continue;
				entered.set(block, live);
				changed = true;
			}
		}
		return entered.get(order[0]) ?? 0;
	}

	#inOrder(order: Block[]): Chapter<Block>[] {
		const chapters: Chapter<Block>[] = [];
		for (const block of order) {
			const chapter = this.#chapters.get(block);
			if (chapter) chapters.push(chapter);
		}
		return chapters;
	}
}

function dirtyAfter(events: Event[], before: number): number {
	let dirty = before;
	for (let i = 0; i < events.length; i++) {
		const event = events[i];
		if ("write" in event) dirty |= 1 << event.write;
		else if ("place" in event) {
			event.place.dirty = dirty;
			if (event.place.loads) dirty = 0;
		}
	}
	return dirty;
}

function liveBefore(events: Event[], after: number): number {
	let live = after;
	for (let i = events.length - 1; i >= 0; i--) {
		const event = events[i];
		if ("read" in event) live |= 1 << event.read;
		else if ("write" in event)
			live = event.partly?.() ? live | (1 << event.write) : live & ~(1 << event.write);
		else {
			const { place } = event;
			place.live = live;
			if (place.loads) live = 0;
			if (place.stores) live |= (place.exit ?? place).dirty;
		}
	}
	return live;
}

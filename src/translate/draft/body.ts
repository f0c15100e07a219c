/**
 * A stencil's body. Its code is run as it is, by what the engine's baseline compiler makes of it, so what semantics emit for an optimising
 * compiler is tidied here: values that nobody reads are not worked out, and one that is read once is worked out where it is read,
 * without a local in between.
 *
 * Code is a list of statements, each of which begins and ends with nothing on the WebAssembly stack: a temporary gets its value, something is stored, a
 * block begins or ends.
 */
import { HOLE_DELTA, HOLE_HOST } from "../../core/stencil.ts";
import { GET, SET } from "../items.ts";
import { Body, type Label, type OpName, type Temp, type ValueType } from "../wasm.ts";

const PARAMETERS: ValueType[] = ["i32", "i64", "i32", "i32"];

interface Statement {
	items: number[];
	/** What gets its value, if it does nothing else. */
	sets?: Temp;
	loads: boolean;
	stores: boolean;
	/** It begins or ends a block: nothing is moved over it. */
	isBorder: boolean;
}

type Kind = Pick<Statement, "loads" | "stores" | "isBorder">;
type End = Kind & { to: number };

export class DraftBody extends Body {
	override readonly rotates = false;
	/** Where statements end, and what they do. */
	readonly #ends: End[] = [];
	#loads = false;
	#isHost = false;

	constructor() {
		super(PARAMETERS);
	}

	endStatement(kind: Partial<Kind> = {}): void {
		this.#ends.push({ to: this.size, loads: this.#loads, stores: false, isBorder: false, ...kind });
		this.#loads = false;
	}

	/** The statement under way reads the state block or memory. */
	loads(): void {
		this.#loads = true;
	}

	/** Leaves an address whose distance from the access is a hole in that. */
	host(): void {
		this.localHole("local.get", HOLE_HOST);
		this.#isHost = true;
	}

	override memory(name: OpName, offset: number | (() => number)): void {
		if (this.#isHost) {
			this.#isHost = false;
			this.memoryHole(name, HOLE_DELTA);
			return;
		}
		super.memory(name, offset);
		this.#access(name);
	}

	override memoryHole(name: OpName, wants: number): void {
		super.memoryHole(name, wants);
		this.#access(name);
	}

	#access(name: OpName): void {
		if (name.includes("store")) this.endStatement({ stores: true });
		else this.#loads = true;
	}

	override assign(temp: Temp): void {
		super.assign(temp);
		this.endStatement();
	}

	override open(opens: "block" | "loop" | "if", label?: Label, result?: ValueType): Label {
		const opened = super.open(opens, label, result);
		this.endStatement({ isBorder: true });
		return opened;
	}

	override else(): void {
		super.else();
		this.endStatement({ isBorder: true });
	}

	override end(): void {
		super.end();
		this.endStatement({ isBorder: true });
	}

	protected override simplified(items: number[], things: readonly unknown[]): number[] {
		this.endStatement();
		let from = 0;
		const statements = this.#ends.map(({ to, ...kind }): Statement => {
			const own = items.slice(from, to);
			from = to;
			const isSet = own.at(-2) === SET;
			return { items: own, sets: isSet ? (things[own.at(-1)!] as Temp) : undefined, ...kind };
		});
		return moveToReaders(withoutUnread(statements, things), things).flatMap(({ items }) => items);
	}
}

/** The temporaries that a statement reads, with where in its items it does. */
function readsOf({ items }: Statement, things: readonly unknown[]): [at: number, temp: Temp][] {
	const reads: [number, Temp][] = [];
	for (let i = 0; i < items.length; i++) {
		if (items[i] >= 0) continue;
		if (items[i++] === GET) reads.push([i - 1, things[items[i]] as Temp]);
	}
	return reads;
}

/** What sets a temporary that nobody reads does nothing, and what that reads is read once less. */
function withoutUnread(statements: Statement[], things: readonly unknown[]): Statement[] {
	const kept: Statement[] = [];
	for (const statement of [...statements].reverse()) {
		if (statement.sets?.uses === 0) for (const [, temp] of readsOf(statement, things)) temp.uses--;
		else kept.push(statement);
	}
	return kept.reverse();
}

/** A value that is read once goes where it is read, unless what it loads may have been stored to in between. */
function moveToReaders(statements: Statement[], things: readonly unknown[]): Statement[] {
	const kept: Statement[] = [];
	for (const statement of statements) {
		for (const [at, temp] of readsOf(statement, things).reverse()) {
			const from = temp.uses === 1 ? kept.findLastIndex(({ sets }) => sets === temp) : -1;
			if (from < 0 || !isMovable(kept[from], kept.slice(from + 1))) continue;
			const [{ items, loads }] = kept.splice(from, 1);
			statement.items.splice(at, 2, ...items.slice(0, -2));
			statement.loads ||= loads;
		}
		kept.push(statement);
	}
	return kept;
}

const isMovable = ({ loads }: Statement, over: Statement[]): boolean =>
	!over.some(({ stores, isBorder }) => isBorder || (loads && stores));

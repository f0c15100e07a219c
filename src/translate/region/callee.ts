/** The region that a guest's CALL leads to, called as a function: RIP is in its local, all state in the state block. */
import * as S from "../../core/state.ts";
import type { Body, Callee } from "../wasm.ts";
import { answer, passOn, probeJumpCache, REGION, regionOf, testRegion } from "./links.ts";
import type { RegionSource } from "./source.ts";

export class CalleeRegion {
	/**
	 * @param self the region that calls
	 * @param place a local for the callee's place in the table
	 */
	constructor(
		private readonly body: Body,
		private readonly self: Callee,
		private readonly source: RegionSource,
		private readonly place: number,
	) {}

	/**
	 * Calls the region itself, the region of a block in the same page, or whatever the jump cache knows; returns where there is none.
	 * @param target offset in the page, if it is known
	 */
	call(target?: number): void {
		const { body } = this;
		const { entry, blockAt } = this.source;
		if (target === entry.offset) {
			passOn(body, 1);
			body.call(this.self);
			return;
		}
		const record = target !== undefined && target >= 0 && target < 4096 ? blockAt(target) : 0;
		const pushPlace = record ? this.#regionOfBlock(record) : this.#regionAtRip();
		passOn(body, 1);
		pushPlace();
		body.callIndirect(REGION);
	}

	/** The block's place in the table, unless it has none. */
	#regionOfBlock(record: number): () => void {
		const { body } = this;
		body.constant("i32", record);
		body.memory("i32.load16_u", S.REC_HEAT);
		body.local("local.tee", this.place);
		testRegion(body);
		body.op("i32.eqz");
		body.open("if");
		answer(body);
		body.end();
		return () => {
			body.local("local.get", this.place);
			body.constant("i32", S.HOT);
			body.op("i32.sub");
		};
	}

	#regionAtRip(): () => void {
		const entry = probeJumpCache(this.body, this.source.mode.size === 64, () => answer(this.body));
		return () => regionOf(this.body, entry);
	}
}

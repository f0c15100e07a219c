/** A random program out of a seed: a main part that goes round, functions, a page that is remapped, handlers. */
import type { Registers } from "../../src/bus/processor.ts";
import * as S from "../../src/core/state.ts";
import { Random } from "../harness/random.ts";
import { Label, type Span } from "./assembler.ts";
import { Builder, OUTER } from "./builder.ts";
import { type Entries, Handlers } from "./handlers.ts";
import {
	ARENA,
	ARENA_SIZE,
	CODE,
	COLD_PAGE,
	HOT_PAGE,
	IDT,
	INNER_STACK,
	LENGTHS,
	PAGE,
	PORT_END,
	STACK,
} from "./layout.ts";
import { buildIdt, createSetup, MODES, type Mode } from "./modes.ts";
import { FAST_SYSTEM, FAST_USER } from "./segments.ts";
import { type Callee, Statements } from "./statements.ts";

/** Something that comes from outside at a moment chosen before the run. */
export interface Event {
	/** Instructions since the start. */
	at: number;
	kind: "interrupt" | "nmi" | "dma";
	/** The interrupt's vector; for DMA, what is written. */
	value: number;
	/** Where DMA writes. */
	address: number;
}

/** All that a run depends on. */
export interface Program {
	mode: Mode;
	registers: Registers;
	/** Of the state block what `registers` leaves out: offset, bytes, value. */
	state: [at: number, bytes: number, value: bigint][];
	/** What memory holds at first. */
	image: Uint8Array;
	events: Event[];
	/** Instructions after which it is over, if it has not ended before. */
	end: number;
	/** Of the random lengths of the runs it is cut into. */
	slices: number;
	/** Where its instructions lie: what can be left out. */
	spans: Span[];
}

export interface Options {
	mode?: Mode;
	/** Rounds of the main part. */
	rounds: number;
}

export function generate(seed: number, { mode, rounds }: Options): Program {
	const random = new Random(seed);
	const setup = createSetup(random, mode ?? random.pick(MODES));
	const builder = new Builder(random, setup);
	const { code } = builder;
	const { start, resume } = writeProgram(builder);
	const spans = code.spans.slice();
	const entries = new Handlers(code, random, setup, resume, builder.patches).emit();
	builder.finish();
	const idt = buildIdt(random, setup.handlers, entries.gate);
	const image = code.image;
	image.set(idt, setup.handlers === "real" ? 0 : IDT);
	for (const [at, bytes] of setup.contents) image.set(bytes, at);
	image.set(random.bytes(ARENA_SIZE / 4), ARENA);
	image.copyWithin(ARENA + ARENA_SIZE / 2, ARENA, ARENA + ARENA_SIZE / 4);
	image.set(code.lengths, LENGTHS);
	new DataView(image.buffer).setUint32(OUTER, rounds, true);
	const registers = { ...setup.registers, rip: BigInt(setup.rip(start)) };
	const end = rounds * 2500;
	return {
		mode: setup.mode,
		registers,
		state: hiddenState(random, entries),
		image,
		events: randomEvents(random, end, builder.patches),
		end,
		slices: random.u32(),
		spans,
	};
}

/** Fast system calls lead to the handlers; vectors are enabled, and their exceptions here and there. */
function hiddenState(random: Random, { systemCall, systemEnter }: Entries): Program["state"] {
	const unmasked = random.chance(0.3) ? random.u32() & 0xffc0 : 0x1f80;
	return [
		[S.STAR, 8, (BigInt(FAST_USER | 3) << 48n) | (BigInt(FAST_SYSTEM) << 32n)],
		[S.LSTAR, 8, BigInt(systemCall)],
		[S.SYSENTER_CS, 8, BigInt(FAST_SYSTEM)],
		[S.SYSENTER_ESP, 8, BigInt(INNER_STACK)],
		[S.SYSENTER_EIP, 8, BigInt(systemEnter)],
		[S.XCR0, 8, random.pick([7n, 7n, 7n, 3n, 0x207n])],
		[S.MXCSR, 4, BigInt(unmasked)],
	];
}

/** Each place where code begins: right behind what is there, or so that it goes over the next page's start. */
function begin({ code, random }: Builder): void {
	const end = (code.at + PAGE) & -PAGE;
	if (random.chance(0.35)) code.at = Math.max(code.at, end - random.between(2, 70));
	else code.at += random.below(16);
}

function writeProgram(builder: Builder): { start: number; resume: number } {
	const { random, code } = builder;
	const statements = new Statements(builder);
	const functions = Array.from({ length: random.between(1, 6) }, () => ({
		label: new Label(),
		pops: random.chance(0.2) ? random.between(1, 2) : 0,
	}));
	const remapped = writeRemappedPage(builder);
	code.at = CODE;
	begin(builder);
	statements.callees = [...functions, ...remapped];
	const places = writeMain(builder, statements);
	functions.forEach((callee, i) => {
		begin(builder);
		statements.callees = [...functions.slice(i + 1), ...remapped];
		writeFunction(builder, statements, callee, 2);
	});
	if (code.at > HOT_PAGE) throw new Error("the program is too long");
	return places;
}

function writeMain(builder: Builder, statements: Statements): { start: number; resume: number } {
	const { random, code, setup } = builder;
	const [top, resume, stop] = [new Label(), new Label(), new Label()];
	const start = code.at;
	code.place(top);
	builder.reload(0.8);
	for (const enough = code.spans.length + random.between(60, 320); code.spans.length < enough; )
		statements.block(3, 1);
	code.place(resume);
	code.move(0, setup.registers.segments[2].selector);
	code.emit(0x8e, 0xd0);
	code.move(4, STACK - setup.bases[2]);
	code.emit(0xfc);
	if (random.chance(0.8)) code.emit(0xfb);
	builder.onMemory([0xff], 1, OUTER);
	code.branch(0x75, top);
	code.place(stop);
	code.emit(0xe6, PORT_END);
	code.branch(0xeb, stop);
	return { start, resume: resume.at! };
}

function writeFunction(
	builder: Builder,
	statements: Statements,
	{ label, pops }: Callee,
	depth: number,
): void {
	const { random, code, word } = builder;
	code.place(label);
	statements.block(depth, random.between(1, 2));
	if (pops) code.emit(0xc2, pops * word, 0);
	else code.emit(0xc3);
}

/** Functions at the same places of two pages, of which one is mapped at a time. */
function writeRemappedPage(builder: Builder): Callee[] {
	const { code } = builder;
	const statements = new Statements(builder);
	statements.closed = true;
	const callees: Callee[] = [];
	for (const offset of [0x40, 0x800]) {
		for (const page of [COLD_PAGE, HOT_PAGE]) {
			code.at = page + offset;
			const callee = { label: new Label(), pops: 0 };
			writeFunction(builder, statements, callee, 2);
			if (page === HOT_PAGE) callees.push(callee);
		}
	}
	return callees;
}

function randomEvents(random: Random, end: number, patches: number[]): Event[] {
	const kinds: Event["kind"][] = ["interrupt", "interrupt", "interrupt", "nmi", "dma"];
	const near = () => random.below(random.pick([end, end / 4, end / 20]));
	const events = Array.from({ length: random.below(30) }, () => ({
		at: Math.floor(near()),
		kind: random.pick(kinds),
		value: random.between(0x20, 0x8f),
		address:
			patches.length && random.chance(0.4) ? random.pick(patches) : ARENA + random.below(ARENA_SIZE - 8),
	}));
	return events.sort((a, b) => a.at - b.at);
}

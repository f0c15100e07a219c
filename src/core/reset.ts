// The processor after RESET (SDM 3A, "Processor State After Reset").

import { dropAll, setOwner } from "./blocks";
import { debugChanged } from "./debug";
import { writeFlags } from "./flags";
import { controlsChanged } from "./mode";
import { resetX87 } from "./x87/control";
import {
	ADDRESS_MASK, CR0, CS, DR, ES, GDTR, GS, IDTR, LDTR, MODEL_SIGNATURE, MXCSR, NO_RECORD, PAT, RANDOM, RDX, RECORD, RECORD_SIZE, RIP, SEG_ATTRIBUTES, SEG_BASE,
	SEG_LIMIT, SEG_SELECTOR, SEGMENT_SIZE, STATE_SIZE, TR, TSC_OFFSET, XCR0,
} from "./state";
import { emptyAll } from "./tlb";

function segment(cpu: usize, at: usize, selector: u32, base: u64, attributes: u32): void {
	store<u32>(cpu + at + SEG_SELECTOR, selector);
	store<u64>(cpu + at + SEG_BASE, base);
	store<u32>(cpu + at + SEG_LIMIT, 0xffff);
	store<u32>(cpu + at + SEG_ATTRIBUTES, attributes);
}

export function reset(cpu: usize): void {
	const seed = load<u64>(cpu + RANDOM);
	const mask = load<u32>(cpu + ADDRESS_MASK);
	memory.fill(cpu, 0, STATE_SIZE);
	memory.fill(NO_RECORD, 0, RECORD_SIZE);
	store<u32>(cpu + RECORD, NO_RECORD);
	store<u64>(cpu + RANDOM, seed);
	store<u32>(cpu + ADDRESS_MASK, mask);
	for (let at: usize = ES; at <= GS; at += SEGMENT_SIZE) segment(cpu, at, 0, 0, 0x93);
	segment(cpu, CS, 0xf000, 0xffff0000, 0x9b);
	segment(cpu, LDTR, 0, 0, 0x82);
	segment(cpu, TR, 0, 0, 0x8b);
	store<u32>(cpu + GDTR + 8, 0xffff);
	store<u32>(cpu + IDTR + 8, 0xffff);
	store<u64>(cpu + CR0, 0x60000010);
	store<u64>(cpu + RIP, 0xfff0);
	store<u64>(cpu + RDX, load<u32>(MODEL_SIGNATURE));
	store<u64>(cpu + DR + 48, 0xffff0ff0);
	store<u64>(cpu + DR + 56, 0x400);
	store<u64>(cpu + PAT, 0x0007040600070406);
	store<u64>(cpu + TSC_OFFSET, 0);
	store<u32>(cpu + MXCSR, 0x1f80);
	store<u64>(cpu + XCR0, 1);
	resetX87(cpu);
	store<u64>(cpu + XCR0, 1);
	writeFlags(cpu, 0, <u32>-1);
	setOwner(cpu);
	emptyAll();
	debugChanged(cpu);
	dropAll(cpu);
	controlsChanged(cpu);
}

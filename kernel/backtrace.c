/*
 * Backtraces by frame pointer: at RBP lie the caller's RBP and the return address.
 *
 * A leaf function may have no frame, whatever the compiler is told. Then RBP is its caller's, and its
 * return address is still at RSP.
 */
#include "memory.h"
#include "panic.h"
#include "symbols.h"

#define MAX_LINES 32
#define NAME_SIZE 96
#define NO_CALLER (~0ul) /* entry.S ends the chain with a return address of 0 */
#define PUSH_RBP 0x55
#define CALL_NEAR 0xe8
#define GROUP5 0xff /* CALL r/m64 is /2 of it */

static void say_where(uint64_t address) {
	char name[NAME_SIZE];
	bool known = symbol_describe(address, name, sizeof name);
	say("  %016lx %s\n", address, known ? name : "(no symbol)");
}

static bool readable(uint64_t address, size_t size) {
	return page_present(address) && page_present(address + size - 1);
}

/* Only upwards, so that a damaged chain ends. */
static bool can_follow(uint64_t frame, uint64_t below) {
	return frame > below && frame % 8 == 0 && readable(frame, 16);
}

/* Where the function around `rip` starts; 0 if nothing is known. */
static uint64_t function_start(uint64_t rip) {
	const module *owner;
	const struct symbol *symbol = symbol_at(rip, &owner);
	return symbol ? symbol->address : 0;
}

static bool is_indirect_call(const uint8_t *at) { return at[0] == GROUP5 && (at[1] & 0x38) == 0x10; }

/* Whether a call instruction ends at `address`: every length that CALL rel32 and CALL r/m64 have. */
static bool follows_call(uint64_t address) {
	if (!function_start(address) || !readable(address - 7, 7)) return false;
	const uint8_t *end = (const uint8_t *)address;
	return end[-5] == CALL_NEAR || is_indirect_call(end - 2) || is_indirect_call(end - 3) || is_indirect_call(end - 6) ||
	       is_indirect_call(end - 7);
}

/* The return address of a function without a frame; 0 if it has one. */
static uint64_t frameless_caller(uint64_t rip, uint64_t rsp) {
	uint64_t start = function_start(rip);
	if (!rsp || rsp % 8 || !readable(rsp, 8) || !start) return 0;
	if (rip != start && *(const uint8_t *)start == PUSH_RBP) return 0;
	uint64_t caller = *(const uint64_t *)rsp;
	return follows_call(caller) ? caller : 0;
}

/* A recursion is one line and a count. */
static void say_repeated(size_t *times) {
	if (*times) say("  ... and %lu times more\n", *times);
	*times = 0;
}

/* Return addresses point behind the call; one less names the caller even if the call was its last instruction. */
static void follow_frames(uint64_t rbp) {
	uint64_t below = 0, last = 0;
	size_t repeated = 0;
	for (int lines = 0; lines < MAX_LINES && can_follow(rbp, below); below = rbp, rbp = *(const uint64_t *)rbp) {
		uint64_t caller = ((const uint64_t *)rbp)[1] - 1;
		if (caller == last) {
			repeated++;
			continue;
		}
		say_repeated(&repeated);
		if (caller == NO_CALLER) return;
		say_where(caller);
		last = caller;
		lines++;
	}
	say_repeated(&repeated);
}

void backtrace(uint64_t rip, uint64_t rbp, uint64_t rsp) {
	say("Backtrace:\n");
	say_where(rip);
	uint64_t caller = frameless_caller(rip, rsp);
	if (caller) say_where(caller - 1);
	follow_frames(rbp);
}

/*
 * The end: what happened, where, the registers, and who called whom, on the screen, COM1 and port E9h.
 * Nothing here allocates. The first line and the last begin with "PANIC:".
 */
#include "panic.h"
#include "interrupt.h"
#include "memory.h"
#include "output.h"


/* SDM 3A, "Protected-Mode Exceptions and Interrupts". */
static const char *const exceptions[32] = {
	"#DE divide error",
	"#DB debug exception",
	"NMI non-maskable interrupt",
	"#BP breakpoint",
	"#OF overflow",
	"#BR bound range exceeded",
	"#UD invalid opcode",
	"#NM device not available",
	"#DF double fault",
	"coprocessor segment overrun",
	"#TS invalid TSS",
	"#NP segment not present",
	"#SS stack-segment fault",
	"#GP general protection",
	"#PF page fault",
	"reserved exception",
	"#MF x87 floating-point error",
	"#AC alignment check",
	"#MC machine check",
	"#XM SIMD floating-point exception",
	"#VE virtualization exception",
	"#CP control protection exception",
};
#define VECTOR_DF 8
#define VECTOR_TS 10
#define VECTOR_GP 13
#define VECTOR_PF 14
#define VECTOR_AC 17
#define VECTOR_CP 21

/* RF is set in what a fault pushes, and says nothing here. SDM 3B, "Instruction-Breakpoint Exception Condition". */
#define RFLAGS_RF 0x10000ul

/* Page fault error code. SDM 3A, "Interrupt 14". */
#define PF_PRESENT 0x01
#define PF_WRITE 0x02
#define PF_USER 0x04
#define PF_RESERVED 0x08
#define PF_FETCH 0x10

static bool reporting; /* a fault inside a report ends at once */

/* To every output. */
void say(const char *format, ...) {
	char text[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	debug_write(text, strlen(text)); /* first: who waits for COM1 finds it there */
	console_write("\033[K", 3); /* the whole row in the report's colour */
	text_show(text, strlen(text));
}

static void say_registers(const struct trap_frame *f) {
	say("RAX %016lx RBX %016lx RCX %016lx\n", f->rax, f->rbx, f->rcx);
	say("RDX %016lx RSI %016lx RDI %016lx\n", f->rdx, f->rsi, f->rdi);
	say("RBP %016lx RSP %016lx R8  %016lx\n", f->rbp, f->rsp, f->r8);
	say("R9  %016lx R10 %016lx R11 %016lx\n", f->r9, f->r10, f->r11);
	say("R12 %016lx R13 %016lx R14 %016lx\n", f->r12, f->r13, f->r14);
	say("R15 %016lx RIP %016lx RFLAGS %08lx\n", f->r15, f->rip, f->rflags & ~RFLAGS_RF);
	say("CS %04lx SS %04lx CR0 %08lx CR2 %016lx\n", f->cs, f->ss, read_cr0(), read_cr2());
	say("CR3 %08lx CR4 %08lx\n", read_cr3(), read_cr4());
}

static bool in_guard_page(uint64_t address) { return address - (uint64_t)kernel_stack_guard < PAGE_SIZE; }

/* The same vectors as in trap.S. */
static bool has_error_code(uint64_t vector) {
	bool segments_and_pages = vector >= VECTOR_TS && vector <= VECTOR_PF;
	return vector == VECTOR_DF || segments_and_pages || vector == VECTOR_AC || vector == VECTOR_CP;
}

static void describe_page_fault(uint64_t error, char *to, size_t size) {
	const char *access = error & PF_FETCH ? "execution of" : error & PF_WRITE ? "write to" : "read of";
	const char *why = error & PF_RESERVED  ? ", a reserved bit is set in its tables"
	                  : error & PF_PRESENT ? ", which its page forbids"
	                                       : ", which is not mapped";
	const char *note = read_cr2() < PAGE_SIZE ? " (a null pointer)" : "";
	if (in_guard_page(read_cr2())) note = " (the stack's guard page)";
	snprintf(to, size, "%s%s %016lx%s%s", error & PF_USER ? "user " : "", access, read_cr2(), why, note);
}

/* The error code names a selector for these, or is 0. SDM 3A, "Error Code". */
static void describe_selector(uint64_t error, char *to, size_t size) {
	const char *table = error & 2 ? "IDT" : error & 4 ? "LDT" : "GDT";
	if (error == 0) strlcpy(to, "no selector is involved", size);
	else snprintf(to, size, "%s entry %lu%s", table, error >> 3, error & 1 ? ", from outside the program" : "");
}

/* What the error code, or CR2, adds to the exception's name. */
static void describe(const struct trap_frame *frame, char *to, size_t size) {
	if (frame->vector == VECTOR_PF) describe_page_fault(frame->error, to, size);
	else if (frame->vector >= VECTOR_TS && frame->vector <= VECTOR_GP) describe_selector(frame->error, to, size);
	else if (frame->vector == VECTOR_DF && in_guard_page(read_cr2()))
		strlcpy(to, "the kernel's stack ran into its guard page", size);
}

static const char *exception_name(uint64_t vector) {
	if (vector >= 32) return "unexpected interrupt";
	return exceptions[vector] ? exceptions[vector] : "reserved exception";
}

static void say_exception(const struct trap_frame *frame) {
	char detail[120] = "", error[32] = "";
	describe(frame, detail, sizeof detail);
	if (has_error_code(frame->vector)) snprintf(error, sizeof error, ", error code %lx", frame->error);
	say("PANIC: %s (vector %lu%s)\n", exception_name(frame->vector), frame->vector, error);
	if (*detail) say("  %s\n", detail);
}

/* The screen shows the report in white on red. A second fault only halts: its report would fault again. */
static void begin_report(void) {
	interrupts_off();
	if (reporting) {
		debug_write("PANIC: again, inside the report\n", 32);
		halt_forever();
	}
	reporting = true;
	console_attribute(ATTRIBUTE(COLOUR_WHITE, COLOUR_RED));
	text_write("\n", 1);
}

static _Noreturn void end_report(void) {
	say("PANIC: halted\n");
	halt_forever();
}

void report_exception(const struct trap_frame *frame) {
	begin_report();
	say_exception(frame);
	say_registers(frame);
	backtrace(frame->rip, frame->rbp, frame->rsp);
	end_report();
}

void panic(const char *format, ...) {
	char text[200];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	begin_report();
	say("PANIC: %s\n", text);
	backtrace((uint64_t)__builtin_return_address(0) - 1, *(uint64_t *)__builtin_frame_address(0), 0);
	end_report();
}

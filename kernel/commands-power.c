/*
 * Ways out, and ways down: reboot, poweroff, exit, panic.
 */
#include "memory.h"
#include "output.h"
#include "power.h"
#include "shell.h"

#define UNMAPPED 0x00000000deadb000 /* between the heap and the direct map */

static void do_reboot(int argc, char **argv) {
	(void)argc, (void)argv;
	serial_drain();
	reboot();
	kprintf("reboot: the machine did not reset\n");
}

static void do_power_off(int argc, char **argv) {
	(void)argc, (void)argv;
	serial_drain();
	power_off();
	kprintf("poweroff: no ACPI power-off here\n");
}

static void do_exit(int argc, char **argv) {
	uint64_t status = 0;
	if (argc > 1 && (!parse_number(argv[1], &status) || status > 255)) {
		kprintf("usage: exit [STATUS], 0 to 255\n");
		return;
	}
	serial_drain();
	debug_exit(status);
	kprintf("exit: no debug exit at port F4h\n");
}

/* Each of these faults on purpose. noinline: they shall be seen in the backtrace. */
static __attribute__((noinline)) void fault_page(void) { *(volatile uint64_t *)UNMAPPED = 1; }
static __attribute__((noinline)) void fault_null(void) {
	volatile uint64_t *volatile pointer = NULL; /* volatile twice: else the compiler sees the fault and complains */
	(void)pointer[1];
}
static __attribute__((noinline)) void fault_divide(void) {
	__asm__ volatile("xorl %%ecx, %%ecx; xorl %%edx, %%edx; movl $1, %%eax; divl %%ecx" ::: "eax", "ecx", "edx");
}
static __attribute__((noinline)) void fault_interrupt(void) { __asm__ volatile("int $0x80"); }
static __attribute__((noinline)) void fault_opcode(void) { __asm__ volatile("ud2"); }
static __attribute__((noinline)) void fault_protection(void) { __asm__ volatile("movw %w0, %%ds" ::"r"(0x1238)); }

/* Writes to what is read-only, executes what is data, frees twice. */
static __attribute__((noinline)) void fault_text(void) { *(volatile char *)text_start = 0; }
static char not_code[16];
static __attribute__((noinline)) void fault_data(void) { ((void (*)(void))not_code)(); }
static __attribute__((noinline)) void fault_free(void) {
	void *block = kmalloc(16);
	kfree(block);
	kfree(block);
}

/* Each call takes more of the stack, until the guard page; then the double fault's own stack reports. */
static __attribute__((noinline)) int fault_stack(volatile int *depth) {
	volatile int here[64] = { 0 };
	here[0] = *depth + 1;
	return here[0] ? fault_stack(here) + here[0] : 0; /* 2^32 calls would end it; the stack ends first */
}
static void overflow_stack(void) {
	volatile int depth = 0;
	fault_stack(&depth);
}
static void call_panic(void) { panic("asked for at the shell"); }

static void do_panic(int argc, char **argv) {
	static const struct {
		const char *name;
		void (*run)(void);
	} faults[] = {
		{ "page", fault_page },     { "null", fault_null },
		{ "text", fault_text },     { "data", fault_data },
		{ "free", fault_free },     { "divide", fault_divide },
		{ "opcode", fault_opcode }, { "interrupt", fault_interrupt },
		{ "stack", overflow_stack }, { "protection", fault_protection },
		{ "call", call_panic },
	};
	const char *wanted = argc > 1 ? argv[1] : "page";
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (strcmp(faults[i].name, wanted) == 0) faults[i].run();
	kprintf("panic: page null text data free divide opcode interrupt protection stack call\n");
}

void add_power_commands(void) {
	static struct command commands[] = {
		{ "reboot", "", "reset the machine", do_reboot, NULL },
		{ "poweroff", "", "switch the machine off", do_power_off, NULL },
		{ "exit", "[STATUS]", "leave the emulator (port F4h)", do_exit, NULL },
		{ "panic", "[KIND]", "fault on purpose", do_panic, NULL },
	};
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) shell_add_command(&commands[i]);
}

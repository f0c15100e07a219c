/*
 * Executes instructions on the processor it runs on and writes down what they did.
 *
 *	recorder <plan >outcome
 *
 * stdin is an array of `struct input`, stdout an array of `struct output`, both host-endian; plan.ts
 * writes the first and pack.ts reads the second. Linux on x86-64 with modify_ldt, as root (16-bit code
 * wants pages below mmap_min_addr's usual 64 KiB).
 *
 * How a state gets into the processor, and out again: by signal frames. The whole run is one signal
 * handler. The code page is full of INT3, so that every instruction, wherever it goes, ends in a signal;
 * the handler takes the state out of the frame, puts the next input into it and returns. sigreturn loads
 * all registers, CS and SS at once, which is also the way into 32-bit code (Linux's 0x23) and 16-bit
 * code (a segment in the LDT). RFLAGS comes in with the status flags and DF only.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* The constants of ../states.ts. */
#define DATA_SIZE 0x2000
#define AREA 0xfc0
#define AREA_SIZE 128
#define READ_ONLY 0x4000
#define GS_BASE 0x12345000
#define CODE_BYTES 16
#define DIFF_BYTES 384

struct input {
	uint32_t code_selector, stack_selector;
	uint32_t world;                 /* 0 high, 1 low */
	uint32_t length, flags, data_selector, extra_selector, unused;
	uint8_t code[CODE_BYTES];
	uint64_t general[16];
	uint8_t area[AREA_SIZE];
};

struct output {
	uint64_t general[16];
	uint64_t rip, cr2;
	uint32_t flags, error;
	uint16_t vector;                /* NO_EXCEPTION or the exception's vector */
	uint16_t selectors[4];          /* CS SS DS ES */
	uint16_t diff_length;           /* bytes used in diff: runs of offset, length (16 bits each), bytes */
	uint8_t diff[DIFF_BYTES];
	uint32_t unused;
};

#define NO_EXCEPTION 0xffff
#define VECTOR_BP 3
#define VECTOR_PF 14
#define PF_FETCH 0x10
#define FILL 0xcc                       /* INT3 */

static const struct world {
	uintptr_t code, data;
} worlds[] = { { 0x20000800, 0x20010000 }, { 0x3800, 0x8000 } };

static uint8_t background[DATA_SIZE];
static struct input current;
static volatile long done = -1;
static gregset_t before;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint8_t *map(uintptr_t address, size_t size, int protection)
{
	void *p = mmap((void *)address, size, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die("mmap");
	if (protection == PROT_READ)
		memcpy(p, background, size);
	if (protection & PROT_EXEC)
		memset(p, FILL, size);
	if (mprotect(p, size, protection))
		die("mprotect");
	return p;
}

static void prepare_memory(void)
{
	for (int i = 0; i < 2; i++) {
		map(worlds[i].code & ~0xffful, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC);
		map(worlds[i].data, DATA_SIZE, PROT_READ | PROT_WRITE);
		map(worlds[i].data + READ_ONLY, 0x1000, PROT_READ);
	}
}

static void set_ldt_entry(struct user_desc entry)
{
	entry.useable = 1;
	if (syscall(SYS_modify_ldt, 1, &entry, sizeof entry))
		die("modify_ldt");
}

/* LDT_ENTRIES of ../states.ts. */
static void prepare_ldt(void)
{
	enum { DATA = 0, EXPAND_DOWN = 1, CODE = 2 };
	const uint32_t base = worlds[0].data;
	set_ldt_entry((struct user_desc){ .entry_number = 0, .limit = 0xffff, .contents = CODE });
	set_ldt_entry((struct user_desc){ .entry_number = 1, .limit = 0xffff, .contents = DATA });
	set_ldt_entry((struct user_desc){ .entry_number = 2, .base_addr = base, .limit = 0xfff, .seg_32bit = 1, .contents = DATA });
	set_ldt_entry((struct user_desc){ .entry_number = 3, .base_addr = base, .limit = 0xfff, .seg_32bit = 1, .contents = EXPAND_DOWN });
	set_ldt_entry((struct user_desc){ .entry_number = 4, .base_addr = base, .limit = 0xfff, .contents = EXPAND_DOWN });
	set_ldt_entry((struct user_desc){ .entry_number = 5, .base_addr = base, .limit = 0x1fff, .seg_32bit = 1, .contents = DATA, .read_exec_only = 1 });
	set_ldt_entry((struct user_desc){ .entry_number = 6, .base_addr = base, .limit = 0x1fff, .seg_32bit = 1, .contents = CODE });
}

static int read_input(void)
{
	return fread(&current, sizeof current, 1, stdin) == 1;
}

static const int general_index[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

static void put(struct output *out, uint8_t byte)
{
	if (out->diff_length == DIFF_BYTES) {
		fprintf(stderr, "state %ld changes too much memory\n", done);
		_exit(1);
	}
	out->diff[out->diff_length++] = byte;
}

static void put16(struct output *out, uint16_t value)
{
	put(out, value);
	put(out, value >> 8);
}

/* Changes closer than 4 bytes to each other make one run; no run is longer than 255 bytes. */
static void record_memory(struct output *out)
{
	static uint8_t expected[DATA_SIZE];
	const uint8_t *now = (const uint8_t *)worlds[current.world].data;
	memcpy(expected, background, DATA_SIZE);
	memcpy(expected + AREA, current.area, AREA_SIZE);
	if (!memcmp(expected, now, DATA_SIZE))
		return;
	for (int i = 0; i < DATA_SIZE;) {
		if (expected[i] == now[i]) {
			i++;
			continue;
		}
		int end = i + 1;
		for (int j = end; j < DATA_SIZE && j < end + 4 && j < i + 255; j++)
			if (expected[j] != now[j])
				end = j + 1;
		put16(out, i);
		put16(out, end - i);
		for (; i < end; i++)
			put(out, now[i]);
	}
}

static uint16_t data_selector(void)
{
	uint16_t selector;
	__asm__ volatile("mov %%ds, %0" : "=r"(selector));
	return selector;
}

static uint16_t extra_selector(void)
{
	uint16_t selector;
	__asm__ volatile("mov %%es, %0" : "=r"(selector));
	return selector;
}

static void record(const greg_t *g)
{
	struct output out = { 0 };
	uintptr_t start = worlds[current.world].code;
	uintptr_t rip = g[REG_RIP];
	for (int i = 0; i < 16; i++)
		out.general[i] = g[general_index[i]];
	out.vector = g[REG_TRAPNO];
	out.error = g[REG_ERR];
	out.cr2 = out.vector == VECTOR_PF ? g[REG_CR2] : 0;
	if (out.vector == VECTOR_BP && (rip - 1 < start || rip - 1 >= start + current.length)) {
		out.vector = NO_EXCEPTION;
		rip--;
	} else if (out.vector == VECTOR_PF && (out.error & PF_FETCH) && rip != start) {
		out.vector = NO_EXCEPTION;      /* the jump was done; its target is not mapped */
	}
	out.rip = rip;
	out.flags = g[REG_EFL];
	out.selectors[0] = g[REG_CSGSFS];
	out.selectors[1] = (uint64_t)g[REG_CSGSFS] >> 48;
	out.selectors[2] = data_selector();
	out.selectors[3] = extra_selector();
	record_memory(&out);
	if (fwrite(&out, sizeof out, 1, stdout) != 1)
		die("write");
}

static void enter(greg_t *g)
{
	const struct world *world = &worlds[current.world];
	memcpy((void *)world->data, background, DATA_SIZE);
	memcpy((void *)(world->data + AREA), current.area, AREA_SIZE);
	memset((void *)world->code, FILL, CODE_BYTES);
	memcpy((void *)world->code, current.code, current.length);
	for (int i = 0; i < 16; i++)
		g[general_index[i]] = current.general[i];
	g[REG_RIP] = world->code;
	g[REG_EFL] = current.flags;
	g[REG_CSGSFS] = (g[REG_CSGSFS] & 0x0000ffffffff0000) | current.code_selector | (uint64_t)current.stack_selector << 48;
	__asm__ volatile("mov %0, %%ds; mov %1, %%es" : : "r"(current.data_selector), "r"(current.extra_selector));
}

/* ID, AC and NT are not in the frame: sigreturn keeps what the handler has. */
static void reset_flags(void)
{
	__asm__ volatile("pushq $0x202; popfq" : : : "cc", "memory");
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)info;
	greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
	reset_flags();
	if (number == SIGALRM) {
		fprintf(stderr, "state %ld does not end\n", done);
		_exit(1);
	}
	if (done < 0)
		memcpy(before, g, sizeof before);
	else
		record(g);
	done++;
	alarm(5);
	if (read_input())
		enter(g);
	else
		memcpy(g, before, sizeof before);
}

static void prepare_signals(void)
{
	static uint8_t stack[1 << 18];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	static const int signals[] = { SIGTRAP, SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGALRM };
	if (sigaltstack(&alternate, NULL))
		die("sigaltstack");
	for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], &action, NULL))
			die("sigaction");
}

int main(void)
{
	if (fread(background, sizeof background, 1, stdin) != 1)
		die("background");
	prepare_memory();
	prepare_ldt();
	prepare_signals();
	if (syscall(SYS_arch_prctl, ARCH_SET_GS, GS_BASE))
		die("arch_prctl");
	__asm__ volatile("int3" : : : "memory");
	fprintf(stderr, "%ld states\n", done);
	return fflush(stdout) ? 1 : 0;
}

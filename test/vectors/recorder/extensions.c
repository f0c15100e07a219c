/*
 * Executes instructions of the vector extensions on the processor it runs on: recorder.c's way, with the vector
 * registers and MXCSR going in and out through the signal frame's XSAVE image.
 *
 *	extensions <inputs >outputs
 *
 * stdin is the data pages' background, then an array of `struct input`; stdout an array of `struct output`. 64-bit code only.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* The constants of ../states.ts. */
#define CODE 0x20000800ul
#define DATA 0x20010000ul
#define DATA_SIZE 0x2000
#define AREA 0xfc0
#define AREA_SIZE 128
#define CODE_BYTES 16
#define FILL 0xcc                       /* INT3 */

/* SDM 1, "XSAVE Area": MXCSR and XMM in the legacy region, the header, YMM's upper halves. */
#define XSAVE_MXCSR 24
#define XSAVE_XMM 160
#define XSAVE_HEADER 512
#define XSAVE_YMM 576
#define STATE_X87_SSE_AVX 7
#define STATE_SSE 2
#define STATE_AVX 4

struct input {
	uint32_t length, flags, mxcsr, unused;
	uint8_t code[CODE_BYTES];
	uint64_t general[16];
	uint8_t area[AREA_SIZE];
	uint8_t vectors[16][32];
};

struct output {
	uint64_t general[16];
	uint8_t area[AREA_SIZE];
	uint8_t vectors[16][32];
	uint32_t mxcsr, flags, rip;
	int32_t vector;                 /* -1 or the exception's */
	uint32_t error;
};

#define VECTOR_BP 3

static uint8_t background[DATA_SIZE];
static struct input current;
static long done = -1;
static gregset_t before;
static const int general_index[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void map(uintptr_t address, size_t size, int protection)
{
	void *p = mmap((void *)address, size, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die("mmap");
	if (protection & PROT_EXEC)
		memset(p, FILL, size);
	if (mprotect(p, size, protection))
		die("mprotect");
}

/* What lies around the area must be as it was: nothing here writes beyond it. */
static void check_surroundings(void)
{
	const uint8_t *now = (const uint8_t *)DATA;
	const size_t end = AREA + AREA_SIZE;
	if (memcmp(now, background, AREA) || memcmp(now + end, background + end, DATA_SIZE - end)) {
		fprintf(stderr, "state %ld writes beyond the area\n", done);
		_exit(1);
	}
}

static void record(const greg_t *g, const uint8_t *xsave)
{
	struct output out = { .vector = -1 };
	uintptr_t rip = g[REG_RIP];
	for (int i = 0; i < 16; i++)
		out.general[i] = g[general_index[i]];
	/* What is in its initial state is not in the image: VZEROALL and VZEROUPPER leave it so. */
	for (int i = 0; i < 16; i++) {
		if (xsave[XSAVE_HEADER] & STATE_SSE)
			memcpy(out.vectors[i], xsave + XSAVE_XMM + 16 * i, 16);
		if (xsave[XSAVE_HEADER] & STATE_AVX)
			memcpy(out.vectors[i] + 16, xsave + XSAVE_YMM + 16 * i, 16);
	}
	memcpy(&out.mxcsr, xsave + XSAVE_MXCSR, 4);
	if (g[REG_TRAPNO] == VECTOR_BP && rip - 1 == CODE + current.length) {
		rip--;
	} else {
		out.vector = g[REG_TRAPNO];
		out.error = g[REG_ERR];
	}
	out.rip = rip;
	out.flags = g[REG_EFL];
	memcpy(out.area, (void *)(DATA + AREA), AREA_SIZE);
	check_surroundings();
	if (fwrite(&out, sizeof out, 1, stdout) != 1)
		die("write");
}

static void enter(greg_t *g, uint8_t *xsave)
{
	memcpy((void *)DATA, background, DATA_SIZE);
	memcpy((void *)(DATA + AREA), current.area, AREA_SIZE);
	memset((void *)CODE, FILL, CODE_BYTES + 1);
	memcpy((void *)CODE, current.code, current.length);
	for (int i = 0; i < 16; i++)
		g[general_index[i]] = current.general[i];
	for (int i = 0; i < 16; i++) {
		memcpy(xsave + XSAVE_XMM + 16 * i, current.vectors[i], 16);
		memcpy(xsave + XSAVE_YMM + 16 * i, current.vectors[i] + 16, 16);
	}
	memcpy(xsave + XSAVE_MXCSR, &current.mxcsr, 4);
	xsave[XSAVE_HEADER] |= STATE_X87_SSE_AVX;
	g[REG_RIP] = CODE;
	g[REG_EFL] = current.flags;
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)info;
	ucontext_t *user = context;
	greg_t *g = user->uc_mcontext.gregs;
	uint8_t *xsave = (uint8_t *)user->uc_mcontext.fpregs;
	if (number == SIGALRM) {
		fprintf(stderr, "state %ld does not end\n", done);
		_exit(1);
	}
	if (done < 0)
		memcpy(before, g, sizeof before);
	else
		record(g, xsave);
	if (++done % 1024 == 0)
		alarm(5);
	if (fread(&current, sizeof current, 1, stdin) == 1)
		enter(g, xsave);
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
	map(CODE & ~0xffful, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC);
	map(DATA, DATA_SIZE, PROT_READ | PROT_WRITE);
	prepare_signals();
	__asm__ volatile("int3" : : : "memory");
	fprintf(stderr, "%ld states\n", done);
	return fflush(stdout) ? 1 : 0;
}

/* Executes instructions on x87 and MMX registers natively: states in, states out.
 *
 * The instruction lies at CODE, between a prologue that loads the input (FXRSTOR, RAX, flags) and an epilogue that
 * stores the output (flags, FXSAVE). FXSAVE does not report pending exceptions, so an unmasked one is seen in the
 * status word and nothing traps; inputs have none pending, but before instructions that do not wait.
 *
 * stdin:  struct state, code length in `length`; stdout: struct state. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define CODE 0x20000800ul
#define DATA 0x20010100ul
#define BYTES 512

struct state {
	uint8_t fx[512];
	uint64_t rax, flags, length, pad;
	uint8_t code[16];
	uint8_t memory[BYTES];
} __attribute__((aligned(16)));

/* At rdi the input, at rsi the output. The area's address is in rdi when the instruction runs. */
static const uint8_t prologue[] = {
	0x48, 0x0f, 0xae, 0x0f,                         /* fxrstor64 [rdi] */
	0xff, 0xb7, 0x08, 0x02, 0x00, 0x00,             /* push [rdi+520] */
	0x48, 0x8b, 0x87, 0x00, 0x02, 0x00, 0x00,       /* mov rax, [rdi+512] */
	0xbf, DATA & 255, DATA >> 8 & 255, DATA >> 16 & 255, DATA >> 24, /* mov edi, DATA */
	0x9d,                                           /* popfq */
};
static const uint8_t epilogue[] = {
	0x9c,                                           /* pushfq */
	0x48, 0x89, 0x86, 0x00, 0x02, 0x00, 0x00,       /* mov [rsi+512], rax */
	0x8f, 0x86, 0x08, 0x02, 0x00, 0x00,             /* pop [rsi+520] */
	0x48, 0x0f, 0xae, 0x06,                         /* fxsave64 [rsi] */
	0xdb, 0xe3,                                     /* fninit */
	0xc3,                                           /* ret */
};

static void *fixed(unsigned long address, unsigned long size, int protection) {
	void *at = mmap((void *)address, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return at == MAP_FAILED ? NULL : at;
}

int main(void) {
	static struct state in, out;
	uint8_t *code = fixed(CODE & ~0xffful, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC);
	uint8_t *data = fixed(DATA & ~0xffful, 0x1000, PROT_READ | PROT_WRITE);
	if (!code || !data) return 1;
	code += CODE & 0xfff;
	data += DATA & 0xfff;
	memcpy(code - sizeof prologue, prologue, sizeof prologue);
	while (fread(&in, sizeof in, 1, stdin) == 1) {
		memcpy(code, in.code, in.length);
		memcpy(code + in.length, epilogue, sizeof epilogue);
		memcpy(data, in.memory, BYTES);
		out = in;
		__asm__ volatile("call *%2" : "+D"((struct state *){ &in }), "+S"((struct state *){ &out }) : "r"(code - sizeof prologue) : "rax", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
		memcpy(out.memory, data, BYTES);
		if (fwrite(&out, sizeof out, 1, stdout) != 1) return 1;
	}
	return 0;
}

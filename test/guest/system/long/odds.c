/* What no other program needs: hints, wide ports, loads of FS and GS, stores of system registers, random numbers, the clock. */
#include "kit64.h"

__asm__(".text\n"
	".set digit, 0; hints: .rept 8; .byte 0x0f, 0x0d, digit << 3; .byte 0x0f, 0x18, digit << 3; .set digit, digit + 1; .endr\n"
	"	.byte 0x0f, 0x0d, 0xc1; .byte 0x0f, 0x18, 0xc1\n"
	"	.set opcode, 0x19; .rept 5; .byte 0x0f, opcode, 0xc1; .byte 0x0f, opcode, 0x01; .set opcode, opcode + 1; .endr\n"
	"	.byte 0x0f, 0x1e, 0x00; .byte 0xf3, 0x0f, 0x1e, 0xfa, 0xf3, 0x0f, 0x1e, 0xfb; ret\n"
	"far_loads: lfs far_pointer, %ebx; lgs far_pointer, %ecx; mov %fs, %edx; push %fs; pop %fs; push %gs; pop %gs; ret\n"
	"wide_ports: in $0x80, %eax; mov %eax, %ebx; out %eax, $0x80; mov $0x80, %edx; mov $stored, %edi; insl; mov $stored, %esi; outsl; ret\n"
	"stores: mov $-1, %rax; mov %rax, stored; sldt stored; str stored + 2; smsw stored + 4; ret\n"
	"fences: lfence; mfence; sfence; clflush stored; clflushopt stored; clwb stored; mov $77, %rax; movnti %rax, stored; ret\n"
	"auxiliary: mov $0xc0000103, %ecx; mov $0x1234, %eax; xor %edx, %edx; wrmsr; rdtscp; mov %rcx, stored; ret\n"
	"number: rdpid %rax; mov %rax, stored; ret\n"
	"seed: mov $1000, %ecx; 1: rdseed %rax; jc 2f; loop 1b; 2: mov %ecx, %eax; mov %rax, stored; ret\n"
	"counter: mov $-1, %ecx; rdpmc; ret\n"
	"invalidate: invd; wbinvd; ret\n"
	".data; far_pointer: .long 0x12345678; .word 0x10; .balign 8; .globl stored; stored: .quad 0");
void hints(long);
void far_loads(long);
void wide_ports(long);
void stores(long);
void fences(long);
void auxiliary(long);
void number(long);
void seed(long);
void counter(long);
void invalidate(long);
extern volatile u64 stored;

static u64 clock(void)
{
	u32 low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low | (u64)high << 32;
}

static int random_words(void)
{
	u64 first, second;
	u8 one, two;
	__asm__ volatile("rdrand %0; setc %1" : "=r"(first), "=r"(one) : : "cc");
	__asm__ volatile("rdrand %0; setc %1" : "=r"(second), "=r"(two) : : "cc");
	return one && two && first != second;
}

void main(void)
{
	install_tables();
	manual("hints", attempt(hints, 0), -1, 0, 0); /* QEMU refuses 0F 0D with a register */
	report("LFS, LGS, POP FS, POP GS", attempt(far_loads, 0));
	u32 fs, gs;
	__asm__ volatile("mov %%fs, %0; mov %%gs, %1" : "=r"(fs), "=r"(gs));
	value("  FS", fs);
	value("  GS", gs);
	report("ports of 32 bits", attempt(wide_ports, 0));
	report("SLDT, STR, SMSW to memory", attempt(stores, 0));
	value("  stored", stored);
	report("fences, flushes and MOVNTI", attempt(fences, 0));
	value("  stored", stored);
	report("RDTSCP", attempt(auxiliary, 0));
	value("  TSC_AUX", stored);
	manual("RDPID", attempt(number, 0), -1, 0, 0); /* QEMU does not have it */
	manual_value("  TSC_AUX", stored, 0x1234);
	report("RDSEED", attempt(seed, 0));
	value("  gave a number", stored != 0);
	struct trap *result = attempt(counter, 0);
	manual("RDPMC of a counter that is not there", result, 13, 0, trap.rip);
	report("INVD, WBINVD", attempt(invalidate, 0));
	value("RDRAND gives numbers", random_words());
	const u64 before = clock();
	for (volatile int i = 0; i < 1000; i++)
		;
	value("RDTSC counts", clock() > before);
	print("done\n");
}

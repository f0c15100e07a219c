/* SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS, FS and GS bases, and the MSRs behind them. SDM 2B. */
#include "kit64.h"

#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_FMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define EFER_SCE 1ul
#define STACK 0x48000ul

__asm__(".section .user, \"ax\"\n"
	"user_syscall: mov $0x1234, %ecx; stc; syscall; int $0x80\n"
	"user_sysenter: sysenter; int $0x80\n"
	"user_stop: mov %cs, %ebx; mov %ss, %edx; int $0x80\n"
	".code32\n"
	"user_stop32: mov %cs, %ebx; mov %ss, %edx; int $0x80\n"
	"user_sysenter32: sysenter; int $0x80\n"
	".code64\n"
	"user_swapgs: swapgs\n"
	"user_gs: mov %gs:0, %rbx; int $0x80\n"
	"user_sysret: sysretq\n"
	"user_sysexit: sysexitq\n"
	".previous\n"
	".text\n"
	/* Entered by SYSCALL or SYSENTER: what the processor left goes to the trap. */
	"entry: mov %rsp, %rbx; mov %cs, %edx; mov %ss, %esi; mov %rsp, %rdi; mov $0x48000, %esp; int $0x81\n"
	/* SYSRET to RDI with the flags in RSI. */
	"sysret64: mov %rdi, %rcx; mov $0x3202, %r11d; mov $0x5001f000, %esp; sysretq\n"
	"sysret32: mov %rdi, %rcx; mov $0x3202, %r11d; mov $0x5001f000, %esp; sysretl\n"
	"sysexit64: mov %rdi, %rdx; mov $0x5001f000, %ecx; sysexitq\n"
	"sysexit32: mov %rdi, %rdx; mov $0x5001f000, %ecx; sysexitl\n"
	"write_wild: mov %edi, %ecx; xor %eax, %eax; mov $0x8000, %edx; wild: wrmsr; ret");
extern u8 user_syscall[], user_sysenter[], user_stop[], user_stop32[], user_sysenter32[], user_swapgs[], user_gs[];
extern u8 user_sysret[], user_sysexit[], entry[], wild[];
void sysret64(long);
void sysret32(long);
void sysexit64(long);
void sysexit32(long);
void write_wild(long);

/* Writes 0000800000000000 to an MSR that holds an address. */
static void write_non_canonical(const char *name, u32 msr)
{
	manual(name, attempt(write_wild, msr), 13, 0, (u64)wild);
}

static void entered(const char *name, const struct trap *result)
{
	report(name, result);
	value("  RCX", trap.rcx);
	value("  R11", trap.r11);
	value("  flags", trap.rflags);
	value("  CS", trap.rdx);
	value("  SS", trap.rsi);
	value("  RSP", trap.rdi);
}

static void returned(const char *name, const struct trap *result)
{
	report(name, result);
	value("  CS", trap.rbx);
	value("  SS", trap.rdx);
	value("  flags", trap.rflags);
	value("  RSP", trap.rsp);
}

static void system_calls(void)
{
	write_msr(MSR_STAR, (u64)KERNEL_CODE << 32 | (u64)(USER_CODE32 | 3) << 48);
	write_msr(MSR_LSTAR, (u64)entry);
	write_msr(MSR_FMASK, 0x201);
	entered("SYSCALL", run_user(user(user_syscall), 0));
	returned("SYSRET to 64 bits", attempt(sysret64, user(user_stop)));
	returned("SYSRET to 32 bits", attempt(sysret32, user(user_stop32)));
	report("SYSRET in user code", run_user(user(user_sysret), 0));
	write_msr(MSR_EFER, read_msr(MSR_EFER) & ~EFER_SCE);
	report("SYSCALL with SCE clear", run_user(user(user_syscall), 0));
	report("SYSRET with SCE clear", attempt(sysret64, user(user_stop)));
	write_msr(MSR_EFER, read_msr(MSR_EFER) | EFER_SCE);
}

static void system_enters(void)
{
	write_msr(MSR_SYSENTER_CS, SYSENTER_CODE);
	write_msr(MSR_SYSENTER_ESP, STACK);
	write_msr(MSR_SYSENTER_EIP, (u64)entry);
	entered("SYSENTER", run_user(user(user_sysenter), 0));
	struct frame compatible = { user(user_sysenter32), USER_CODE32 | 3, 0x202, USER_STACK_TOP - 64, USER_DATA | 3, 0 };
	entered("SYSENTER from compatibility mode", run_frame(&compatible));
	returned("SYSEXIT to 64 bits", attempt(sysexit64, user(user_stop)));
	returned("SYSEXIT to 32 bits", attempt(sysexit32, user(user_stop32)));
	report("SYSEXIT in user code", run_user(user(user_sysexit), 0));
	write_msr(MSR_SYSENTER_CS, 0);
	report("SYSENTER with a null CS", run_user(user(user_sysenter), 0));
	report("SYSEXIT with a null CS", attempt(sysexit64, user(user_stop)));
}

static u64 gs_quad(void)
{
	u64 v;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static void bases(void)
{
	static u64 first = 0x1111, second = 0x2222;
	write_msr(MSR_GS_BASE, (u64)&first);
	write_msr(MSR_KERNEL_GS_BASE, (u64)&second);
	value("GS", gs_quad());
	__asm__ volatile("swapgs");
	value("GS after SWAPGS", gs_quad());
	value("GS base", read_msr(MSR_GS_BASE) == (u64)&second);
	value("kernel GS base", read_msr(MSR_KERNEL_GS_BASE) == (u64)&first);
	report("SWAPGS in user code", run_user(user(user_swapgs), 0));
	write_msr(MSR_FS_BASE, 0x123456789a);
	__asm__ volatile("mov %0, %%fs" : : "r"(0));
	__asm__ volatile("mov %0, %%fs" : : "r"(KERNEL_DATA));
	value("FS base after FS was loaded", read_msr(MSR_FS_BASE));
	write_non_canonical("non-canonical GS base", MSR_GS_BASE);
	write_non_canonical("non-canonical LSTAR", MSR_LSTAR);
	write_non_canonical("non-canonical FS base", MSR_FS_BASE);
	write_non_canonical("non-canonical kernel GS base", MSR_KERNEL_GS_BASE);
}

static void round_trips(void)
{
	static const u32 numbers[] = { MSR_STAR, MSR_CSTAR, MSR_FMASK, MSR_KERNEL_GS_BASE, MSR_SYSENTER_ESP };
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		write_msr(numbers[i], 0x12345678);
		value("MSR", numbers[i]);
		value("  value", read_msr(numbers[i]));
	}
	value("EFER", read_msr(MSR_EFER));
	write_msr(MSR_EFER, read_msr(MSR_EFER) & ~0x400ul);
	value("EFER.LMA cannot be written", read_msr(MSR_EFER));
}

void main(void)
{
	install_tables();
	map_user();
	system_calls();
	system_enters();
	bases();
	round_trips();
	print("done\n");
}

/*
 * Selectors and descriptors as 64-bit mode still checks them: loads, LAR LSL VERR VERW, LLDT LTR, far jumps,
 * privileged instructions, the I/O permission bitmap. SDM 3A, "Protection".
 */
#include "kit64.h"

#define ENTRIES 12
#define STACK_FROM_TOP (USER_STACK_TOP - 64)

/* What FREE_SELECTOR and the entries after it describe. */
static const struct {
	const char *name;
	u16 attributes;
} kinds[ENTRIES] = {
	{ "read-only data, DPL 0", 0xc091 },
	{ "data, DPL 3", 0xc0f3 },
	{ "data, not present", 0xc073 },
	{ "expand-down data", 0xc0f7 },
	{ "code, execute only", 0xc0f9 },
	{ "code, readable, DPL 0", 0xa09b },
	{ "code, conforming, DPL 0", 0xa09f },
	{ "code, 64-bit, DPL 3", 0xa0fb },
	{ "LDT", 0x0082 },
	{ "TSS, available", 0x0089 },
	{ "TSS, busy", 0x008b },
	{ "type 0", 0x0080 },
};

/* RDI is a selector. */
__asm__(".text\n"
	"load_ds: mov %edi, %ds; ret\n"
	"load_fs: mov %edi, %fs; ret\n"
	".globl load_ss_here, load_tr_here\n"
	"load_ss: load_ss_here: mov %edi, %ss; ret\n"
	"load_ldt: lldt %di; ret\n"
	"load_tr: load_tr_here: ltr %di; ret\n"
	"jump_far: push %rdi; push $jumped; rex.w ljmp *(%rsp)\n"
	"jumped: pop %rax; pop %rax; ret\n"
	"return_far: pop %rax; push %rdi; push %rax; lretq\n"
	".section .user, \"ax\"\n"
	".globl user_load_ds, user_load_ss, user_probe, user_out, user_out16, user_in, user_cli, user_compat\n"
	"user_load_ds: mov %eax, %ds; int $0x80\n"
	"user_load_ss: mov %eax, %ss; int $0x80\n"
	"user_probe: mov %eax, %ecx; xor %eax, %eax; xor %ebx, %ebx; xor %edx, %edx\n"
	"	lar %cx, %ebx; setz %al; lsl %cx, %edx; setz %ah\n"
	"	xor %esi, %esi; verr %cx; setz %sil; xor %edi, %edi; verw %cx; setz %dil; int $0x80\n"
	"user_out: mov %eax, %edx; out %al, %dx; int $0x80\n"
	"user_out16: mov %eax, %edx; out %ax, %dx; int $0x80\n"
	"user_cli: cli; int $0x80\n"
	".code32\n"
	"user_compat: mov $0xffffffff, %eax; inc %eax; dec %eax; mov %cs, %ecx; lahf; push %eax; pop %edx; mov %esp, %ebx\n"
	"	movl $0x11223344, (%esp); mov (%esp), %esi; int $0x80\n"
	".code64\n"
	".previous");
void load_ds(long);
void load_fs(long);
void load_ss(long);
void load_ldt(long);
void load_tr(long);
void jump_far(long);
void return_far(long);
extern u8 load_ss_here[], load_tr_here[], user_load_ds[], user_load_ss[], user_probe[], user_out[], user_out16[], user_cli[], user_compat[];

static void describe(void)
{
	for (int i = 0; i < ENTRIES; i++)
		gdt[FREE_SELECTOR / 8 + i] = segment_descriptor(0x12345678, 0xabcde, kinds[i].attributes);
}

static void put(const char *first, const char *second, const struct trap *result)
{
	print(first);
	report(second, result);
}

static void loads(void)
{
	for (int i = 0; i < ENTRIES; i++) {
		long selector = FREE_SELECTOR + 8 * i;
		put(kinds[i].name, ", DS", attempt(load_ds, selector));
		put(kinds[i].name, ", FS with RPL 3", attempt(load_fs, selector | 3));
		put(kinds[i].name, ", SS", attempt(load_ss, selector));
		put(kinds[i].name, ", user DS", run_user(user(user_load_ds), selector | 3));
		put(kinds[i].name, ", user SS", run_user(user(user_load_ss), selector | 3));
		put(kinds[i].name, ", far return", attempt(return_far, selector));
		describe();
	}
	report("null SS in the kernel", attempt(load_ss, 0));
	manual("null SS with RPL 3 in the kernel", attempt(load_ss, 3), 13, 0, (u64)load_ss_here);
	report("null SS in user code", run_user(user(user_load_ss), 3));
	report("null DS in user code", run_user(user(user_load_ds), 3));
	report("DS beyond the GDT", attempt(load_ds, 0x100));
	report("DS beyond the LDT", attempt(load_ds, 0x44));
	ldt[1] = segment_descriptor(0, 0xfffff, 0xc0f3);
	report("DS in the LDT", attempt(load_ds, 0x0f));
	value("accessed bit", ldt[1] >> 40 & 0xff);
	ldt[2] = segment_descriptor(0, 0xfffff, 0xc0f2);
	report("DS in the LDT, not accessed", attempt(load_ds, 0x14));
	value("accessed bit", ldt[2] >> 40 & 0xff);
}

static void probes(void)
{
	for (int i = 0; i < ENTRIES; i++) {
		put(kinds[i].name, ", probed by user code", run_user(user(user_probe), (FREE_SELECTOR + 8 * i) | 3));
		value("  LAR and LSL succeed", trap.rax & 0xffff);
		value("  rights", trap.rbx);
		value("  limit", trap.rdx);
		value("  readable", trap.rsi);
		value("  writable", trap.rdi);
	}
	run_user(user(user_probe), USER_DATA | 3);
	value("user data, rights", trap.rbx);
	value("user data, limit", trap.rdx);
	run_user(user(user_probe), 0);
	value("null, LAR and LSL succeed", trap.rax & 0xffff);
}

static void system_segments(void)
{
	report("LLDT of data", attempt(load_ldt, FREE_SELECTOR));
	report("LLDT of a selector in the LDT", attempt(load_ldt, FREE_SELECTOR | 4));
	report("LLDT of null", attempt(load_ldt, 0));
	report("DS in no LDT", attempt(load_ds, 0x0f));
	manual("LTR of null", attempt(load_tr, 0), 13, 0, (u64)load_tr_here);
	report("LTR of data", attempt(load_tr, FREE_SELECTOR));
	report("LTR of a busy TSS", attempt(load_tr, TSS_SELECTOR));
	u64 *free = &gdt[FREE_SELECTOR / 8];
	set_system_descriptor(free, (u64)&tss, sizeof tss - 1, 0x09);
	report("LTR of a TSS that is not present", attempt(load_tr, FREE_SELECTOR));
	set_system_descriptor(free, (u64)&tss, sizeof tss - 1, 0x89);
	report("LTR", attempt(load_tr, FREE_SELECTOR));
	value("type after LTR", free[0] >> 40 & 0xff);
	set_system_descriptor(free, (u64)ldt, sizeof ldt - 1, 0x02);
	report("LLDT of an LDT that is not present", attempt(load_ldt, FREE_SELECTOR));
	gdt[TSS_SELECTOR / 8] &= ~(2ul << 40);
	report("LTR again", attempt(load_tr, TSS_SELECTOR));
	report("LLDT again", attempt(load_ldt, LDT_SELECTOR));
	describe();
}

static void far_jumps(void)
{
	report("far jump to 64-bit code", attempt(jump_far, KERNEL_CODE));
	report("far jump to conforming code", attempt(jump_far, FREE_SELECTOR + 8 * 6));
	report("far jump to null", attempt(jump_far, 0));
	report("far jump to data", attempt(jump_far, KERNEL_DATA));
	report("far jump to user code", attempt(jump_far, USER_CODE));
	report("far jump with RPL 3", attempt(jump_far, KERNEL_CODE | 3));
	report("far jump beyond the GDT", attempt(jump_far, 0x100));
	report("far jump to a TSS", attempt(jump_far, FREE_SELECTOR + 8 * 9));
	gdt[FREE_SELECTOR / 8] = segment_descriptor(0, 0xfffff, 0xa01b);
	report("far jump to code that is not present", attempt(jump_far, FREE_SELECTOR));
	describe();
}

static void ports(void)
{
	report("OUT in user code", run_user(user(user_out), 0x80));
	tss.io_map = (u16)((u64)tss.bitmap - (u64)&tss);
	for (int i = 0; i < 0x102; i++)
		tss.bitmap[i] = 0xff;
	report("OUT with its bit set", run_user(user(user_out), 0x80));
	tss.bitmap[0x10] = 0xfe;
	report("OUT with its bit clear", run_user(user(user_out), 0x80));
	report("16-bit OUT with one bit clear", run_user(user(user_out16), 0x80));
	tss.bitmap[0x10] = 0x7f;
	tss.bitmap[0x11] = 0xfe;
	report("16-bit OUT across bytes", run_user(user(user_out16), 0x87));
	report("OUT beyond the bitmap", run_user(user(user_out), 0x5000));
	struct frame frame = { user(user_out), USER_CODE | 3, 2 | RFLAGS_IOPL, STACK_FROM_TOP, USER_DATA | 3, 0x81 };
	report("OUT with IOPL 3", run_frame(&frame));
	frame = (struct frame){ user(user_cli), USER_CODE | 3, 0x202 | RFLAGS_IOPL, STACK_FROM_TOP, USER_DATA | 3, 0 };
	report("CLI with IOPL 3", run_frame(&frame));
	value("  flags", trap.rflags);
	report("CLI with IOPL 0", run_user(user(user_cli), 0));
}

static void compatibility(void)
{
	struct frame frame = { user(user_compat), USER_CODE32 | 3, 2, STACK_FROM_TOP, USER_DATA | 3, ~0ul };
	report("compatibility mode", run_frame(&frame));
	value("  RAX after INC and DEC", trap.rax & 0xffffffff);
	value("  CS", trap.rcx);
	value("  popped", trap.rdx & 0xffffffff);
	value("  ESP", trap.rbx & 0xffffffff);
	value("  from the stack", trap.rsi & 0xffffffff);
}

void main(void)
{
	install_tables();
	map_user();
	describe();
	loads();
	probes();
	system_segments();
	far_jumps();
	ports();
	compatibility();
	print("done\n");
}

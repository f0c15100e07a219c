/*
 * What keeps contexts apart: PCIDs and INVPCID, bases of FS and GS, UMIP, alignment checks, MONITOR and MWAIT. SDM 3A,
 * "Process-Context Identifiers (PCIDs)"; SDM 2, each instruction.
 */
#include "kit64.h"

#define CR0_AM 0x40000ul
#define CR4_PCIDE 0x20000ul
#define CR4_LA57 0x1000ul
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101

struct invpcid {
	u64 pcid, address;
} __attribute__((aligned(16)));

__asm__(".section .user, \"ax\"\n"
	"u_sgdt: sgdt -64(%rsp); int $0x80\n"
	"u_sidt: sidt -64(%rsp); int $0x80\n"
	"u_sldt: sldt %ax; int $0x80\n"
	"u_str: str %ax; int $0x80\n"
	"u_smsw: smsw %ax; int $0x80\n"
	"u_rdfs: rdfsbase %rax; int $0x80\n"
	"u_wrgs: mov $0x123456789, %rax; wrgsbase %rax; rdgsbase %rbx; int $0x80\n"
	"u_aligned: pushfq; orl $0x40000, (%rsp); popfq; mov -64(%rsp), %rax; mov -62(%rsp), %ax; mov -63(%rsp), %al; int $0x80\n"
	"u_word: pushfq; orl $0x40000, (%rsp); popfq; u_word_at: mov -63(%rsp), %ax; int $0x80\n"
	"u_quad: pushfq; orl $0x40000, (%rsp); popfq; u_quad_at: mov %rax, -60(%rsp); int $0x80\n"
	"u_unchecked: mov -63(%rsp), %rax; int $0x80\n"
	"u_monitor: xor %ecx, %ecx; u_monitor_at: monitor; int $0x80\n"
	"u_mwait: xor %ecx, %ecx; u_mwait_at: mwait; int $0x80\n"
	".previous");
#define U(name) extern u8 u_##name[]
U(sgdt); U(sidt); U(sldt); U(str); U(smsw); U(rdfs); U(wrgs); U(aligned); U(word); U(word_at); U(quad); U(quad_at); U(unchecked);
U(monitor); U(monitor_at); U(mwait); U(mwait_at);

static void set_cr4(long v) { __asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory"); }
static void set_cr3(long v) { __asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory"); }

/* #GP(0), wherever the instruction lies. */
static void refuses(const char *name, void (*body)(long), long argument)
{
	struct trap *result = attempt(body, argument);
	manual(name, result, 13, 0, trap.rip);
}

static void umip(void)
{
	const u8 *const code[] = { u_sgdt, u_sidt, u_sldt, u_str, u_smsw };
	for (int on = 0; on < 2; on++) {
		set_cr4(on ? read_cr4() | CR4_UMIP : read_cr4() & ~CR4_UMIP);
		value("UMIP", on);
		for (int i = 0; i < 5; i++)
			report("  SGDT, SIDT, SLDT, STR, SMSW of ring 3", run_user(user(code[i]), 0));
	}
	u16 selector;
	__asm__ volatile("str %0" : "=r"(selector));
	value("  STR of ring 0", selector);
	set_cr4(read_cr4() & ~CR4_UMIP);
}

static void write_fs(long base) { __asm__ volatile("wrfsbase %0" : : "r"(base)); }
static void write_fs32(long base) { __asm__ volatile("wrfsbase %k0" : : "r"(base)); }

static void bases(void)
{
	report("WRFSBASE, CR4.FSGSBASE clear", attempt(write_fs, 0));
	report("RDFSBASE of ring 3, CR4.FSGSBASE clear", run_user(user(u_rdfs), 0));
	set_cr4(read_cr4() | CR4_FSGSBASE);
	report("WRFSBASE", attempt(write_fs, 0x1234567890));
	value("  MSR_FS_BASE", read_msr(MSR_FS_BASE));
	refuses("WRFSBASE, not canonical", write_fs, 1l << 60);
	write_msr(MSR_FS_BASE, 0);
	report("WRFSBASE of 32 bits", attempt(write_fs32, -1));
	value("  MSR_FS_BASE", read_msr(MSR_FS_BASE));
	report("WRGSBASE and RDGSBASE of ring 3", run_user(user(u_wrgs), 0));
	value("  RBX", trap.rbx);
	value("  MSR_GS_BASE", read_msr(MSR_GS_BASE));
	set_cr4(read_cr4() & ~CR4_FSGSBASE);
}

static void do_invpcid(long type)
{
	static struct invpcid descriptor;
	descriptor.pcid = type >> 8 & 0xffff;
	descriptor.address = type >> 24 ? 1ul << 60 : PAGES;
	__asm__ volatile("invpcid %0, %1" : : "m"(descriptor), "r"(type & 0xff) : "memory");
}

static void pcids(void)
{
	const u64 root = read_cr3();
	u32 eax = 7, ebx, ecx = 0, edx;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (!(ebx & 1 << 10))
		return; /* QEMU 7.2: no INVPCID, and bit 63 goes to CR3 */
	manual("CR4.PCIDE with CR3[11:0] clear", attempt(set_cr4, read_cr4() | CR4_PCIDE), -1, 0, 0);
	manual("CR3 with a PCID", attempt(set_cr3, root | 5), -1, 0, 0);
	manual_value("  CR3", read_cr3() ^ root, 5);
	manual("CR3 with bit 63", attempt(set_cr3, root | 7 | 1ul << 63), -1, 0, 0);
	manual_value("  CR3", read_cr3() ^ root, 7);
	for (int type = 0; type < 4; type++)
		manual("INVPCID", attempt(do_invpcid, type), -1, 0, 0);
	refuses("INVPCID of type 4", do_invpcid, 4);
	refuses("INVPCID, PCID 5000h", do_invpcid, 0x500001);
	refuses("INVPCID, not canonical", do_invpcid, 1l << 24);
	manual("INVPCID of all contexts, address not canonical", attempt(do_invpcid, 1l << 24 | 2), -1, 0, 0);
	manual("CR4.PCIDE cleared", attempt(set_cr4, read_cr4() & ~CR4_PCIDE), -1, 0, 0);
	set_cr3(root | 5);
	refuses("CR4.PCIDE with CR3[11:0] set", set_cr4, read_cr4() | CR4_PCIDE);
	set_cr3(root);
	refuses("INVPCID of PCID 1, CR4.PCIDE clear", do_invpcid, 0x101);
}

/* A translation changes: the old one is gone after each kind of invalidation. */
static u64 first_page, second_page;
static void remap(const char *name, long type)
{
	map_page(PAGES, first_page, PTE_P | PTE_W);
	flush();
	volatile u32 *const at = (u32 *)PAGES;
	const u32 before = *at;
	map_page(PAGES, second_page, PTE_P | PTE_W);
	if (type < 0)
		invlpg(PAGES);
	else
		attempt(do_invpcid, type);
	manual_value(name, *at - before, 1);
}

static void invalidations(void)
{
	first_page = new_page();
	second_page = new_page();
	*(u32 *)second_page = 1;
	remap("INVLPG", -1);
	remap("INVPCID of an address", 0);
	remap("INVPCID of a context", 1);
	remap("INVPCID of all contexts", 2);
	remap("INVPCID of all contexts but for global pages", 3);
}

/* What so many pages say, every other one being the other frame. */
static u64 sum_of(u32 count, u64 even, u64 odd, u64 bits, void (*forget)(void))
{
	u64 sum = 0;
	for (u32 i = 0; i < count; i++)
		map_page(PAGES + i * 4096ul, i & 1 ? odd : even, PTE_P | PTE_W | bits);
	forget();
	for (u32 i = 0; i < count; i++)
		sum = sum * 31 + *(volatile u32 *)(PAGES + i * 4096ul);
	return sum;
}

static void toggle_globals(void)
{
	set_cr4(read_cr4() ^ CR4_PGE);
	set_cr4(read_cr4() ^ CR4_PGE);
}

/* A flush reaches all of them, however many they are, and again after that. */
static void many_pages(void)
{
	for (u32 count = 5; count < 2000; count = count * 5 / 2) {
		value("pages", count);
		for (int round = 0; round < 2; round++) {
			value("  one way", sum_of(count, first_page, second_page, 0, flush));
			value("  the other", sum_of(count, second_page, first_page, 0, flush));
		}
		value("  global, one way", sum_of(count, first_page, second_page, PTE_G, toggle_globals));
		value("  global, the other", sum_of(count, second_page, first_page, PTE_G, toggle_globals));
	}
}

static void alignment(void)
{
	report("AC without CR0.AM", run_user(user(u_word), 0));
	write_cr0(read_cr0() | CR0_AM);
	report("aligned accesses", run_user(user(u_aligned), 0));
	manual("a word at an odd address", run_user(user(u_word), 0), 17, 0, user(u_word_at));
	manual("a quadword at 4 modulo 8", run_user(user(u_quad), 0), 17, 0, user(u_quad_at));
	report("AC clear", run_user(user(u_unchecked), 0));
	write_cr0(read_cr0() & ~CR0_AM);
}

static void do_monitor(long extensions)
{
	static u64 line;
	__asm__ volatile("monitor" : : "a"(&line), "c"(extensions), "d"(0));
}

static void monitoring(void)
{
	report("MONITOR", attempt(do_monitor, 0));
	report("MONITOR with an extension", attempt(do_monitor, 1));
	manual("MONITOR of ring 3", run_user(user(u_monitor), 0), 6, 0, user(u_monitor_at));
	manual("MWAIT of ring 3", run_user(user(u_mwait), 0), 6, 0, user(u_mwait_at));
}

void main(void)
{
	install_tables();
	map_user();
	umip();
	bases();
	pcids();
	report("CR4.LA57 changed in IA-32e mode", attempt(set_cr4, read_cr4() ^ CR4_LA57));
	invalidations();
	many_pages();
	alignment();
	monitoring();
	print("done\n");
}

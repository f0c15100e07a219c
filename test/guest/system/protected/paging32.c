/* 32-bit and PAE paging: 4 KiB, 4 MiB and 2 MiB pages, rights, accessed and dirty bits, reserved bits, PDPTEs. */
#include "kit32.h"

#define PAGE 0x40000000u
#define LARGE 0x40800000u
#define P 1
#define W 2
#define U 4
#define PS 0x80

static u32 directory[1024] __attribute__((aligned(4096)));
static u32 table[1024] __attribute__((aligned(4096)));
static u64 pointers[4] __attribute__((aligned(32)));
static u64 directories[4][512] __attribute__((aligned(4096)));
static u64 wide_table[512] __attribute__((aligned(4096)));
static u32 data[1024] __attribute__((aligned(4096)));

__asm__(".text\n"
	".globl read_here, write_here, call_here, load_here\n"
	"read_word: mov 4(%esp), %eax; read_here: mov (%eax), %ebx; ret\n"
	"write_word: mov 4(%esp), %eax; write_here: movl $0x12345678, (%eax); ret\n"
	"call_word: mov 4(%esp), %eax; call_here: call *%eax; ret\n"
	"load_cr3: mov 4(%esp), %eax; load_here: mov %eax, %cr3; ret\n"
	".section .user, \"ax\"\n"
	"user_read: mov (%eax), %ebx; int $0x80\n"
	"user_write: movl $1, (%eax); int $0x80\n"
	".previous");
void read_word(long);
void write_word(long);
void call_word(long);
void load_cr3(long);
extern u8 read_here[], user_read[], user_write[], load_here[];

static void touch(const char *name)
{
	print(name);
	print("\n");
	report("  read", attempt(read_word, PAGE));
	report("  write", attempt(write_word, PAGE));
	report("  user read", run_user((u32)user_read, PAGE));
	report("  user write", run_user((u32)user_write, PAGE));
}

/* User code and its stack lie among everything else, so the identity map is for everyone. */
static void narrow(void)
{
	for (u32 i = 0; i < 16; i++)
		directory[i] = i << 22 | PS | U | W | P;
	directory[PAGE >> 22] = (u32)table | U | W | P;
	write_cr4(read_cr4() | CR4_PSE);
	write_cr3((u32)directory);
	write_cr0(read_cr0() | CR0_PG | CR0_WP);
	static const struct {
		const char *name;
		u32 bits;
	} kinds[] = { { "absent", 0 }, { "read-only", P }, { "writable", P | W }, { "user read-only", P | U }, { "user writable", P | U | W } };
	for (int i = 0; i < 5; i++) {
		table[0] = (u32)data | kinds[i].bits;
		invlpg(PAGE);
		touch(kinds[i].name);
		value("  entry", table[0] & 0xfff);
	}
	directory[PAGE >> 22] &= ~W;
	write_cr3((u32)directory);
	touch("user writable in a read-only directory");
	directory[PAGE >> 22] |= W;
	write_cr0(read_cr0() & ~CR0_WP);
	table[0] = (u32)data | P;
	write_cr3((u32)directory);
	touch("read-only, WP clear");
	write_cr0(read_cr0() | CR0_WP);
	value("directory entry", directory[PAGE >> 22] & 0xfff);
	directory[LARGE >> 22] = (u32)data >> 22 << 22 | PS | P;
	write_cr3((u32)directory);
	u32 there = LARGE + ((u32)data & 0x3fffff);
	data[0] = 0x600d;
	report("4 MiB, read", attempt(read_word, there));
	value("  entry", directory[LARGE >> 22] & 0xfff);
	report("4 MiB, write", attempt(write_word, there));
	directory[LARGE >> 22] |= W;
	invlpg(there);
	report("4 MiB, writable", attempt(write_word, there));
	value("  entry", directory[LARGE >> 22] & 0xfff);
	value("  what was written", data[0]);
	report("an execution of data is nothing special", (data[0] = 0xc3, attempt(call_word, PAGE)));
}

static void wide(void)
{
	write_cr0(read_cr0() & ~CR0_PG);
	for (u32 i = 0; i < 32; i++)
		directories[0][i] = (u64)i << 21 | PS | U | W | P;
	pointers[0] = (u32)directories[0] | P;
	pointers[1] = (u32)directories[1] | P;
	directories[1][0] = (u32)wide_table | U | W | P;
	wide_table[0] = (u32)data | U | W | P;
	write_cr4(read_cr4() | CR4_PAE);
	write_cr3((u32)pointers);
	write_cr0(read_cr0() | CR0_PG);
	touch("PAE, user writable");
	value("  entry", wide_table[0] & 0xfff);
	wide_table[0] = (u32)data | P;
	invlpg(PAGE);
	touch("PAE, read-only");
	manual("bit 63 with NXE clear", (wide_table[0] = (u32)data | W | P | 1ull << 63, invlpg(PAGE), attempt(read_word, PAGE)), 14, 9, (u32)read_here);
	__asm__ volatile("rdmsr; or $0x800, %%eax; wrmsr" : : "c"(0xc0000080) : "eax", "edx");
	data[0] = 0xc3;
	write_cr3((u32)pointers);
	report("NX, read", attempt(read_word, PAGE));
	report("NX, call", attempt(call_word, PAGE));
	wide_table[0] &= ~(1ull << 63);
	directories[1][0] |= 1ull << 63;
	write_cr3((u32)pointers);
	report("NX directory, call", attempt(call_word, PAGE));
	directories[1][0] = ((u32)data & ~0x1fffffu) | PS | W | P;
	write_cr3((u32)pointers);
	report("2 MiB, write", attempt(write_word, PAGE + ((u32)data & 0x1fffff)));
	value("  entry", directories[1][0] & 0xfff);
	pointers[1] = 0;
	report("PDPTE cleared in memory only", attempt(read_word, PAGE + ((u32)data & 0x1fffff)));
	write_cr3((u32)pointers);
	report("PDPTE absent", attempt(read_word, PAGE));
	pointers[1] = (u32)directories[1] | P | W;
	manual("PDPTE with a reserved bit", attempt(load_cr3, (long)pointers), 13, 0, (u32)load_here);
	pointers[1] = 0;
	write_cr3((u32)pointers);
}

void main(void)
{
	install_tables();
	narrow();
	wide();
	print("done\n");
}

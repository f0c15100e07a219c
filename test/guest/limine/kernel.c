// A kernel that tells on COM1 what the boot loader gave it: every response, and the machine state at entry. Lines
// are
// "NAME: VALUE ...", for a test to read. It starts under any loader that speaks the Limine boot protocol.
//
// Built several times: BASE_REVISION, MARKERS and UNTAGGED choose what the requests look like.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef BASE_REVISION
#define BASE_REVISION 3
#endif

#define MAGIC 0xc7b1dd30df4c8b88, 0x0a82e883a194f07b
#define USED(name) __attribute__((used, section(name), aligned(8)))
#define COM1 0x3f8
#define DEBUG_EXIT 0xf4

struct request {
	uint64_t id[4], revision;
	volatile uint64_t response;
	uint64_t more[3];
};

// What start.S found at entry, in this order.
struct entry_state {
	uint64_t registers[15];
	uint64_t rsp, return_address, rflags, cr0, cr3, cr4, efer, pat, cs, ss, ds, es, fs, gs;
	struct __attribute__((packed)) { uint16_t limit; uint64_t base; } gdtr;
} entry_state;

#ifdef MARKERS
USED(".requests_start") static volatile uint64_t start_marker[4] = {
	0xf6b8f4b39de7d1ae, 0xfab91a6940fcb9cf, 0x785c6ed015d3e316, 0x181e920a7852b9d9};
USED(".requests_end") static volatile uint64_t end_marker[2] = {0xadc0e0531bb10d03, 0x9572709f31764c62};
// Outside the markers: must not be answered.
USED(".outside") static struct request outside = {.id = {MAGIC, 0x48dcf1cb8ad2b852, 0x63984e959a98244b}};
#endif

#ifdef UNTAGGED
static volatile uint64_t base_revision[3]; // no tag: base revision 0
#else
USED(".requests") static volatile uint64_t base_revision[3] = {0xf9562b2d5c95a6c8, 0x6a7b384944536bdc, BASE_REVISION};
#endif

static struct { const char *path, *string; uint64_t flags; } internal_module = {"kernel.sym", "symbols of the kernel", 1};
static void *internal_modules[1] = {&internal_module};

#define REQUEST(name, revision_, a, b, ...) \
	USED(".requests") static struct request name = {{MAGIC, a, b}, revision_, 0, {__VA_ARGS__}}
REQUEST(bootloader_info, 0, 0xf55038d8e2a1202f, 0x279426fcf5f59740, 0);
REQUEST(cmdline, 0, 0x4b161536e598651e, 0xb390ad4a2f1f303a, 0);
REQUEST(firmware_type, 0, 0x8c2f75d90bef28a8, 0x7045a4688eac00c3, 0);
REQUEST(stack_size, 0, 0x224ef0460a8e8926, 0xe1cb0fc25f46ea3d, 0x40000);
REQUEST(hhdm, 0, 0x48dcf1cb8ad2b852, 0x63984e959a98244b, 0);
REQUEST(framebuffer, 1, 0x9d5827dcd881dd75, 0xa3148604f6fab11b, 0);
REQUEST(paging_mode, 1, 0x95c1a0edab0944cb, 0xa4e5cb3842f7488a, 0, 1, 0);
REQUEST(mp, 0, 0x95a67b819a1b857e, 0xa0b61b723b6a73e0, 0);
REQUEST(memmap, 0, 0x67cf3d9d378a806f, 0xe304acdfc50c3c62, 0);
REQUEST(file, 0, 0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69, 0);
REQUEST(modules, 1, 0x3e7e279702be32af, 0xca1c4f3bd1280cee, 1, (uint64_t)internal_modules);
REQUEST(rsdp, 0, 0xc5e77b6b397e7b43, 0x27637845accdcf3c, 0);
REQUEST(smbios, 0, 0x9e9046f11e095391, 0xaa4a520fefbde5ee, 0);
REQUEST(boot_time, 0, 0x502746e184c088aa, 0xfbc5ec83e6327893, 0);
REQUEST(address, 0, 0x71ba76863cc55f63, 0xb2644a48c516a487, 0);
extern void requested_entry(void);
REQUEST(entry_point, 0, 0x13d86c035a1cd3e1, 0x2b0caa89d8f3026a, (uint64_t)requested_entry);

#ifdef UNTAGGED
// PROTOCOL.md, "Limine Requests Section": these alone are answered; the command line is not among them.
USED(".limine_reqs") static void *const listed[] = {&hhdm, &firmware_type, &stack_size, &paging_mode, &memmap, &file, &modules, &rsdp,
	&boot_time, &address, &entry_point, &framebuffer, NULL};
#endif

static void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static uint8_t in8(uint16_t port)
{
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put(char c)
{
	while (!(in8(COM1 + 5) & 0x20))
		;
	out8(COM1, (uint8_t)c);
}

static void text(const char *s)
{
	while (*s)
		put(*s++);
}

static void hex(uint64_t value)
{
	put(' ');
	int shift = 60;
	while (shift && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put("0123456789abcdef"[value >> shift & 15]);
}

static void line(const char *name, const uint64_t *values, int count)
{
	text(name);
	put(':');
	for (int i = 0; i < count; i++)
		hex(values[i]);
	put('\n');
}

static void one(const char *name, uint64_t value) { line(name, &value, 1); }

static const uint64_t *words(uint64_t pointer) { return (const uint64_t *)pointer; }

static void string(const char *name, uint64_t pointer)
{
	text(name);
	text(": ");
	text((const char *)pointer);
	put('\n');
}

// The file's address, size, path, command line, and the sum of its bytes (which have to be readable).
static void show_file(const char *name, uint64_t pointer)
{
	const uint64_t *f = words(pointer);
	uint64_t sum = 0;
	for (uint64_t i = 0; i < f[2]; i++)
		sum += ((const uint8_t *)f[1])[i];
	text(name);
	text(": ");
	text((const char *)f[3]);
	text(" |");
	text((const char *)f[4]);
	text("|");
	hex(f[1]);
	hex(f[2]);
	hex(sum);
	hex((uint32_t)f[5]);
	put('\n');
}

static void show_framebuffer(void)
{
	const uint64_t *response = words(framebuffer.response);
	line("framebuffers", response, 2);
	const uint64_t *f = words(words(response[2])[0]);
	line("framebuffer", f, 10);
	for (uint64_t i = 0; i < f[8]; i++)
		line("mode", words(words(f[9])[i]), 5);
	volatile uint32_t *pixels = (volatile uint32_t *)f[0];
	for (uint64_t i = 0; i < f[2] * f[3] / 4; i++)
		pixels[i] = 0x00336699;
}

static void show_lists(void)
{
	const uint64_t *response = words(memmap.response);
	for (uint64_t i = 0; i < response[1]; i++)
		line("memory", words(words(response[2])[i]), 3);
	response = words(modules.response);
	one("modules", response[1]);
	for (uint64_t i = 0; i < response[1]; i++)
		show_file("module", words(response[2])[i]);
}

static void show_state(void)
{
	line("registers", entry_state.registers, 15);
	line("state", &entry_state.rsp, 14);
	one("gdt limit", entry_state.gdtr.limit);
	line("gdt", words(entry_state.gdtr.base), 7);
	one("gdt base", entry_state.gdtr.base);
	uint64_t masks[2] = {in8(0x21), in8(0xa1)};
	line("pic masks", masks, 2);
}

// Whether the first quadword is mapped, by the page tables as the HHDM shows them: 0, or the last entry read.
static uint64_t walk(uint64_t virtual)
{
	uint64_t offset = words(hhdm.response)[1], entry = entry_state.cr3;
	for (int shift = 39; shift >= 12; shift -= 9) {
		entry = words((entry & 0xffffffffff000) + offset)[virtual >> shift & 511];
		if (!(entry & 1))
			return 0;
		if (shift < 39 && (entry & 0x80))
			return entry;
	}
	return entry;
}

static void show_mappings(void)
{
	uint64_t offset = words(hhdm.response)[1];
	static const struct { const char *name; uint64_t virtual; bool direct; } places[] = {
		{"identity 0", 0, false}, {"identity 1000", 0x1000, false}, {"identity 200000", 0x200000, false},
		{"direct 0", 0, true}, {"direct 1000", 0x1000, true}, {"direct fee00000", 0xfee00000, true},
		{"text", (uint64_t)requested_entry, false}, {"data", (uint64_t)&entry_state, false}, {"rodata", (uint64_t)places, false},
	};
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
		one(places[i].name, walk(places[i].virtual + (places[i].direct ? offset : 0)));
	if (framebuffer.response)
		one("direct framebuffer", walk(words(words(words(framebuffer.response)[2])[0])[0]));
}

void kernel_main(void)
{
	line("base revision", (const uint64_t *)base_revision + 1, 2);
	show_state();
	if (bootloader_info.response) {
		string("bootloader", words(bootloader_info.response)[1]);
		string("version", words(bootloader_info.response)[2]);
	}
	if (cmdline.response)
		string("cmdline", words(cmdline.response)[1]);
	line("hhdm", words(hhdm.response), 2);
	one("firmware type", words(firmware_type.response)[1]);
	one("cmdline answered", !!cmdline.response);
	one("framebuffer answered", !!framebuffer.response);
	one("stack size answered", !!stack_size.response);
	one("entry point answered", !!entry_point.response);
	one("paging mode", words(paging_mode.response)[1]);
	one("mp answered", !!mp.response);
	show_file("file", words(file.response)[1]);
	line("address", words(address.response) + 1, 2);
	one("rsdp", words(rsdp.response)[1]);
	if (smbios.response)
		line("smbios", words(smbios.response) + 1, 2);
	one("boot time", words(boot_time.response)[1]);
	show_lists();
	show_mappings();
	if (framebuffer.response)
		show_framebuffer();
#ifdef MARKERS
	one("outside answered", !!outside.response);
#endif
	text("done\n");
	out8(DEBUG_EXIT, 0);
	for (;;)
		__asm__ volatile("hlt");
}

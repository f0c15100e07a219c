// The answers that need little work; modules.c and vbe.c have the others. Each returns the response, or null to
// leave the request unanswered, which the protocol allows for everything.
#include "boot.h"

#define NAME "Gantry boot"
#define VERSION "0.1"
#define DEFAULT_STACK 0x10000ull
#define LARGEST_STACK 0x40000000ull

uint64_t stack_size = DEFAULT_STACK;
uint64_t entry_point;
static struct limine_list_response *memory_map_response;
static struct limine_file *kernel_file;

static void *value(uint64_t it)
{
	struct limine_value_response *response = answer(sizeof *response);
	response->value = it;
	return response;
}

static void *pair(uint64_t one, uint64_t other)
{
	struct limine_pair_response *response = answer(sizeof *response);
	response->first = one;
	response->second = other;
	return response;
}

static uint64_t string(const char *text)
{
	uint32_t size = length_of(text) + 1;
	return higher(memcpy(answer(size), text, size));
}

struct limine_file *file_response(const void *address, uint32_t size, const char *path, const char *text)
{
	struct limine_file *file = answer(sizeof *file);
	file->address = higher(address);
	file->size = size;
	file->path = string(path);
	file->string = string(text);
	file->media_type = LIMINE_MEDIA_TYPE_OPTICAL;
	return file;
}

static struct limine_file *executable(void)
{
	if (!kernel_file)
		kernel_file = file_response(kernel.file, kernel.file_size, "/boot/kernel.elf", config_cmdline);
	return kernel_file;
}

static void *bootloader_info(struct limine_request *request)
{
	(void)request;
	return pair(string(NAME), string(VERSION));
}

static void *executable_cmdline(struct limine_request *request)
{
	(void)request;
	return value(executable()->string);
}

static void *firmware_type(struct limine_request *request)
{
	(void)request;
	return value(LIMINE_FIRMWARE_TYPE_X86BIOS);
}

static void *stack(struct limine_request *request)
{
	if (request->more[0] > LARGEST_STACK)
		fail("the kernel wants a stack of %X bytes", request->more[0]);
	if (request->more[0] > stack_size)
		stack_size = request->more[0];
	return value(0);
}

static void *hhdm(struct limine_request *request)
{
	(void)request;
	return value(HHDM);
}

// Four levels is all there is; a kernel can say since request revision 1 that this is not enough.
static void *paging_mode(struct limine_request *request)
{
	if (request->revision >= 1 && request->more[2] > LIMINE_PAGING_MODE_X86_64_4LVL)
		fail("the kernel needs 5-level paging");
	return value(LIMINE_PAGING_MODE_X86_64_4LVL);
}

static void *entry(struct limine_request *request)
{
	entry_point = request->more[0];
	return value(0);
}

static void *executable_file(struct limine_request *request)
{
	(void)request;
	return value(higher(executable()));
}

// PROTOCOL.md, "RSDP Feature": physical for base revision 3 alone.
static uint64_t firmware_address(const void *table)
{
	return base_revision == 3 ? (uint32_t)table : higher(table);
}

static void *rsdp(struct limine_request *request)
{
	(void)request;
	const void *table = find_rsdp();
	return table ? value(firmware_address(table)) : NULL;
}

static void *smbios(struct limine_request *request)
{
	(void)request;
	const void *entry32 = find_smbios(false), *entry64 = find_smbios(true);
	return entry32 || entry64 ? pair(firmware_address(entry32), firmware_address(entry64)) : NULL;
}

static uint32_t from_bcd(uint32_t bcd)
{
	return (bcd >> 4 & 15) * 10 + (bcd & 15);
}

// Days from 1970-01-01, of the proleptic Gregorian calendar; years are counted from March, so that leap days come
// last.
static uint32_t days(uint32_t year, uint32_t month, uint32_t day)
{
	if (month < 3)
		year--, month += 12;
	return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 - 457) / 5 + day - 719469;
}

// INT 1Ah AH=04h (date: CX year, DH month, DL day) and AH=02h (time: CH hours, CL minutes, DH seconds), all BCD.
static void *boot_time(struct limine_request *request)
{
	(void)request;
	struct bios_registers date = {.eax = 0x0400}, time = {.eax = 0x0200};
	bios_call(0x1a, &date);
	bios_call(0x1a, &time);
	if ((date.eflags | time.eflags) & EFLAGS_CF)
		return NULL;
	uint32_t year = from_bcd(date.ecx >> 8) * 100 + from_bcd(date.ecx);
	uint32_t hours = from_bcd(time.ecx >> 8), minutes = from_bcd(time.ecx), seconds = from_bcd(time.edx >> 8);
	uint32_t day = days(year, from_bcd(date.edx >> 8), from_bcd(date.edx));
	return value((uint64_t)day * 86400 + hours * 3600 + minutes * 60 + seconds);
}

static void *executable_address(struct limine_request *request)
{
	(void)request;
	return pair((uint32_t)kernel.image, kernel.base);
}

// Room now, contents last: until the page tables are built, the map changes.
static void *memory_map_reserve(struct limine_request *request)
{
	(void)request;
	memory_map_response = answer(sizeof *memory_map_response);
	memory_map_response->entries = higher(answer(MEMORY_MAP_LIMIT * (8 + sizeof(struct limine_memmap_entry))));
	return memory_map_response;
}

static void sort_memory_map(void)
{
	for (uint32_t i = 1; i < memory_map_count; i++)
		for (uint32_t j = i; j && memory_map[j].base < memory_map[j - 1].base; j--) {
			struct limine_memmap_entry entry = memory_map[j];
			memory_map[j] = memory_map[j - 1];
			memory_map[j - 1] = entry;
		}
}

void memory_map_respond(void)
{
	if (!memory_map_response)
		return;
	sort_memory_map();
	uint64_t *pointers = (uint64_t *)(uint32_t)(memory_map_response->entries - HHDM);
	struct limine_memmap_entry *entries = (struct limine_memmap_entry *)(pointers + MEMORY_MAP_LIMIT);
	for (uint32_t i = 0; i < memory_map_count; i++) {
		entries[i] = memory_map[i];
		pointers[i] = higher(&entries[i]);
	}
	memory_map_response->count = memory_map_count;
}

const struct feature features[] = {
	{LIMINE_BOOTLOADER_INFO, bootloader_info},
	{LIMINE_EXECUTABLE_CMDLINE, executable_cmdline},
	{LIMINE_FIRMWARE_TYPE, firmware_type},
	{LIMINE_STACK_SIZE, stack},
	{LIMINE_HHDM, hhdm},
	{LIMINE_PAGING_MODE, paging_mode},
	{LIMINE_ENTRY_POINT, entry},
	{LIMINE_EXECUTABLE_FILE, executable_file},
	{LIMINE_EXECUTABLE_ADDRESS, executable_address},
	{LIMINE_RSDP, rsdp},
	{LIMINE_SMBIOS, smbios},
	{LIMINE_BOOT_TIME, boot_time},
	{LIMINE_MODULE, respond_modules},
	{LIMINE_MEMMAP, memory_map_reserve},
	{LIMINE_FRAMEBUFFER, respond_framebuffer}, // last: then messages are seen in text mode as long as there are any
};
const uint32_t feature_count = sizeof features / sizeof *features;

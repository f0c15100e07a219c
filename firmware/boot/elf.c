// The kernel's ELF file into memory (System V gABI; AMD64 psABI for relocations).
//
// The file stays in memory whole, for the Executable File feature; its PT_LOAD segments are copied to one
// contiguous piece of memory. ET_EXEC keeps its addresses. ET_DYN is slid up to the higher half if it is linked
// below, and R_X86_64_RELATIVE applied; there is no KASLR: every boot is the same.
#include "boot.h"

#define PATH "/boot/kernel.elf"

#define EI_CLASS 4
#define EI_DATA 5
#define ELFCLASS64 2
#define ELFDATA2LSB 1
#define ET_EXEC 2
#define ET_DYN 3
#define EM_X86_64 62
#define PT_LOAD 1
#define PT_DYNAMIC 2
#define PF_X 1
#define PF_W 2
#define DT_NULL 0
#define DT_RELA 7
#define DT_RELASZ 8
#define R_X86_64_RELATIVE 8
#define LARGEST_ALIGN 0x200000u
#define LARGEST_IMAGE 0x40000000ull

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct section_header {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t addralign, entsize;
};

struct kernel kernel;
static const struct elf_header *header;
static const struct program_header *segments;

static bool in_file(uint64_t offset, uint64_t size)
{
	return offset <= kernel.file_size && size <= kernel.file_size - offset;
}

static void check_header(void)
{
	if (kernel.file_size < 4 || memcmp(kernel.file, "\177ELF", 4))
		fail(PATH ": not an ELF file");
	if (!in_file(0, sizeof *header))
		fail(PATH ": truncated in its header");
	if (header->ident[EI_CLASS] != ELFCLASS64 || header->ident[EI_DATA] != ELFDATA2LSB
		|| header->machine != EM_X86_64)
		fail(PATH ": not for x86-64");
	if (header->type != ET_EXEC && header->type != ET_DYN)
		fail(PATH ": not an executable (ELF type %u)", (uint32_t)header->type);
	if (header->phentsize != sizeof *segments)
		fail(PATH ": program headers of %u bytes, not %u", (uint32_t)header->phentsize, (uint32_t)sizeof *segments);
	if (!in_file(header->phoff, (uint64_t)header->phnum * sizeof *segments))
		fail(PATH ": truncated in its program headers");
}

static void check_segment(uint32_t n)
{
	const struct program_header *segment = &segments[n];
	uint64_t first = segment->vaddr + kernel.slide, end = first + segment->memsz;
	if (!in_file(segment->offset, segment->filesz))
		fail(PATH ": truncated in segment %u", n);
	if (segment->filesz > segment->memsz)
		fail(PATH ": segment %u has more bytes in the file than in memory", n);
	if (first < HIGHER_HALF || end < first)
		fail(PATH ": segment %u is at %X, below ffffffff80000000", n, first);
	if (end - HIGHER_HALF > LARGEST_IMAGE)
		fail(PATH ": segment %u ends at %X, more than 1 GiB above ffffffff80000000", n, end);
}

// The lowest address that a segment has, before sliding.
static uint64_t lowest(void)
{
	uint64_t base = UINT64_MAX;
	for (uint32_t i = 0; i < header->phnum; i++)
		if (segments[i].type == PT_LOAD && segments[i].memsz && segments[i].vaddr < base)
			base = segments[i].vaddr;
	if (base == UINT64_MAX)
		fail(PATH ": nothing to load");
	return base;
}

static void place_image(void)
{
	uint64_t base = lowest();
	kernel.slide = header->type == ET_DYN && base < HIGHER_HALF ? HIGHER_HALF : 0;
	kernel.base = (base + kernel.slide) & ~(uint64_t)(PAGE - 1);
	uint32_t align = PAGE;
	for (uint32_t i = 0; i < header->phnum; i++) {
		const struct program_header *segment = &segments[i];
		if (segment->type != PT_LOAD || !segment->memsz)
			continue;
		check_segment(i);
		uint64_t end = (segment->vaddr + kernel.slide + segment->memsz + PAGE - 1) & ~(uint64_t)(PAGE - 1);
		if (end > kernel.end)
			kernel.end = end;
		while (align < segment->align && align < LARGEST_ALIGN)
			align *= 2;
	}
	uint32_t size = (uint32_t)(kernel.end - kernel.base);
	kernel.image = memory_take(size, align, LIMINE_MEMMAP_EXECUTABLE_AND_MODULES, "the kernel's image");
	memset(kernel.image, 0, size);
}

static void relocate(const struct program_header *dynamic)
{
	uint64_t rela = 0, size = 0;
	const uint64_t *entry = (const uint64_t *)(kernel.file + (uint32_t)dynamic->offset);
	if (!in_file(dynamic->offset, dynamic->filesz))
		fail(PATH ": truncated in its dynamic section");
	for (uint32_t left = (uint32_t)dynamic->filesz; left >= 16 && *entry != DT_NULL; left -= 16, entry += 2) {
		if (entry[0] == DT_RELA)
			rela = entry[1];
		if (entry[0] == DT_RELASZ)
			size = entry[1];
	}
	const uint64_t *at = size ? kernel_pointer(rela + kernel.slide, size) : NULL;
	for (; size >= 24; size -= 24, at += 3) {
		if ((uint32_t)at[1] != R_X86_64_RELATIVE)
			fail(PATH ": relocation of type %u; only R_X86_64_RELATIVE is known", (uint32_t)at[1]);
		*(uint64_t *)kernel_pointer(at[0] + kernel.slide, 8) = at[2] + kernel.slide;
	}
}

void kernel_load(void)
{
	static struct iso_file file;
	if (!iso_find(PATH, &file) || file.directory)
		fail(PATH ": not found on the CD");
	kernel.file = iso_load(&file, LIMINE_MEMMAP_EXECUTABLE_AND_MODULES, PATH);
	kernel.file_size = file.size;
	header = (const struct elf_header *)kernel.file;
	check_header();
	segments = (const struct program_header *)(kernel.file + (uint32_t)header->phoff);
	place_image();
	for (uint32_t i = 0; i < header->phnum; i++)
		if (segments[i].type == PT_LOAD && segments[i].memsz)
			memcpy(kernel.image + (uint32_t)(segments[i].vaddr + kernel.slide - kernel.base),
				kernel.file + (uint32_t)segments[i].offset, (uint32_t)segments[i].filesz);
	for (uint32_t i = 0; i < header->phnum; i++)
		if (segments[i].type == PT_DYNAMIC && header->type == ET_DYN)
			relocate(&segments[i]);
	kernel.entry = header->entry + kernel.slide;
}

void kernel_permissions(uint64_t page, bool *writable, bool *executable)
{
	*writable = *executable = false;
	for (uint32_t i = 0; i < header->phnum; i++) {
		uint64_t first = segments[i].vaddr + kernel.slide;
		if (segments[i].type != PT_LOAD || first >= page + PAGE || first + segments[i].memsz <= page)
			continue;
		*writable |= !!(segments[i].flags & PF_W);
		*executable |= !!(segments[i].flags & PF_X);
	}
}

void *kernel_pointer(uint64_t address, uint64_t size)
{
	if (address < kernel.base || address >= kernel.end || size > kernel.end - address)
		fail(PATH ": points to %X, outside itself", address);
	return kernel.image + (uint32_t)(address - kernel.base);
}

// PROTOCOL.md, "Limine Requests Section": base revision 0 only.
struct limine_request *kernel_listed_request(uint32_t n)
{
	const struct section_header *sections = (const struct section_header *)(kernel.file + (uint32_t)header->shoff);
	if (!header->shoff || header->shentsize != sizeof *sections || header->shstrndx >= header->shnum
		|| !in_file(header->shoff, (uint64_t)header->shnum * sizeof *sections))
		return NULL;
	const struct section_header *names = &sections[header->shstrndx];
	for (uint32_t i = 0; i < header->shnum; i++) {
		uint64_t name = names->offset + sections[i].name;
		if (!in_file(name, 13) || memcmp(kernel.file + (uint32_t)name, ".limine_reqs", 13))
			continue;
		if ((uint64_t)(n + 1) * 8 > sections[i].size)
			return NULL;
		uint64_t address = *(uint64_t *)kernel_pointer(sections[i].addr + kernel.slide + n * 8, 8);
		return address ? kernel_pointer(address, sizeof(struct limine_request)) : NULL;
	}
	return NULL;
}

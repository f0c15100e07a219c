// The Module feature: first the files that the kernel names itself ("internal modules", relative to its own
// folder), then every other file in /boot, kernel.sym among them. Left out are the kernel, boot.conf, and El
// Torito's own two files.
#include "boot.h"

#define MODULE_LIMIT 64

static struct limine_file *files[MODULE_LIMIT];
static uint32_t extents[MODULE_LIMIT], count;
static struct iso_file file; // large, and the stack is small

static void load(const char *path, const char *string)
{
	if (count == MODULE_LIMIT)
		fail("more than %u modules", MODULE_LIMIT);
	void *bytes = iso_load(&file, LIMINE_MEMMAP_EXECUTABLE_AND_MODULES, path);
	extents[count] = file.extent;
	files[count++] = file_response(bytes, file.size, path, string);
}

// A string of the kernel's, which has to end within its image.
static const char *kernel_string(uint64_t address)
{
	if (!address)
		return "";
	const char *text = kernel_pointer(address, 1);
	for (uint32_t i = 0; text[i]; i++)
		kernel_pointer(address + i + 1, 1);
	return text;
}

static void join(char *path, uint32_t size, const char *folder, const char *name)
{
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	if (*name == '/')
		folder = "";
	uint32_t front = length_of(folder), back = length_of(name) + 1;
	if (front + back > size)
		fail("the path of a module is too long: %s", name);
	memcpy(path, folder, front);
	memcpy(path + front, name, back);
}

static void load_internal(const struct limine_internal_module *module)
{
	static char path[512];
	join(path, sizeof path, "/boot/", kernel_string(module->path));
	if (module->flags & LIMINE_INTERNAL_MODULE_COMPRESSED)
		fail("%s: compressed modules are not supported", path);
	if (iso_find(path, &file) && !file.directory)
		load(path, kernel_string(module->string));
	else if (module->flags & LIMINE_INTERNAL_MODULE_REQUIRED)
		fail("%s: not found, and the kernel needs it", path);
}

static bool already_loaded(void)
{
	for (uint32_t i = 0; i < count; i++)
		if (file.size && extents[i] == file.extent)
			return true;
	return false;
}

static void load_folder(void)
{
	static struct iso_cursor cursor;
	static char path[512];
	if (!iso_find("/boot", &file))
		return;
	iso_open(&file, &cursor);
	while (iso_next(&cursor, &file)) {
		if (file.directory || iso_is_boot_code(&file) || already_loaded())
			continue;
		if (same(file.name, "kernel.elf") || same(file.name, "boot.conf"))
			continue;
		join(path, sizeof path, "/boot/", file.name);
		load(path, "");
	}
}

void *respond_modules(struct limine_request *request)
{
	struct limine_list_response *response = answer(sizeof *response);
	response->revision = 1;
	uint32_t internal = request->revision >= 1 ? (uint32_t)request->more[0] : 0;
	for (uint32_t i = 0; i < internal; i++) {
		uint64_t pointer = *(uint64_t *)kernel_pointer(request->more[1] + 8 * i, 8);
		load_internal(kernel_pointer(pointer, sizeof(struct limine_internal_module)));
	}
	load_folder();
	uint64_t *pointers = answer(count * 8 + 8);
	for (uint32_t i = 0; i < count; i++)
		pointers[i] = higher(files[i]);
	response->count = count;
	response->entries = higher(pointers);
	return response;
}

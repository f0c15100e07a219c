/*
 * Pocket Rocket's public face: everything that a module may call, and everything the kernel's own files
 * share with modules. A module includes this file and nothing else.
 *
 * There is one processor and one thread; interrupt handlers do nothing but fill ring buffers. So
 * nothing here takes a lock, and nothing here but the port functions, `ticks` and `dprintf` may be
 * called from an interrupt handler.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <module.h>

#define PRINTF_LIKE(format_at, first) __attribute__((format(printf, format_at, first)))

/* ---- Strings and memory. As in ISO C; the compiler calls the first four by itself. ---- */

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t count);
int strcasecmp(const char *a, const char *b);
char *strchr(const char *text, int character);
char *strstr(const char *text, const char *part);
/* Copies at most size - 1 characters and always ends the copy with NUL. Returns strlen(from). */
size_t strlcpy(char *to, const char *from, size_t size);
/* Reads a number: decimal, or hexadecimal after 0x. False, and *value is left alone, for anything else. */
bool parse_number(const char *text, uint64_t *value);

/* ---- Text out. Formats: d i u x X c s p %, flags - and 0, width, precision for s, lengths h l ll z. ---- */

/* To the screen and to COM1. */
void kprintf(const char *format, ...) PRINTF_LIKE(1, 2);
/* To the debug console (port E9h) and to the ring buffer that `dmesg` shows. */
void dprintf(const char *format, ...) PRINTF_LIKE(1, 2);
/* Both end with NUL if size > 0, and return the length that the whole text has. */
int snprintf(char *to, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
int vsnprintf(char *to, size_t size, const char *format, va_list arguments);
/* Reports and halts: for a state from which the kernel cannot go on. */
_Noreturn void panic(const char *format, ...) PRINTF_LIKE(1, 2);

/* ---- The heap, in the lower half of the address space. ---- */

/* Returns `size` bytes, aligned to 16, not cleared; NULL if there is no memory. The caller frees them. */
void *kmalloc(size_t size);
/* As kmalloc, aligned to `alignment`, a power of two. */
void *kmalloc_aligned(size_t size, size_t alignment);
/* Resizes, moving if it must; the bytes up to the smaller size are kept. NULL leaves the old block as it was. */
void *krealloc(void *block, size_t size);
/* NULL is ignored. Anything that is not a live block of the heap is a panic. */
void kfree(void *block);

struct heap_usage {
	size_t used;   /* bytes handed out, as rounded up by the heap */
	size_t blocks; /* blocks handed out */
	size_t mapped; /* bytes of the heap's region backed by memory */
};
struct heap_usage heap_usage(void);

/* ---- Time. ---- */

#define TICKS_PER_SECOND 100

/* Timer interrupts since boot. */
uint64_t ticks(void);
/* Halts the processor until `count` more ticks have passed. Interrupts must be enabled. */
void sleep_ticks(uint64_t count);

struct date {
	uint16_t year;
	uint8_t month, day, hour, minute, second; /* month and day from 1 */
};
/* The real-time clock, taken as UTC. */
struct date rtc_now(void);

/* ---- Ports. ---- */

static inline void outb(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
static inline void outw(uint16_t port, uint16_t value) { __asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port)); }
static inline void outl(uint16_t port, uint32_t value) { __asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port)); }
static inline uint8_t inb(uint16_t port) {
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline uint16_t inw(uint16_t port) {
	uint16_t value;
	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline uint32_t inl(uint16_t port) {
	uint32_t value;
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* ---- PCI: configuration mechanism 1. ---- */

struct pci_function {
	uint8_t bus, device, function;
	uint16_t vendor, product;
	uint8_t class_code, subclass, interface;
};
size_t pci_count(void);
/* The index-th function found at boot, in bus, device, function order; NULL past the last. */
const struct pci_function *pci_get(size_t index);
uint32_t pci_read(const struct pci_function *function, uint8_t offset);
void pci_write(const struct pci_function *function, uint8_t offset, uint32_t value);
/* A word or two for a class: "IDE controller". */
const char *pci_class_name(uint8_t class_code, uint8_t subclass);

/* ---- Files: absolute paths, "/" is the root of the CD. ---- */

#define FILE_NAME_MAX 255

struct file_info {
	char name[FILE_NAME_MAX + 1];
	uint64_t size; /* bytes */
	bool is_directory;
	struct date modified;
};
/* Says what is at `path`. False if nothing is. */
bool file_stat(const char *path, struct file_info *info);
/* The whole file in a heap block that the caller frees, and a NUL that *size does not count. NULL: see file_error. */
void *file_read(const char *path, size_t *size);
/* Calls `each` for every entry of a directory, in the disc's order, until it returns false. False: see file_error. */
bool file_list(const char *path, bool (*each)(const struct file_info *info, void *context), void *context);
/* Why the last file function failed, in a few words. */
const char *file_error(void);

/* ---- The shell. ---- */

struct command {
	const char *name;
	const char *arguments; /* "[PATH]", or "" */
	const char *help;      /* one line */
	void (*run)(int argc, char **argv);
	struct command *next; /* the shell's */
};
/* Adds a command. False if the name is taken. The structure stays the caller's and must live until it is removed. */
bool shell_add_command(struct command *command);
/* Removes it; without effect if it is not there. A module's commands are also removed when it is unloaded. */
void shell_remove_command(struct command *command);

/* ---- Modules. ---- */

#define MODULE_NAME_MAX 63
#define MODULE_MAX_SECTIONS 64

struct module_section {
	uint16_t index; /* in the file's section table */
	uint8_t *base;
	size_t size;
};

typedef struct module {
	char name[MODULE_NAME_MAX + 1];
	bool (*init)(void);
	void (*exit)(void);
	uint8_t *base; /* one heap block with every SHF_ALLOC section */
	size_t size;
	size_t section_count;
	struct module_section sections[MODULE_MAX_SECTIONS];
	struct symbol *symbols; /* functions, sorted by address; one heap block with their names */
	size_t symbol_count;
	struct module *next; /* in the registry's bucket */
} module;

/* Loads /system/modules/NAME.ko and calls its init. False: see module_error; nothing has changed. */
bool load_module(const char *name);
/* Calls the module's exit, then frees it. False: see module_error. Pointers into the module are dead afterwards. */
bool unload_module(const char *name);
/* Why the last load or unload was refused. */
const char *module_error(void);
/* A loaded module, or NULL. */
module *find_module(const char *name);
/* Where section number `section` of the module's file is now; NULL if it was not loaded, or m is NULL. */
uint8_t *module_section_base(const module *m, uint16_t section);
/* Calls `each` for every loaded module, in order of name. */
void module_each(void (*each)(const module *m, void *context), void *context);

/* ---- Symbols. ---- */

struct symbol {
	uint64_t address;
	const char *name;
	char type; /* as nm prints it; upper case is global */
};
/* The address of the kernel's global symbol `name`; 0 if there is none. */
uint64_t symbol_address(const char *name);
/* Writes "name+0x12", "module.ko:name+0x12", or the bare number. Returns false in the last case. Allocates nothing. */
bool symbol_describe(uint64_t address, char *to, size_t size);

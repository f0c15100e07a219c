/*
 * Prints what a Multiboot 1 loader left behind, one fact a line, and ends the run through port F4h with status 5.
 * Facts that depend on the memory size or on where the loader puts things are not printed, only checked.
 */
#include <stdint.h>

struct information {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
    uint32_t syms[4];
    uint32_t mmap_length, mmap_addr;
};

struct module {
    uint32_t start, end, string, reserved;
};

struct __attribute__((packed)) range {
    uint32_t size;
    uint64_t base, length;
    uint32_t type;
};

static uint32_t zeroed[1000];
extern char end[];

static void out(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static void print(const char *text) {
    while (*text) out(0x3f8, (uint8_t)*text++);
}

static void print_hex(uint32_t value) {
    for (int shift = 28; shift >= 0; shift -= 4) out(0x3f8, (uint8_t)"0123456789abcdef"[value >> shift & 15]);
}

static void fact(const char *name, uint32_t value) {
    print(name);
    print(" ");
    print_hex(value);
    print("\n");
}

static void text_fact(const char *name, const char *text) {
    print(name);
    print(" ");
    print(text);
    print("\n");
}

static uint32_t all_zero(void) {
    for (unsigned i = 0; i < sizeof zeroed / sizeof *zeroed; i++)
        if (zeroed[i]) return 0;
    return 1;
}

/* KiB of available memory at 1 MiB and above, by the map. */
static uint32_t mapped_high(const struct information *info) {
    uint32_t sum = 0;
    for (uint32_t at = info->mmap_addr; at < info->mmap_addr + info->mmap_length;) {
        const struct range *range = (const struct range *)at;
        if (range->type == 1 && range->base >= 0x100000) sum += (uint32_t)(range->length >> 10);
        at += range->size + 4;
    }
    return sum;
}

static void modules(const struct information *info) {
    const struct module *module = (const struct module *)info->mods_addr;
    for (uint32_t i = 0; i < info->mods_count; i++, module++) {
        text_fact("module", (const char *)module->string);
        fact("  on a page", (module->start & 4095) == 0);
        fact("  behind the kernel", module->start >= (uint32_t)end);
        fact("  size", module->end - module->start);
        fact("  first bytes", *(const uint32_t *)module->start);
    }
}

void kernel_main(uint32_t magic, const struct information *info) {
    uint32_t cr0, flags;
    uint16_t cs, ds;
    __asm__("mov %%cr0, %0" : "=r"(cr0));
    __asm__("pushf; pop %0" : "=r"(flags));
    __asm__("mov %%cs, %0" : "=r"(cs));
    __asm__("mov %%ds, %0" : "=r"(ds));
    fact("magic", magic);
    fact("protected, no paging", (cr0 & 0x80000001) == 1);
    fact("flags", flags & 0x20202);
    fact("ring", (cs | ds) & 3);
    fact("bss is zero", all_zero());
    fact("memory, command line, modules, map", info->flags & 0x4d);
    fact("lower memory over 600 KiB", info->mem_lower > 600 && info->mem_lower <= 640);
    fact("map has what mem_upper says", mapped_high(info) == info->mem_upper);
    text_fact("command line", (const char *)info->cmdline);
    modules(info);
    out(0xf4, 5);
}

/*
 * Dies of a triple fault, three calls deep: no exception can be delivered, as the IDT is empty.
 */
#include <stdint.h>

/* Not inlined and with frame pointers, so that the report has something to walk. */
#define CALLED __attribute__((noinline))

static void print(const char *text) {
    while (*text) __asm__ volatile("outb %0, %1" : : "a"((uint8_t)*text++), "Nd"((uint16_t)0x3f8));
}

CALLED int read_superblock(volatile int *device) {
    const struct __attribute__((packed)) {
        uint16_t limit;
        uint32_t base;
    } empty = {0, 0};
    __asm__ volatile("lidt %0" : : "m"(empty));
    __asm__ volatile("ud2");
    return *device;
}

CALLED int mount(volatile int *device) { return read_superblock(device) + 1; }

void kernel_main(uint32_t magic) {
    print("mounting the root file system\n");
    volatile int device = (int)magic;
    device = mount(&device);
    print("not reached\n");
}

/* The Bochs display interface, and what vbe.c and vbeinfo.c share. */
#pragma once
#include "registers.h"

#define DISPI_PORT_INDEX 0x1ce
#define DISPI_PORT_DATA 0x1cf
#define DISPI_ID 0
#define DISPI_XRES 1
#define DISPI_YRES 2
#define DISPI_BPP 3
#define DISPI_ENABLE 4
#define DISPI_BANK 5
#define DISPI_VIRT_WIDTH 6
#define DISPI_VIRT_HEIGHT 7
#define DISPI_X_OFFSET 8
#define DISPI_Y_OFFSET 9
#define DISPI_VIDEO_MEMORY_64K 10
#define DISPI_ID_MIN 0xb0c2 /* the first with a linear framebuffer */
#define DISPI_ID_MAX 0xb0cf
#define ENABLE_ON 0x01
#define ENABLE_8BIT_DAC 0x20
#define ENABLE_LFB 0x40
#define ENABLE_KEEP_MEMORY 0x80

struct VbeMode {
	u16 number, width, height;
	u8 bits;
};

/** A mode that fits in video memory, or NULL. */
const struct VbeMode *vbe_mode_find(u16 number);
u16 dispi_read(u16 index);
void dispi_write(u16 index, u16 value);
u32 vbe_memory_bytes(void);
extern u32 vbe_framebuffer;

/** 4F00h and 4F01h. */
bool vbe_controller_info(struct Registers *r);
bool vbe_mode_info(struct Registers *r);

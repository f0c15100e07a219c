/*
 * VBE 3.0 (VESA BIOS Extension Core Functions) over the Bochs display interface at ports 1CEh, 1CFh, with
 * the linear framebuffer that the VGA's BAR 0 shows. Mode numbers above 11Bh are those that Bochs's and QEMU's
 * video BIOSes use. No protected mode interface (4F0Ah), no DDC (4F15h).
 */
#include "bda.h"
#include "far.h"
#include "log.h"
#include "pci.h"
#include "vbe.h"
#include "vga.h"
#include "video.h"

#define VBE_OK 0x004f
#define VBE_FAILED 0x014f
#define VBE_UNSUPPORTED 0x0100
#define SET_LINEAR 0x4000
#define SET_KEEP_MEMORY 0x8000
#define SET_CRTC_INFO 0x0800
#define MODE_MASK 0x01ff
#define BDA_MODE_VBE 0x6f /* in 40:49, a number that is no VGA mode */
#define LFB_WITHOUT_PCI 0xe0000000u

static u16 current_mode; /* with SET_LINEAR and SET_KEEP_MEMORY, as 4F02h gave it; 0 in VGA modes */
u32 vbe_framebuffer;

u16 dispi_read(u16 index)
{
	outw(DISPI_PORT_INDEX, index);
	return inw(DISPI_PORT_DATA);
}

void dispi_write(u16 index, u16 value)
{
	outw(DISPI_PORT_INDEX, index);
	outw(DISPI_PORT_DATA, value);
}

static bool present(void)
{
	u16 id = dispi_read(DISPI_ID);
	return id >= DISPI_ID_MIN && id <= DISPI_ID_MAX;
}

u32 vbe_memory_bytes(void)
{
	return (u32)dispi_read(DISPI_VIDEO_MEMORY_64K) << 16;
}

void vbe_init(void)
{
	struct PciAddress vga;
	if (!present())
		return;
	vbe_framebuffer = LFB_WITHOUT_PCI;
	if (pci_find_class(CLASS_VGA, &vga))
		vbe_framebuffer = pci_read32(vga, PCI_BAR0) & ~15u;
	log("VBE: %u KiB at %08x\n", vbe_memory_bytes() >> 10, vbe_framebuffer);
}

void vbe_leave(void)
{
	current_mode = 0;
	if (vbe_framebuffer)
		dispi_write(DISPI_ENABLE, 0);
}

static void set_data_area(const struct VbeMode *m)
{
	bda->video_mode = BDA_MODE_VBE;
	bda->columns = m->width / 8;
	bda->last_row = m->height / 16 - 1;
	bda->character_height = 16;
}

/** 4F02h. */
static bool set_mode(struct Registers *r)
{
	u16 number = r->bx & MODE_MASK;
	if (number < 0x100)
		return video_set_mode(number | (r->bx & SET_KEEP_MEMORY ? 0x80 : 0));
	const struct VbeMode *m = vbe_mode_find(number);
	if (!m || (r->bx & SET_CRTC_INFO))
		return false;
	/* 13h first: it gives the registers behind the banked window, and the 256 colours. */
	video_set_mode(0x13 | 0x80);
	dispi_write(DISPI_XRES, m->width);
	dispi_write(DISPI_YRES, m->height);
	dispi_write(DISPI_BPP, m->bits);
	dispi_write(DISPI_BANK, 0);
	dispi_write(DISPI_ENABLE, ENABLE_ON | ENABLE_LFB | (r->bx & SET_KEEP_MEMORY ? ENABLE_KEEP_MEMORY : 0));
	set_data_area(m);
	current_mode = r->bx & (SET_LINEAR | SET_KEEP_MEMORY | MODE_MASK);
	return true;
}

/** 4F05h: BH=0 sets, 1 gets the 64 KiB bank of window A. The linear framebuffer has no window. */
static bool window(struct Registers *r)
{
	if (r->bl != 0 || !current_mode || (current_mode & SET_LINEAR))
		return false;
	if (r->bh == 1) {
		r->dx = dispi_read(DISPI_BANK);
		return true;
	}
	if (r->bh != 0 || (u32)r->dx << 16 >= vbe_memory_bytes())
		return false;
	dispi_write(DISPI_BANK, r->dx);
	return true;
}

/** 4F06h: the length of a line. BL 0 sets in pixels, 2 in bytes, 1 gets, 3 gets the maximum. */
static bool line_length(struct Registers *r)
{
	const struct VbeMode *m = vbe_mode_find(current_mode & MODE_MASK);
	if (!m)
		return false;
	u16 pixel_bytes = (m->bits + 7) / 8;
	u32 longest = vbe_memory_bytes() / m->height / pixel_bytes & ~7u;
	if (longest > 0x7ff8)
		longest = 0x7ff8;
	u32 pixels = dispi_read(DISPI_VIRT_WIDTH);
	if (r->bl == 0 || r->bl == 2) {
		pixels = r->bl == 0 ? r->cx : (r->cx + pixel_bytes - 1) / pixel_bytes;
		if (pixels < m->width)
			pixels = m->width;
		if (pixels > longest)
			return false;
		dispi_write(DISPI_VIRT_WIDTH, pixels);
		pixels = dispi_read(DISPI_VIRT_WIDTH);
	} else if (r->bl == 3) {
		pixels = longest;
	} else if (r->bl != 1) {
		return false;
	}
	r->bx = pixels * pixel_bytes;
	r->cx = pixels;
	r->dx = vbe_memory_bytes() / r->bx;
	return true;
}

/** 4F07h: where the screen begins. */
static bool display_start(struct Registers *r)
{
	if (!current_mode)
		return false;
	switch (r->bl) {
	case 0x00:
	case 0x80: /* during retrace: the display has none */
		dispi_write(DISPI_X_OFFSET, r->cx);
		dispi_write(DISPI_Y_OFFSET, r->dx);
		return dispi_read(DISPI_X_OFFSET) == r->cx && dispi_read(DISPI_Y_OFFSET) == r->dx;
	case 0x01:
		r->cx = dispi_read(DISPI_X_OFFSET);
		r->dx = dispi_read(DISPI_Y_OFFSET);
		r->bh = 0;
		return true;
	}
	return false;
}

/** 4F08h: BL=0 sets the DAC's width to BH bits (6 or 8), 1 gets it. */
static bool dac_width(struct Registers *r)
{
	u16 enable = dispi_read(DISPI_ENABLE);
	if (!current_mode || r->bl > 1)
		return false;
	if (r->bl == 0) {
		enable = r->bh >= 8 ? enable | ENABLE_8BIT_DAC : enable & ~ENABLE_8BIT_DAC;
		dispi_write(DISPI_ENABLE, enable | ENABLE_KEEP_MEMORY);
	}
	r->bh = enable & ENABLE_8BIT_DAC ? 8 : 6;
	return true;
}

/** 4F09h: CX entries from DX at ES:DI, four bytes each: blue, green, red, nothing. */
static bool palette(struct Registers *r)
{
	bool set = r->bl == 0x00 || r->bl == 0x80;
	if ((!set && r->bl != 0x01) || r->dx > 255 || r->cx > 256 - r->dx)
		return false;
	outb(set ? VGA_DAC_WRITE_INDEX : VGA_DAC_READ_INDEX, r->dx);
	u16 at = r->di;
	for (u16 i = 0; i < r->cx; i++, at += 4)
		for (int c = 2; c >= 0; c--)
			if (set)
				outb(VGA_DAC_DATA, peek8(r->es, at + c));
			else
				poke8(r->es, at + c, inb(VGA_DAC_DATA));
	return true;
}

/** 4F04h: DL 0 size, 1 save, 2 restore; the VGA's part, see videostate.c. */
static bool state(struct Registers *r)
{
	if (r->dl == 0)
		r->bx = (video_state_bytes(r->cx) + 63) / 64;
	else if (r->dl == 1)
		video_state_save(r->cx, r->es, r->bx);
	else if (r->dl == 2)
		video_state_restore(r->cx, r->es, r->bx);
	else
		return false;
	return true;
}

static bool get_mode(struct Registers *r)
{
	r->bx = current_mode ? current_mode : bda->video_mode;
	return true;
}

void vbe_service(struct Registers *r)
{
	static bool (*const functions[])(struct Registers *) = {
		vbe_controller_info, vbe_mode_info, set_mode,      get_mode,  state,
		window,              line_length,   display_start, dac_width, palette,
	};
	if (!vbe_framebuffer || r->al >= COUNT(functions)) {
		r->ax = VBE_UNSUPPORTED;
		return;
	}
	r->ax = functions[r->al](r) ? VBE_OK : VBE_FAILED;
}

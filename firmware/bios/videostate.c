/*
 * Saving and restoring the video state: INT 10h AH=1Ch and VBE 4F04h. CX chooses the parts.
 * Vectors 1Fh and 43h go with the data area.
 */
#include "bda.h"
#include "far.h"
#include "vga.h"
#include "video.h"

#define PART_REGISTERS 1
#define PART_DATA_AREA 2
#define PART_DAC 4

#define CRTC_COUNT 25
#define DATA_AREA_START 0x49
#define DATA_AREA_BYTES 30 /* 40:49..40:66 */
#define DATA_AREA2_START 0x84
#define DATA_AREA2_BYTES 7 /* 40:84..40:8A */

struct SavedRegisters {
	u8 misc, sequencer[5], crtc[CRTC_COUNT], attribute[21], graphics[9];
};
struct SavedDataArea {
	u8 area[DATA_AREA_BYTES], area2[DATA_AREA2_BYTES];
	struct Far font, upper;
} PACKED;
struct SavedDac {
	u8 pel_mask, colour_select, levels[768];
};

u16 video_state_bytes(u16 parts)
{
	return (parts & PART_REGISTERS ? sizeof(struct SavedRegisters) : 0) +
	       (parts & PART_DATA_AREA ? sizeof(struct SavedDataArea) : 0) +
	       (parts & PART_DAC ? sizeof(struct SavedDac) : 0);
}

static void save_registers(u16 segment, u16 offset)
{
	struct SavedRegisters s;
	s.misc = inb(VGA_MISC_READ);
	for (int i = 0; i < 5; i++)
		s.sequencer[i] = vga_read(VGA_SEQUENCER, i);
	for (int i = 0; i < CRTC_COUNT; i++)
		s.crtc[i] = vga_read(vga_crtc(), i);
	for (int i = 0; i < 21; i++)
		s.attribute[i] = attribute_read(i);
	for (int i = 0; i < 9; i++)
		s.graphics[i] = vga_read(VGA_GRAPHICS, i);
	far_copy(segment, offset, DATA_SEGMENT, (u32)&s, sizeof(s));
}

static void restore_registers(u16 segment, u16 offset)
{
	struct SavedRegisters s;
	far_copy(DATA_SEGMENT, (u32)&s, segment, offset, sizeof(s));
	vbe_leave();
	vga_write(VGA_SEQUENCER, 0, 1);
	outb(VGA_MISC_WRITE, s.misc);
	for (int i = 1; i < 5; i++)
		vga_write(VGA_SEQUENCER, i, s.sequencer[i]);
	vga_write(VGA_SEQUENCER, 0, s.sequencer[0]);
	vga_write(vga_crtc(), CR_VSYNC_END, s.crtc[CR_VSYNC_END] & ~CR_VSYNC_END_PROTECT);
	for (int i = 0; i < CRTC_COUNT; i++)
		vga_write(vga_crtc(), i, s.crtc[i]);
	for (int i = 0; i < 9; i++)
		vga_write(VGA_GRAPHICS, i, s.graphics[i]);
	for (int i = 0; i < 21; i++)
		attribute_write(i, s.attribute[i]);
}

static void save_data_area(u16 segment, u16 offset)
{
	struct SavedDataArea s;
	far_copy(DATA_SEGMENT, (u32)s.area, 0x40, DATA_AREA_START, DATA_AREA_BYTES);
	far_copy(DATA_SEGMENT, (u32)s.area2, 0x40, DATA_AREA2_START, DATA_AREA2_BYTES);
	far_copy(DATA_SEGMENT, (u32)&s.font, 0, 0x43 * 4, 4);
	far_copy(DATA_SEGMENT, (u32)&s.upper, 0, 0x1f * 4, 4);
	far_copy(segment, offset, DATA_SEGMENT, (u32)&s, sizeof(s));
}

static void restore_data_area(u16 segment, u16 offset)
{
	struct SavedDataArea s;
	far_copy(DATA_SEGMENT, (u32)&s, segment, offset, sizeof(s));
	far_copy(0x40, DATA_AREA_START, DATA_SEGMENT, (u32)s.area, DATA_AREA_BYTES);
	far_copy(0x40, DATA_AREA2_START, DATA_SEGMENT, (u32)s.area2, DATA_AREA2_BYTES);
	set_vector(0x43, s.font.segment, s.font.offset);
	set_vector(0x1f, s.upper.segment, s.upper.offset);
}

static void save_dac(u16 segment, u16 offset)
{
	poke8(segment, offset++, inb(VGA_PEL_MASK));
	poke8(segment, offset++, attribute_read(AR_COLOUR_SELECT));
	outb(VGA_DAC_READ_INDEX, 0);
	for (u16 i = 0; i < 768; i++)
		poke8(segment, offset + i, inb(VGA_DAC_DATA));
}

static void restore_dac(u16 segment, u16 offset)
{
	outb(VGA_PEL_MASK, peek8(segment, offset++));
	attribute_write(AR_COLOUR_SELECT, peek8(segment, offset++));
	outb(VGA_DAC_WRITE_INDEX, 0);
	for (u16 i = 0; i < 768; i++)
		outb(VGA_DAC_DATA, peek8(segment, offset + i));
}

static void each_part(u16 parts, u16 segment, u16 offset, bool save)
{
	if (parts & PART_REGISTERS) {
		save ? save_registers(segment, offset) : restore_registers(segment, offset);
		offset += sizeof(struct SavedRegisters);
	}
	if (parts & PART_DATA_AREA) {
		save ? save_data_area(segment, offset) : restore_data_area(segment, offset);
		offset += sizeof(struct SavedDataArea);
	}
	if (parts & PART_DAC)
		save ? save_dac(segment, offset) : restore_dac(segment, offset);
}

void video_state_save(u16 parts, u16 segment, u16 offset)
{
	each_part(parts, segment, offset, true);
}

void video_state_restore(u16 parts, u16 segment, u16 offset)
{
	each_part(parts, segment, offset, false);
}

/*
 * The VGA's modes as register values (IBM PS/2 Video Subsystem, "BIOS video parameter table"). Text modes are the
 * 400-line ones. Alike rows of the table share their parts by macros.
 */
#include "bda.h"
#include "video.h"

#define ATTRIBUTES_TEXT                                                                            \
	{0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0, 0x0f, 8}
#define ATTRIBUTES_MONO                                                                            \
	{0, 8, 8, 8, 8, 8, 8, 8, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x0e, 0, 0x0f, 8}
#define ATTRIBUTES_CGA4                                                                            \
	{0, 0x13, 0x15, 0x17, 2, 4, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 1, 0, 3, 0}
#define ATTRIBUTES_CGA2                                                                            \
	{0, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 1, 0, 1, 0}
#define ATTRIBUTES_EGA200                                                                          \
	{0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 1, 0, 0x0f, 0}
#define ATTRIBUTES_EGA_MONO                                                                        \
	{0, 8, 0, 0, 0x18, 0x18, 0, 0, 0, 8, 0, 0, 0, 0x18, 0, 0, 0x0b, 0, 5, 0}
#define ATTRIBUTES_EGA350                                                                          \
	{0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 1, 0, 0x0f, 0}
#define ATTRIBUTES_VGA2                                                                            \
	{0, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 1, 0, 0x0f, 0}
#define ATTRIBUTES_VGA256 {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 0x0f, 0}

/* GR5 mode, GR6 miscellaneous, GR7 colour don't care */
#define GRAPHICS(mode, misc, care) {0, 0, 0, 0, 0, mode, misc, care, 0xff}

/* 400 lines of text: 40, 80 columns; underline at scan line CR14h */
#define CRTC_TEXT40                                                                                \
	{0x2d, 0x27, 0x28, 0x90, 0x2b, 0xa0, 0xbf, 0x1f, 0, 0x4f, 0x0e, 0x0f, 0, 0, 0, 0,          \
	 0x9c, 0x8e, 0x8f, 0x14, 0x1f, 0x96, 0xb9, 0xa3, 0xff}
#define CRTC_TEXT80(underline)                                                                     \
	{0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0, 0x4f, 0x0e, 0x0f, 0, 0, 0, 0,          \
	 0x9c, 0x8e, 0x8f, 0x28, underline, 0x96, 0xb9, 0xa3, 0xff}
/* 200 lines, each shown twice: 320 and 640 pixels */
#define CRTC_320(scan, control)                                                                    \
	{0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0, scan, 0, 0, 0, 0, 0, 0,                \
	 0x9c, 0x8e, 0x8f, 0x14, 0, 0x96, 0xb9, control, 0xff}
#define CRTC_640(scan, underline, control)                                                         \
	{0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, scan, 0, 0, 0, 0, 0, 0,                \
	 0x9c, 0x8e, 0x8f, 0x28, underline, 0x96, 0xb9, control, 0xff}
#define CRTC_350                                                                                   \
	{0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x40, 0, 0, 0, 0, 0, 0,                \
	 0x83, 0x85, 0x5d, 0x28, 0x0f, 0x63, 0xba, 0xe3, 0xff}
#define CRTC_480(control)                                                                          \
	{0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0, 0x40, 0, 0, 0, 0, 0, 0,                \
	 0xea, 0x8c, 0xdf, 0x28, 0, 0xe7, 4, control, 0xff}

#define TEXT40(number)                                                                             \
	{number, VIDEO_TEXT, PALETTE_EGA64, 40, 25, 16, 0xb800, 0x0800, 0x67, {0x08, 3, 0, 2},     \
	 CRTC_TEXT40, ATTRIBUTES_TEXT, GRAPHICS(0x10, 0x0e, 0x00)}
#define TEXT80(number)                                                                             \
	{number, VIDEO_TEXT, PALETTE_EGA64, 80, 25, 16, 0xb800, 0x1000, 0x67, {0x00, 3, 0, 2},     \
	 CRTC_TEXT80(0x1f), ATTRIBUTES_TEXT, GRAPHICS(0x10, 0x0e, 0x00)}
#define CGA320(number)                                                                             \
	{number, VIDEO_CGA4, PALETTE_CGA16, 40, 25, 8, 0xb800, 0x4000, 0x63, {0x09, 3, 0, 2},      \
	 CRTC_320(0xc1, 0xa2), ATTRIBUTES_CGA4, GRAPHICS(0x30, 0x0f, 0x0f)}

static const struct VideoMode modes[] = {
	TEXT40(0x00),
	TEXT40(0x01),
	TEXT80(0x02),
	TEXT80(0x03),
	CGA320(0x04),
	CGA320(0x05),
	{0x06, VIDEO_CGA2, PALETTE_CGA16, 80, 25, 8, 0xb800, 0x4000, 0x63, {0x01, 1, 0, 6},
	 CRTC_640(0xc1, 0, 0xc2), ATTRIBUTES_CGA2, GRAPHICS(0x00, 0x0d, 0x0f)},
	{0x07, VIDEO_TEXT, PALETTE_MONO, 80, 25, 16, 0xb000, 0x1000, 0x66, {0x00, 3, 0, 2},
	 CRTC_TEXT80(0x0d), ATTRIBUTES_MONO, GRAPHICS(0x10, 0x0a, 0x00)},
	{0x0d, VIDEO_PLANAR, PALETTE_CGA16, 40, 25, 8, 0xa000, 0x2000, 0x63, {0x09, 0x0f, 0, 6},
	 CRTC_320(0xc0, 0xe3), ATTRIBUTES_EGA200, GRAPHICS(0x00, 0x05, 0x0f)},
	{0x0e, VIDEO_PLANAR, PALETTE_CGA16, 80, 25, 8, 0xa000, 0x4000, 0x63, {0x01, 0x0f, 0, 6},
	 CRTC_640(0xc0, 0, 0xe3), ATTRIBUTES_EGA200, GRAPHICS(0x00, 0x05, 0x0f)},
	{0x0f, VIDEO_PLANAR, PALETTE_MONO, 80, 25, 14, 0xa000, 0x8000, 0xa2, {0x01, 0x0f, 0, 6},
	 CRTC_350, ATTRIBUTES_EGA_MONO, GRAPHICS(0x00, 0x05, 0x05)},
	{0x10, VIDEO_PLANAR, PALETTE_EGA64, 80, 25, 14, 0xa000, 0x8000, 0xa3, {0x01, 0x0f, 0, 6},
	 CRTC_350, ATTRIBUTES_EGA350, GRAPHICS(0x00, 0x05, 0x0f)},
	{0x11, VIDEO_PLANAR, PALETTE_EGA64, 80, 30, 16, 0xa000, 0xa000, 0xe3, {0x01, 0x0f, 0, 6},
	 CRTC_480(0xc3), ATTRIBUTES_VGA2, GRAPHICS(0x00, 0x05, 0x01)},
	{0x12, VIDEO_PLANAR, PALETTE_EGA64, 80, 30, 16, 0xa000, 0xa000, 0xe3, {0x01, 0x0f, 0, 6},
	 CRTC_480(0xe3), ATTRIBUTES_EGA350, GRAPHICS(0x00, 0x05, 0x0f)},
	{0x13, VIDEO_LINEAR, PALETTE_VGA256, 40, 25, 8, 0xa000, 0x2000, 0x63, {0x01, 0x0f, 0, 0x0e},
	 CRTC_640(0x41, 0x40, 0xa3), ATTRIBUTES_VGA256, GRAPHICS(0x40, 0x05, 0x0f)},
};

const struct VideoMode *video_mode_find(u8 number)
{
	for (u32 i = 0; i < COUNT(modes); i++)
		if (modes[i].number == number)
			return &modes[i];
	return NULL;
}

const struct VideoMode *video_mode_current(void)
{
	return video_mode_find(bda->video_mode);
}

/*
 * VBE's tables: 4F00h (the controller) and 4F01h (one mode). Layouts are VBE 3.0's VbeInfoBlock and ModeInfoBlock.
 */
#include "bytes.h"
#include "far.h"
#include "vbe.h"

#define SIGNATURE_VBE2 0x32454256
#define SIGNATURE_VESA 0x41534556
#define CAPABILITY_8BIT_DAC 0x01
#define MODE_SUPPORTED 0x01
#define MODE_OPTIONAL_INFO 0x02
#define MODE_COLOUR 0x08
#define MODE_GRAPHICS 0x10
#define MODE_LINEAR 0x80
#define WINDOW_USABLE 0x07 /* exists, readable, writable */
#define WINDOW_KIB 64
#define MODEL_PACKED 4
#define MODEL_DIRECT 6
#define LIST_END 0xffff

extern const char vbe_window_far[];

static const char oem[] = "Gantry VBE";
static const char vendor[] = "Gantry";
static const char revision[] = "1.0";

#define SIZES(number8, number15, number16, number24, number32, width, height)                      \
	{number8, width, height, 8}, {number15, width, height, 15}, {number16, width, height, 16}, \
	{number24, width, height, 24}, {number32, width, height, 32}

static const struct VbeMode modes[] = {
	{0x100, 640, 400, 8},
	SIZES(0x101, 0x110, 0x111, 0x112, 0x142, 640, 480),
	SIZES(0x103, 0x113, 0x114, 0x115, 0x143, 800, 600),
	SIZES(0x105, 0x116, 0x117, 0x118, 0x144, 1024, 768),
	SIZES(0x107, 0x119, 0x11a, 0x11b, 0x145, 1280, 1024),
	{0x140, 320, 200, 32},
	{0x141, 640, 400, 32},
	{0x147, 1600, 1200, 32},
	{0x18d, 1280, 720, 16},
	{0x18e, 1280, 720, 24},
	{0x18f, 1280, 720, 32},
	{0x190, 1920, 1080, 16},
	{0x191, 1920, 1080, 24},
	{0x192, 1920, 1080, 32},
};

struct VbeInfoBlock {
	u32 VbeSignature;
	u16 VbeVersion;
	struct Far OemStringPtr;
	u32 Capabilities;
	struct Far VideoModePtr;
	u16 TotalMemory;
	/* VBE 2.0 */
	u16 OemSoftwareRev;
	struct Far OemVendorNamePtr, OemProductNamePtr, OemProductRevPtr;
	u16 ModeList[111]; /* in the reserved area, as the standard allows */
} PACKED;
_Static_assert(sizeof(struct VbeInfoBlock) == 256, "VbeInfoBlock, VBE 1.x's part");

struct ModeInfoBlock {
	u16 ModeAttributes;
	u8 WinAAttributes, WinBAttributes;
	u16 WinGranularity, WinSize, WinASegment, WinBSegment;
	struct Far WinFuncPtr;
	u16 BytesPerScanLine;
	u16 XResolution, YResolution;
	u8 XCharSize, YCharSize, NumberOfPlanes, BitsPerPixel, NumberOfBanks, MemoryModel, BankSize;
	u8 NumberOfImagePages, Reserved;
	u8 RedMaskSize, RedFieldPosition, GreenMaskSize, GreenFieldPosition, BlueMaskSize, BlueFieldPosition;
	u8 RsvdMaskSize, RsvdFieldPosition, DirectColorModeInfo;
	u32 PhysBasePtr, Reserved2;
	u16 Reserved3;
	/* VBE 3.0 */
	u16 LinBytesPerScanLine;
	u8 BnkNumberOfImagePages, LinNumberOfImagePages;
	u8 LinRedMaskSize, LinRedFieldPosition, LinGreenMaskSize, LinGreenFieldPosition;
	u8 LinBlueMaskSize, LinBlueFieldPosition, LinRsvdMaskSize, LinRsvdFieldPosition;
	u32 MaxPixelClock;
	u8 Reserved4[190];
} PACKED;
_Static_assert(sizeof(struct ModeInfoBlock) == 256, "ModeInfoBlock");

static u32 image_bytes(const struct VbeMode *m)
{
	return (u32)m->width * ((m->bits + 7) / 8) * m->height;
}

static bool fits(const struct VbeMode *m)
{
	return image_bytes(m) <= vbe_memory_bytes();
}

const struct VbeMode *vbe_mode_find(u16 number)
{
	for (u32 i = 0; i < COUNT(modes); i++)
		if (modes[i].number == number && fits(&modes[i]))
			return &modes[i];
	return NULL;
}

static struct Far rom(const void *text)
{
	return (struct Far){(u32)text, DATA_SEGMENT};
}

bool vbe_controller_info(struct Registers *r)
{
	struct VbeInfoBlock b;
	u16 count = 0;
	zero(&b, sizeof(b));
	bool vbe2 = peek32(r->es, r->di) == SIGNATURE_VBE2;
	b.VbeSignature = SIGNATURE_VESA;
	b.VbeVersion = 0x0300;
	b.OemStringPtr = rom(oem);
	b.Capabilities = CAPABILITY_8BIT_DAC;
	b.VideoModePtr = (struct Far){r->di + OFFSET(struct VbeInfoBlock, ModeList), r->es};
	b.TotalMemory = vbe_memory_bytes() >> 16;
	b.OemSoftwareRev = 0x0100;
	b.OemVendorNamePtr = rom(vendor);
	b.OemProductNamePtr = rom(oem);
	b.OemProductRevPtr = rom(revision);
	for (u32 i = 0; i < COUNT(modes); i++)
		if (fits(&modes[i]))
			b.ModeList[count++] = modes[i].number;
	b.ModeList[count] = LIST_END;
	far_copy(r->es, r->di, DATA_SEGMENT, (u32)&b, sizeof(b));
	if (vbe2) /* who asks for VBE 2 gives 512 bytes; the second half is OEM data */
		far_fill8(r->es, r->di + 256, 0, 256);
	return true;
}

/** Where red, green and blue lie in a pixel. */
static void fill_masks(struct ModeInfoBlock *b, u8 bits)
{
	u8 size = bits == 15 || bits == 16 ? 5 : 8, green = bits == 16 ? 6 : size;
	b->BlueMaskSize = size;
	b->GreenMaskSize = green;
	b->RedMaskSize = size;
	b->GreenFieldPosition = size;
	b->RedFieldPosition = size + green;
	b->RsvdMaskSize = bits == 15 ? 1 : bits == 32 ? 8 : 0;
	b->RsvdFieldPosition = bits == 15 ? 15 : bits == 32 ? 24 : 0;
	far_copy(DATA_SEGMENT, (u32)&b->LinRedMaskSize, DATA_SEGMENT, (u32)&b->RedMaskSize, 8);
}

static void fill_window(struct ModeInfoBlock *b)
{
	b->WinAAttributes = WINDOW_USABLE;
	b->WinGranularity = WINDOW_KIB;
	b->WinSize = WINDOW_KIB;
	b->WinASegment = 0xa000;
	b->WinFuncPtr = (struct Far){(u32)vbe_window_far, CODE_SEGMENT};
}

bool vbe_mode_info(struct Registers *r)
{
	struct ModeInfoBlock b;
	const struct VbeMode *m = vbe_mode_find(r->cx & 0x1ff);
	if (!m)
		return false;
	zero(&b, sizeof(b));
	b.ModeAttributes = MODE_SUPPORTED | MODE_OPTIONAL_INFO | MODE_COLOUR | MODE_GRAPHICS | MODE_LINEAR;
	fill_window(&b);
	b.BytesPerScanLine = m->width * ((m->bits + 7) / 8);
	b.LinBytesPerScanLine = b.BytesPerScanLine;
	b.XResolution = m->width;
	b.YResolution = m->height;
	b.XCharSize = 8;
	b.YCharSize = 16;
	b.NumberOfPlanes = 1;
	b.NumberOfBanks = 1;
	b.BitsPerPixel = m->bits;
	b.MemoryModel = m->bits == 8 ? MODEL_PACKED : MODEL_DIRECT;
	u32 images = vbe_memory_bytes() / image_bytes(m) - 1;
	b.NumberOfImagePages = images > 255 ? 255 : images;
	b.BnkNumberOfImagePages = b.NumberOfImagePages;
	b.LinNumberOfImagePages = b.NumberOfImagePages;
	b.Reserved = 1;
	if (m->bits > 8)
		fill_masks(&b, m->bits);
	b.PhysBasePtr = vbe_framebuffer;
	far_copy(r->es, r->di, DATA_SEGMENT, (u32)&b, sizeof(b));
	return true;
}

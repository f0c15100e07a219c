// The Framebuffer feature, by VBE 2.0 (INT 10h AX=4F00h..4F02h): the mode nearest to the one preferred, among those
// with a linear framebuffer and direct colour. Without VBE or without such a mode the screen stays in text mode and
// the request unanswered.
#include "boot.h"

// VBE Core Functions Standard 3.0, "ModeInfoBlock".
#define ATTRIBUTE_SUPPORTED 0x01
#define ATTRIBUTE_COLOUR 0x08
#define ATTRIBUTE_GRAPHICS 0x10
#define ATTRIBUTE_LINEAR 0x80
#define WANTED (ATTRIBUTE_SUPPORTED | ATTRIBUTE_COLOUR | ATTRIBUTE_GRAPHICS | ATTRIBUTE_LINEAR)
#define MEMORY_MODEL_DIRECT 6
#define SET_LINEAR 0x4000
#define VBE_DONE 0x004f
#define MODE_LIMIT 64

static struct {
	char signature[4];
	uint16_t version;
	uint32_t oem;
	uint32_t capabilities;
	uint16_t modes_offset, modes_segment;
	uint8_t rest[512 - 18];
} __attribute__((packed)) controller REAL_MODE;

static struct {
	uint16_t attributes;
	uint8_t windows[14];
	uint16_t pitch, width, height;
	uint8_t cell[2], planes, bpp, banks, memory_model, bank_size, pages, reserved;
	struct limine_color_masks masks;
	uint8_t reserved_mask[2], direct_colour;
	uint32_t address;
	uint8_t reserved_2[6];
	uint16_t linear_pitch;
	uint8_t linear_pages[2];
	struct limine_color_masks linear_masks;
	uint8_t rest[256 - 60];
} __attribute__((packed)) info REAL_MODE;

_Static_assert(sizeof controller == 512 && sizeof info == 256, "VBE blocks");

static struct video_mode modes[MODE_LIMIT];
static uint32_t count;

static bool vbe(uint32_t function, uint32_t bx, uint32_t cx, void *block)
{
	struct bios_registers r = {.eax = function, .ebx = bx, .ecx = cx, .edi = (uint32_t)block};
	bios_call(0x10, &r);
	return (r.eax & 0xffff) == VBE_DONE;
}

static bool usable_bpp(uint32_t bpp)
{
	return bpp == 32 || bpp == 24 || bpp == 16;
}

static void collect(uint32_t number)
{
	if (count == MODE_LIMIT || !vbe(0x4f01, 0, number, &info))
		return;
	if ((info.attributes & WANTED) != WANTED || info.memory_model != MEMORY_MODEL_DIRECT)
		return;
	if (!usable_bpp(info.bpp) || !info.address)
		return;
	bool vbe3 = controller.version >= 0x300;
	modes[count++] = (struct video_mode){
		.number = number, .address = info.address, .pitch = vbe3 ? info.linear_pitch : info.pitch,
		.width = info.width, .height = info.height, .bpp = info.bpp,
		.masks = vbe3 ? info.linear_masks : info.masks,
	};
}

static void collect_all(void)
{
	memcpy(controller.signature, "VBE2", 4);
	if (!vbe(0x4f00, 0, 0, &controller) || memcmp(controller.signature, "VESA", 4) || controller.version < 0x200)
		return;
	uint32_t list = ((uint32_t)controller.modes_segment << 4) + controller.modes_offset;
	const volatile uint16_t *number = (const volatile uint16_t *)list;
	for (uint32_t i = 0; i < 256 && number[i] != 0xffff; i++)
		collect(number[i]);
}

// How far a mode is from the one preferred; colour depth weighs most, and too large weighs more than too small.
static uint32_t distance(const struct video_mode *mode)
{
	uint32_t depth = mode->bpp == config_bpp ? 0 : mode->bpp == 32 ? 1 : mode->bpp == 24 ? 2 : 3;
	uint32_t x = mode->width > config_width ? 2 * (mode->width - config_width) : config_width - mode->width;
	uint32_t y = mode->height > config_height ? 2 * (mode->height - config_height) : config_height - mode->height;
	return (depth << 20) + x + y;
}

// Sets the nearest mode that can be set; modes that cannot are forgotten.
static const struct video_mode *set_nearest(void)
{
	while (count) {
		struct video_mode *best = modes;
		for (uint32_t i = 1; i < count; i++)
			if (distance(&modes[i]) < distance(best))
				best = &modes[i];
		if (vbe(0x4f02, best->number | SET_LINEAR, 0, NULL))
			return best;
		*best = modes[--count];
	}
	return NULL;
}

static uint64_t mode_list(void)
{
	uint64_t *pointers = answer(count * 8);
	for (uint32_t i = 0; i < count; i++) {
		struct limine_video_mode *mode = answer(sizeof *mode);
		mode->pitch = modes[i].pitch;
		mode->width = modes[i].width;
		mode->height = modes[i].height;
		mode->bpp = (uint16_t)modes[i].bpp;
		mode->memory_model = LIMINE_FRAMEBUFFER_RGB;
		mode->masks = modes[i].masks;
		pointers[i] = higher(mode);
	}
	return higher(pointers);
}

void *respond_framebuffer(struct limine_request *request)
{
	(void)request;
	collect_all();
	const struct video_mode *mode = set_nearest();
	if (!mode)
		return NULL;
	screen_is_graphic();
	memory_add(mode->address, (uint64_t)mode->address + mode->pitch * mode->height, LIMINE_MEMMAP_FRAMEBUFFER);
	struct limine_framebuffer *framebuffer = answer(sizeof *framebuffer);
	framebuffer->address = HHDM + mode->address;
	framebuffer->width = mode->width;
	framebuffer->height = mode->height;
	framebuffer->pitch = mode->pitch;
	framebuffer->bpp = (uint16_t)mode->bpp;
	framebuffer->memory_model = LIMINE_FRAMEBUFFER_RGB;
	framebuffer->masks = mode->masks;
	framebuffer->mode_count = count;
	framebuffer->modes = mode_list();
	uint64_t *pointer = answer(8);
	*pointer = higher(framebuffer);
	struct limine_list_response *response = answer(sizeof *response);
	response->revision = 1;
	response->count = 1;
	response->entries = higher(pointer);
	return response;
}

// /boot/boot.conf, optional: lines of NAME=VALUE, "#" begins a comment line.
//
//   cmdline=TEXT            the kernel's command line
//   resolution=WxH[xBPP]    the video mode to prefer, default 1024x768x32
#include "boot.h"

#define PATH "/boot/boot.conf"

const char *config_cmdline = "";
uint32_t config_width = 1024, config_height = 768, config_bpp = 32;

static uint32_t number(const char **text)
{
	uint32_t value = 0;
	while (**text >= '0' && **text <= '9')
		value = value * 10 + (uint32_t)(*(*text)++ - '0');
	return value;
}

static void resolution(const char *value)
{
	const char *at = value;
	uint32_t width = number(&at), height = 0, bpp = 32;
	if (*at == 'x')
		at++, height = number(&at);
	if (*at == 'x')
		at++, bpp = number(&at);
	if (*at || !width || !height || !bpp)
		fail(PATH ": resolution=%s is not WIDTHxHEIGHT or WIDTHxHEIGHTxBITS", value);
	config_width = width;
	config_height = height;
	config_bpp = bpp;
}

static void line(char *text, char *end)
{
	while (end > text && (end[-1] == '\r' || end[-1] == ' '))
		end--;
	*end = 0;
	if (!*text || *text == '#')
		return;
	if (!memcmp(text, "cmdline=", 8))
		config_cmdline = text + 8;
	else if (!memcmp(text, "resolution=", 11))
		resolution(text + 11);
	else
		fail(PATH ": do not know: %s", text);
}

void config_read(void)
{
	static struct iso_file file;
	if (!iso_find(PATH, &file))
		return;
	struct iso_file padded = file;
	padded.size++; // room for the last line's terminator
	char *text = iso_load(&padded, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE, PATH);
	for (char *at = text, *last = text + file.size; at < last;) {
		char *end = at;
		while (end < last && *end != '\n')
			end++;
		line(at, end);
		at = end + 1;
	}
}

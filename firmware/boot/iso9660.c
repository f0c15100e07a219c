// ISO 9660 (ECMA-119), read only: directory records of the primary hierarchy, under their Rock Ridge names where
// there are any (SUSP 1.12, RRIP: NM entries, continued through CE), else under their primary names in lower case
// without version.
//
// Limits: files of one extent, names of 255 bytes. Symbolic links are not followed.
#include "boot.h"

#define PRIMARY_DESCRIPTOR 16
#define BOOT_RECORD 17
// ECMA-119 "Format of a Directory Record", BP - 1.
#define DR_LENGTH 0
#define DR_EXTENT 2
#define DR_SIZE 10
#define DR_FLAGS 25
#define DR_NAME_LENGTH 32
#define DR_NAME 33
#define FLAG_DIRECTORY 0x02
#define NM_CONTINUE 0x01
#define NM_SPECIAL 0x06 // "." or ".."

static struct iso_file root;
static uint32_t catalog_sector, image_sector;
// Bytes at the start of every System Use field that are not SUSP's; -1 without Rock Ridge.
static int32_t skip = -1;
static uint8_t sector_buffer[SECTOR];
static uint32_t buffered_sector;
static uint8_t continuation_buffer[SECTOR];

static uint32_t get32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static const uint8_t *cached_sector(uint32_t sector)
{
	if (buffered_sector != sector)
		disk_read(sector, 1, sector_buffer);
	buffered_sector = sector;
	return sector_buffer;
}

static void read_boot_record(void)
{
	const uint8_t *record = cached_sector(BOOT_RECORD);
	if (record[0] != 0 || memcmp(record + 7, "EL TORITO SPECIFICATION", 23))
		return;
	catalog_sector = get32(record + 0x47);
	image_sector = get32(cached_sector(catalog_sector) + 0x28);
}

bool iso_is_boot_code(const struct iso_file *file)
{
	return file->extent && (file->extent == catalog_sector || file->extent == image_sector);
}

void iso_mount(void)
{
	const uint8_t *descriptor = cached_sector(PRIMARY_DESCRIPTOR);
	if (descriptor[0] != 1 || memcmp(descriptor + 1, "CD001", 5))
		fail("drive %x holds no ISO 9660 volume", (uint32_t)boot_drive);
	root = (struct iso_file){get32(descriptor + 156 + DR_EXTENT), get32(descriptor + 156 + DR_SIZE), true, "/"};
	// SUSP "SP": the root's own record begins its System Use field with it, behind a name of one byte.
	const uint8_t *entry = cached_sector(root.extent) + DR_NAME + 1;
	if (!memcmp(entry, "SP", 2) && entry[4] == 0xbe && entry[5] == 0xef)
		skip = entry[6];
	read_boot_record();
}

// Appends the NM entries of one System Use area to `name`. Returns whether a CE entry says where they go on.
static bool take_names(const uint8_t *at, const uint8_t *end, char *name, uint32_t *continued)
{
	bool more = false;
	uint32_t length = length_of(name);
	while (at + 4 <= end && at[2] >= 4 && at + at[2] <= end) {
		if (at[0] == 'N' && at[1] == 'M' && at[2] > 5 && !(at[4] & NM_SPECIAL)) {
			for (uint32_t i = 5; i < at[2] && length < 255; i++)
				name[length++] = (char)at[i];
			name[length] = 0;
		} else if (at[0] == 'C' && at[1] == 'E' && at[2] >= 28) {
			continued[0] = get32(at + 4);
			continued[1] = get32(at + 12);
			continued[2] = get32(at + 20);
			more = true;
		} else if (at[0] == 'S' && at[1] == 'T')
			break;
		at += at[2];
	}
	return more;
}

static void rock_ridge_name(const uint8_t *record, char *name)
{
	uint32_t fixed = DR_NAME + record[DR_NAME_LENGTH];
	const uint8_t *at = record + fixed + (fixed & 1) + skip, *end = record + record[DR_LENGTH];
	uint32_t continued[3] = {0};
	for (uint32_t areas = 0; take_names(at, end, name, continued) && areas < 8; areas++) {
		if (continued[1] + continued[2] > SECTOR)
			return;
		disk_read(continued[0], 1, continuation_buffer);
		at = continuation_buffer + continued[1];
		end = at + continued[2];
	}
}

static void primary_name(const uint8_t *record, char *name)
{
	uint32_t length = 0;
	for (uint32_t i = 0; i < record[DR_NAME_LENGTH] && record[DR_NAME + i] != ';'; i++) {
		char c = (char)record[DR_NAME + i];
		name[length++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	if (length && name[length - 1] == '.')
		length--;
	name[length] = 0;
}

void iso_open(const struct iso_file *directory, struct iso_cursor *cursor)
{
	*cursor = (struct iso_cursor){directory->extent, directory->size, 0};
}

// "." and ".." are left out.
bool iso_next(struct iso_cursor *cursor, struct iso_file *found)
{
	while (cursor->at < cursor->size) {
		const uint8_t *record = cached_sector(cursor->extent + cursor->at / SECTOR) + cursor->at % SECTOR;
		uint32_t length = record[DR_LENGTH];
		if (!length) { // the rest of a sector is empty
			cursor->at = (cursor->at / SECTOR + 1) * SECTOR;
			continue;
		}
		if (length < DR_NAME + (uint32_t)record[DR_NAME_LENGTH] || cursor->at % SECTOR + length > SECTOR)
			fail("a directory of the CD is damaged at sector %u", cursor->extent + cursor->at / SECTOR);
		cursor->at += length;
		if (record[DR_NAME_LENGTH] == 1 && (uint8_t)record[DR_NAME] <= 1)
			continue;
		bool directory = record[DR_FLAGS] & FLAG_DIRECTORY;
		*found = (struct iso_file){get32(record + DR_EXTENT), get32(record + DR_SIZE), directory, ""};
		if (skip >= 0)
			rock_ridge_name(record, found->name);
		if (!found->name[0])
			primary_name(record, found->name);
		return true;
	}
	return false;
}

static bool find_in(const struct iso_file *directory, const char *name, uint32_t length, struct iso_file *found)
{
	struct iso_cursor cursor;
	iso_open(directory, &cursor);
	while (iso_next(&cursor, found))
		if (length_of(found->name) == length && !memcmp(found->name, name, length))
			return true;
	return false;
}

bool iso_find(const char *path, struct iso_file *found)
{
	static struct iso_file at;
	at = root;
	while (*path) {
		while (*path == '/')
			path++;
		uint32_t length = 0;
		while (path[length] && path[length] != '/')
			length++;
		if (!length)
			break;
		if (!at.directory || !find_in(&at, path, length, found))
			return false;
		at = *found;
		path += length;
	}
	*found = at;
	return true;
}

void *iso_load(const struct iso_file *file, uint64_t type, const char *path)
{
	uint32_t count = (file->size + SECTOR - 1) / SECTOR;
	uint8_t *memory = memory_take(count ? (uint64_t)count * SECTOR : 1, PAGE, type, path);
	disk_read(file->extent, count, memory);
	uint32_t whole = ((file->size ? file->size : 1) + PAGE - 1) & ~(PAGE - 1);
	memset(memory + file->size, 0, whole - file->size);
	return memory;
}

/*
 * ISO 9660, read only. Source: ECMA-119; section titles are cited. Long names come from Rock Ridge
 * (rockridge.c) if the disc has them, else from a Joliet volume descriptor, else identifiers are shown
 * in lower case and without ";1".
 */
#include "disk.h"
#include "iso9660.h"

#define FIRST_DESCRIPTOR 16 /* "System Area" takes sectors 0 to 15 */
#define LAST_DESCRIPTOR 64
#define TYPE_PRIMARY 1
#define TYPE_SUPPLEMENTARY 2
#define TYPE_TERMINATOR 255
#define DESCRIPTOR_ESCAPES 88 /* "Escape Sequences" */
#define DESCRIPTOR_ROOT 156   /* "Directory Record for Root Directory" */

static enum { NAMES_ISO, NAMES_JOLIET, NAMES_ROCK_RIDGE } names;
static unsigned su_skip; /* bytes of each system use area before its Rock Ridge entries */

static uint32_t le32(const uint8_t *at) { return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24; }

static struct node node_of(const uint8_t *record) {
	return (struct node){
		.extent = le32(record + RECORD_EXTENT),
		.skip = record[RECORD_EXTENDED_ATTRIBUTES] * SECTOR_SIZE,
		.size = le32(record + RECORD_SIZE),
		.is_directory = record[RECORD_FLAGS] & FLAG_DIRECTORY,
	};
}

/* Joliet names UCS-2 by %/@, %/C or %/E. Source: Joliet specification, "SVD Escape Sequences Field". */
static bool is_joliet(const uint8_t *descriptor) {
	const uint8_t *escapes = descriptor + DESCRIPTOR_ESCAPES;
	return escapes[0] == '%' && escapes[1] == '/' && (escapes[2] == '@' || escapes[2] == 'C' || escapes[2] == 'E');
}

/* The root's own first record carries the SP entry if the disc uses the System Use Sharing Protocol. */
static bool has_rock_ridge(const struct node *root) {
	uint8_t sector[SECTOR_SIZE];
	if (!atapi_read(root->extent, 1, sector)) return false;
	return rock_ridge_present(sector, &su_skip);
}

bool iso_mount(struct node *root) {
	uint8_t descriptor[SECTOR_SIZE];
	struct node joliet_root = { 0 };
	bool found = false, joliet = false;
	for (uint32_t sector = FIRST_DESCRIPTOR; sector < LAST_DESCRIPTOR; sector++) {
		if (!atapi_read(sector, 1, descriptor) || memcmp(descriptor + 1, "CD001", 5) != 0) break;
		if (descriptor[0] == TYPE_TERMINATOR) break;
		if (descriptor[0] == TYPE_PRIMARY && !found) *root = node_of(descriptor + DESCRIPTOR_ROOT), found = true;
		if (descriptor[0] == TYPE_SUPPLEMENTARY && is_joliet(descriptor))
			joliet_root = node_of(descriptor + DESCRIPTOR_ROOT), joliet = true;
	}
	if (!found) return false;
	names = has_rock_ridge(root) ? NAMES_ROCK_RIDGE : joliet ? NAMES_JOLIET : NAMES_ISO;
	if (names == NAMES_JOLIET) *root = joliet_root;
	return true;
}

const char *iso_names(void) {
	return names == NAMES_ROCK_RIDGE ? "Rock Ridge" : names == NAMES_JOLIET ? "Joliet" : "ISO 9660";
}

/* UCS-2, big-endian; what is not ASCII becomes a question mark. */
static size_t joliet_name(const uint8_t *identifier, size_t length, char *to) {
	for (size_t i = 0; i < length / 2; i++)
		to[i] = identifier[2 * i] == 0 && identifier[2 * i + 1] < 0x80 ? identifier[2 * i + 1] : '?';
	return length / 2;
}

static size_t plain_name(const uint8_t *identifier, size_t length, char *to) {
	for (size_t i = 0; i < length; i++)
		to[i] = identifier[i] >= 'A' && identifier[i] <= 'Z' ? identifier[i] + 32 : identifier[i];
	return length;
}

/* "File Identifier": NAME.EXT;VERSION, with the dot also where there is no extension. */
static size_t strip_version(char *name, size_t length) {
	name[length] = 0;
	char *semicolon = strchr(name, ';');
	if (semicolon) length = semicolon - name;
	if (length > 1 && name[length - 1] == '.') length--;
	return length;
}

static void name_of(const uint8_t *record, char to[FILE_NAME_MAX + 1]) {
	const uint8_t *identifier = record + RECORD_IDENTIFIER;
	size_t length = record[RECORD_IDENTIFIER_LENGTH];
	if (names == NAMES_ROCK_RIDGE && rock_ridge_name(record, su_skip, to)) return;
	length = names == NAMES_JOLIET ? joliet_name(identifier, length, to) : plain_name(identifier, length, to);
	to[strip_version(to, length)] = 0;
}

/* "Recording Date and Time": years since 1900; the offset from UTC is not applied. */
static struct date date_of(const uint8_t *record) {
	const uint8_t *at = record + RECORD_DATE;
	return (struct date){ 1900 + at[0], at[1], at[2], at[3], at[4], at[5] };
}

/* The records of . and .. have the identifiers 00 and 01. */
static bool is_dot(const uint8_t *record) {
	return record[RECORD_IDENTIFIER_LENGTH] == 1 && record[RECORD_IDENTIFIER] <= 1;
}

/* Whether a record lies inside its sector. "Directory Record": none crosses a sector's end. */
static bool is_sound(const uint8_t *record, size_t room) {
	return record[0] >= RECORD_IDENTIFIER && record[0] <= room &&
	       RECORD_IDENTIFIER + record[RECORD_IDENTIFIER_LENGTH] <= record[0];
}

/* Sets *go_on to false when the visitor has seen enough. Returns false for a damaged sector. */
static bool list_sector(const uint8_t *sector, node_visitor visit, void *context, bool *go_on) {
	for (size_t at = 0; at < SECTOR_SIZE && sector[at] != 0 && *go_on; at += sector[at]) {
		const uint8_t *record = sector + at;
		if (!is_sound(record, SECTOR_SIZE - at)) return false;
		if (is_dot(record)) continue;
		char name[FILE_NAME_MAX + 1];
		name_of(record, name);
		struct node node = node_of(record);
		struct date date = date_of(record);
		*go_on = visit(name, &node, &date, context);
	}
	return true;
}

bool iso_list(const struct node *directory, node_visitor visit, void *context) {
	uint8_t sector[SECTOR_SIZE];
	uint32_t first = directory->extent + directory->skip / SECTOR_SIZE;
	bool go_on = true;
	for (uint32_t i = 0; i * SECTOR_SIZE < directory->size && go_on; i++)
		if (!atapi_read(first + i, 1, sector) || !list_sector(sector, visit, context, &go_on)) return false;
	return true;
}

bool iso_read(const struct node *file, void *to, size_t size) {
	uint32_t first = file->extent + file->skip / SECTOR_SIZE, whole = size / SECTOR_SIZE;
	if (!atapi_read(first, whole, to)) return false;
	size_t rest = size % SECTOR_SIZE;
	uint8_t sector[SECTOR_SIZE];
	if (rest == 0) return true;
	if (!atapi_read(first + whole, 1, sector)) return false;
	memcpy((uint8_t *)to + size - rest, sector, rest);
	return true;
}

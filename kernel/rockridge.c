/*
 * Rock Ridge names. Sources: IEEE P1281 (System Use Sharing Protocol), IEEE P1282 (Rock Ridge), "NM".
 *
 * A directory record may be followed, inside its length, by entries: two letters, length, version, data.
 * CE continues them in another sector; ST ends them.
 */
#include "disk.h"
#include "iso9660.h"

#define ENTRY_HEADER 4
#define NM_FLAGS 4
#define NM_NAME 5
#define NM_CONTINUE 0x01
#define CE_SECTOR 4
#define CE_OFFSET 12
#define CE_LENGTH 20
#define CE_SIZE 28
#define SP_SKIP 6
#define SP_SIZE 7
#define MAX_CONTINUATIONS 8 /* a loop of CE entries must end */

static bool is_entry(const uint8_t *entry, const char *signature) {
	return entry[0] == signature[0] && entry[1] == signature[1];
}

static uint32_t le32(const uint8_t *at) { return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24; }

/* The system use area: behind the identifier, which is padded to an even length. "System Use". */
static size_t area_start(const uint8_t *record) {
	size_t length = record[RECORD_IDENTIFIER_LENGTH];
	return RECORD_IDENTIFIER + length + (length % 2 == 0);
}

bool rock_ridge_present(const uint8_t *record, unsigned *skip) {
	size_t start = area_start(record);
	if (start + SP_SIZE > record[RECORD_LENGTH]) return false;
	const uint8_t *entry = record + start;
	if (!is_entry(entry, "SP") || entry[4] != 0xbe || entry[5] != 0xef) return false;
	*skip = entry[SP_SKIP];
	return true;
}

static void append(char *to, size_t *length, const uint8_t *from, size_t count) {
	for (size_t i = 0; i < count && *length < FILE_NAME_MAX; i++) to[(*length)++] = from[i];
	to[*length] = 0;
}

struct continuation {
	uint32_t sector, offset, length;
	bool given;
};

/* Collects NM entries of one area. Returns false when the name is complete or the area is damaged. */
static bool collect(const uint8_t *at, size_t room, char *to, size_t *length, struct continuation *more) {
	more->given = false;
	while (room >= ENTRY_HEADER) {
		size_t size = at[2];
		if (size < ENTRY_HEADER || size > room || is_entry(at, "ST")) return false;
		if (is_entry(at, "NM") && size >= NM_NAME) {
			append(to, length, at + NM_NAME, size - NM_NAME);
			if (!(at[NM_FLAGS] & NM_CONTINUE)) return false;
		}
		if (is_entry(at, "CE") && size >= CE_SIZE)
			*more = (struct continuation){ le32(at + CE_SECTOR), le32(at + CE_OFFSET), le32(at + CE_LENGTH), true };
		at += size, room -= size;
	}
	return more->given;
}

bool rock_ridge_name(const uint8_t *record, unsigned skip, char to[FILE_NAME_MAX + 1]) {
	size_t start = area_start(record) + skip, length = 0;
	if (start > record[RECORD_LENGTH]) return false;
	struct continuation more;
	bool go_on = collect(record + start, record[RECORD_LENGTH] - start, to, &length, &more);
	uint8_t sector[SECTOR_SIZE];
	for (int i = 0; go_on && i < MAX_CONTINUATIONS; i++) {
		if (more.offset > SECTOR_SIZE || more.length > SECTOR_SIZE - more.offset) break;
		if (!atapi_read(more.sector, 1, sector)) break;
		go_on = collect(sector + more.offset, more.length, to, &length, &more);
	}
	return length > 0;
}

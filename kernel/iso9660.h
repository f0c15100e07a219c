/*
 * What iso9660.c and rockridge.c share: a directory record. ECMA-119, "Directory Record".
 */
#pragma once

#include <kernel.h>

/* Offsets in a directory record. Numbers are stored both ways; the little-endian half comes first. */
#define RECORD_LENGTH 0
#define RECORD_EXTENDED_ATTRIBUTES 1
#define RECORD_EXTENT 2
#define RECORD_SIZE 10
#define RECORD_DATE 18
#define RECORD_FLAGS 25
#define RECORD_IDENTIFIER_LENGTH 32
#define RECORD_IDENTIFIER 33

#define FLAG_DIRECTORY 0x02

/* Whether the root directory's first record announces Rock Ridge; *skip is the SP entry's LEN_SKP. */
bool rock_ridge_present(const uint8_t *record, unsigned *skip);
/* The name from the record's NM entries. False if it has none. */
bool rock_ridge_name(const uint8_t *record, unsigned skip, char to[FILE_NAME_MAX + 1]);

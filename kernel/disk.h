/*
 * From the PCI bus to files: pci.c, atapi.c, iso9660.c with rockridge.c, path.c.
 */
#pragma once

#include <kernel.h>

void pci_init(void);

/* ---- ATAPI ---- */

#define SECTOR_SIZE 2048

/* Looks for a CD-ROM drive at the four places of the two IDE channels. */
void atapi_init(void);
/* "secondary master"; NULL if no drive was found. */
const char *atapi_place(void);
/* Whether there is a disc. *generation is another number if it may be another disc than before. */
bool atapi_ready(unsigned *generation);
/* Reads `count` sectors of 2048 bytes. False on an error or without a disc; the buffer is undefined then. */
bool atapi_read(uint32_t sector, uint32_t count, void *to);

/* ---- File systems: what path.c needs of one. ---- */

/* A file or directory. What it means is the file system's matter. */
struct node {
	uint32_t extent; /* first sector */
	uint32_t skip;   /* bytes of the extent that the extended attribute record takes */
	uint32_t size;   /* bytes */
	bool is_directory;
};

typedef bool (*node_visitor)(const char *name, const struct node *node, const struct date *modified, void *context);

/* Finds the volume on the CD and its root. False if there is no ISO 9660 volume. */
bool iso_mount(struct node *root);
/* "Rock Ridge", "Joliet" or "ISO 9660": where the names come from. */
const char *iso_names(void);
/* Visits a directory's entries but . and .., until the visitor returns false. False where it cannot be read. */
bool iso_list(const struct node *directory, node_visitor visit, void *context);
/* Reads `size` bytes from the start of a file. */
bool iso_read(const struct node *file, void *to, size_t size);

/* Mounts the CD as "/", if there is one. Another disc is mounted when a file is next asked for. */
void path_init(void);

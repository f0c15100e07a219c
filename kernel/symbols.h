/*
 * The kernel's symbols.
 */
#pragma once

#include <kernel.h>

/* Reads kernel.sym: from the loader if it brought the file, else from /boot/kernel.sym on the CD. */
void symbols_init(void);
size_t symbols_count(void);
/* In order of address. */
const struct symbol *symbols_get(size_t index);

/* The last of `count` symbols, sorted by address, that is not above `address`; NULL if there is none. */
const struct symbol *symbol_before(const struct symbol *symbols, size_t count, uint64_t address);
/* The symbol that `address` belongs to, of the module *owner or (NULL) of the kernel. NULL if there is none. */
const struct symbol *symbol_at(uint64_t address, const module **owner);
/* Sorts by address; equal addresses stay in order. */
void symbols_sort(struct symbol *symbols, size_t count);

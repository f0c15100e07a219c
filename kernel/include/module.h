/*
 * What makes an object file a module: the ABI number and the names of the two entry points. A module
 * includes <kernel.h>, which includes this.
 *
 * The number is part of the names (mod_init_v100), so a module that was built for another ABI has no
 * entry point that this kernel knows, and is refused. There is no compatibility between numbers: what
 * changes a structure or a function in kernel.h changes the number.
 */
#pragma once

/* The module ABI of this kernel. */
#define KMOD_ABI 100

/* Keeps a function in the object file, and its name in the symbol table, although nothing in the module calls it. */
#define EXPORTED __attribute__((used, visibility("default")))

/* MOD_INIT_SYM(KMOD_ABI) is mod_init_v100. The second macro lets the argument expand first. */
#define MOD_INIT_SYM(abi) MOD_INIT_SYM_(abi)
#define MOD_INIT_SYM_(abi) mod_init_v##abi
#define MOD_EXIT_SYM(abi) MOD_EXIT_SYM_(abi)
#define MOD_EXIT_SYM_(abi) mod_exit_v##abi

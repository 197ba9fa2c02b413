/*
 * Private to sym/: where the code of a module's functions lies, as its symbols have it.
 */
#ifndef FMPROF_SYM_EXTENTS_H
#define FMPROF_SYM_EXTENTS_H

#include "elf.h"

/* Start with {0}, end with free(items). */
struct sym_extents {
	struct sym_extent *items; /* by address */
	size_t count, capacity;
};

void sym_extents_fill(struct sym_extents *extents, struct sym_module *module);

/* Whether the address is inside of a function, but not its start. */
bool sym_extents_enclose(const struct sym_extents *extents, uint64_t address);

#endif

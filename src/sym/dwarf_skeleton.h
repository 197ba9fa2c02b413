/*
 * Private to the child that reads debug information: what a unit in a .dwo file needs of
 * other places to tell where its code is. libdwarf of 2021 finds that for some units only.
 */
#ifndef FMPROF_SYM_DWARF_SKELETON_H
#define FMPROF_SYM_DWARF_SKELETON_H

#include <libdwarf/libdwarf.h>

#include "dwarf_sections.h"

struct die_skeleton {
	struct sections_bytes addresses; /* .debug_addr of the program, from the unit's base on */
	struct sections_bytes ranges;    /* .debug_ranges of the program, the same (DWARF 4) */
	struct sections_bytes lists; /* .debug_rnglists.dwo, the unit's part, from its offsets on (DWARF 5) */
	Dwarf_Addr base;             /* what ranges count from */
};

/* The address of that number. False if there is none. */
bool skeleton_address(const struct die_skeleton *skeleton, Dwarf_Unsigned index, Dwarf_Addr *address);

/* The first range of a list: by its number in `lists` if it is indexed, else by its
 * offset in `ranges`. */
bool skeleton_range(const struct die_skeleton *skeleton, bool indexed, Dwarf_Unsigned where, Dwarf_Addr *low,
		    Dwarf_Addr *high);

#endif

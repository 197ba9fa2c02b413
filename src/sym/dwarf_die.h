/*
 * Private to the child that reads debug information: one entry (DIE) and its
 * unit. Runs in the child only, which ends with _exit: what libdwarf keeps
 * for long is not freed.
 */
#ifndef FMPROF_SYM_DWARF_DIE_H
#define FMPROF_SYM_DWARF_DIE_H

#include <libdwarf/dwarf.h>
#include <libdwarf/libdwarf.h>

#include "fmprof/util.h"

/* A compilation unit and the source files that its entries name by number. */
struct die_unit {
	Dwarf_Off offset; /* of its first entry */
	char *name;       /* "" if it has none */
	char **files;
	Dwarf_Signed file_count;
	Dwarf_Signed first_file; /* number of files[0] */
	bool has_base;
	Dwarf_Addr base; /* what addresses of range lists count from */
};

struct die_reader {
	Dwarf_Debug dwarf;
	struct table units; /* struct die_unit by offset */
	char *trouble;      /* the first error that libdwarf reported */
};

/* What is known of a function, gathered along its references. */
struct die_function {
	Dwarf_Off origin;                       /* of the last entry that the references lead to */
	const char *name, *linkage_name, *file; /* "" where not known */
	unsigned line;
	bool declaration, inlined; /* DW_AT_declaration, DW_AT_inline */
};

/* Takes libdwarf's result: true for DW_DLV_OK; keeps the first error's message
 * and resets *error. (A pointer, for it is passed beside the call that sets it.) */
bool die_ok(struct die_reader *reader, int result, Dwarf_Error *error);

struct die_unit *die_unit_get(struct die_reader *reader, Dwarf_Die entry);
const char *die_unit_file(const struct die_unit *unit, Dwarf_Unsigned number);

bool die_number(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half attribute, Dwarf_Unsigned *number);
bool die_reference(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half attribute, Dwarf_Off *offset);

struct die_function die_function_get(struct die_reader *reader, Dwarf_Die entry);

/* The address of a function's first instruction and the size of the code
 * around it; false if it has no code. */
bool die_entry(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry, Dwarf_Addr *address,
	       Dwarf_Unsigned *size);

#endif

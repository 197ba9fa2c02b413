/*
 * Private to the child that reads debug information: one entry (DIE) and its
 * unit. Runs in the child only, which ends with _exit: what libdwarf keeps
 * for long is not freed.
 */
#ifndef FMPROF_SYM_DWARF_DIE_H
#define FMPROF_SYM_DWARF_DIE_H

#include <libdwarf/dwarf.h>
#include <libdwarf/libdwarf.h>

#include "dwarf_sections.h"
#include "fmprof/util.h"

/* A compilation unit and the source files that its entries name by number. */
struct die_unit {
	Dwarf_Off offset; /* of its first entry */
	char *name;       /* "" if it has none */
	char **files;
	Dwarf_Signed file_count;
	Dwarf_Signed first_file; /* number of files[0] */
	bool has_base;
	Dwarf_Addr base;                     /* what addresses of range lists count from */
	const struct die_skeleton *skeleton; /* dwarf_skeleton.h: of a unit in a .dwo file; else NULL */
	char *split; /* where the rest of it is: a .dwo file, as compiled; NULL: all is here */
};

struct die_reader {
	struct dwarf_sections *sections;
	Dwarf_Debug dwarf;
	uint64_t number;              /* tells those of one child apart */
	struct table units;           /* struct die_unit by offset */
	char *trouble;                /* the first error that was met */
	struct die_reader *alternate; /* of the file that entries refer to for what files share; or NULL */
};

/* An entry that another one refers to. */
struct die_place {
	struct die_reader *reader;
	Dwarf_Off offset;
};

/* Tells entries of several files apart. */
uint64_t die_place_key(const struct die_place *place);

/* What is known of a function, gathered along its references. */
struct die_function {
	const char *name, *linkage_name, *file; /* "" where not known */
	struct die_place named;                 /* the entry that has the name */
	unsigned line;
	bool declaration; /* DW_AT_declaration */
	bool inlined;     /* it has DW_AT_inline: other entries may be copies of it */
};

/* Takes libdwarf's result: true for DW_DLV_OK; keeps the first error's message
 * and resets *error. (A pointer, for it is passed beside the call that sets it.) */
bool die_ok(struct die_reader *reader, int result, Dwarf_Error *error);

/* Opens the file's debug information; false if there is none, or it is damaged (reader->trouble). */
bool die_reader_open(struct die_reader *reader, int fd, unsigned group);
void die_reader_close(struct die_reader *reader);

struct die_unit *die_unit_get(struct die_reader *reader, Dwarf_Die entry);
/* For units that are not needed again. */
void die_unit_forget(struct die_reader *reader, struct die_unit *unit);
const char *die_unit_file(const struct die_unit *unit, Dwarf_Unsigned number);

bool die_attribute(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which, Dwarf_Attribute *attribute);
bool die_number(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half attribute, Dwarf_Unsigned *number);
bool die_text(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half attribute, const char **text);
bool die_reference(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half attribute, struct die_place *place);

Dwarf_Off die_offset(Dwarf_Die entry);

struct die_function die_function_get(struct die_reader *reader, Dwarf_Die entry);

/* The address of a function's first instruction and the size of the code
 * around it; false if it has no code. */
bool die_entry(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry, Dwarf_Addr *address,
	       Dwarf_Unsigned *size);

#endif

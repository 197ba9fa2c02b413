/*
 * Private to the child that reads debug information: how it walks, and how it tells.
 */
#ifndef FMPROF_SYM_DWARF_CHILD_H
#define FMPROF_SYM_DWARF_CHILD_H

#include "dwarf.h"
#include "dwarf_die.h"

/* Something that was seen in the unit at hand. */
struct seen {
	struct die_function function;
	Dwarf_Addr address;
	Dwarf_Unsigned size;
	bool has_code;
};

struct child {
	const struct sym_dwarf_task *task;
	const struct sym_spec *spec; /* of the task */
	int out;
	struct text pending; /* records not yet written */

	struct die_reader main;     /* of the module's file */
	struct die_reader *reader;  /* of the file at hand */
	struct die_unit *unit;      /* at hand */
	Dwarf_Die lines;            /* the entry that leads to the unit's lines */
	Dwarf_Sig8 signature;       /* in the unit's header: of its other half, from DWARF 5 on */
	bool split;                 /* other files took part */
	struct die_reader *package; /* the .dwp file; NULL if there is none */
	bool package_sought;

	struct seen *seen;
	size_t seen_count, seen_capacity;

	/* Functions that the spec names and that can be inlined, by file and offset. */
	struct table inlinable;
	bool has_code; /* one of them has code of its own */
	uint64_t places;
};

void child_tell(struct child *child, enum sym_dwarf_record kind);
void child_tell_number(struct child *child, uint64_t number);
void child_tell_string(struct child *child, const char *string);

/* Visits everything below top that can hold functions. */
typedef void entry_visitor(struct child *child, Dwarf_Die entry, Dwarf_Half tag);
void child_walk(struct child *child, Dwarf_Die top, entry_visitor *visit);

/* Visits the units that may hold functions of the spec's FILE, wherever they lie; calls `other`
 * (unless it is NULL) for those that may not. */
typedef void unit_visitor(struct child *child, Dwarf_Die top);
void child_walk_units(struct child *child, unit_visitor *visit, unit_visitor *other);

/* dwarf_split.c: visits the rest of the unit at hand, which lies in another file. */
void child_visit_split(struct child *child, Dwarf_Die top, unit_visitor *visit);

/* dwarf_functions.c, dwarf_inlined.c: the answers to both questions. */
void child_tell_functions(struct child *child);
void child_tell_inlined(struct child *child);

#endif

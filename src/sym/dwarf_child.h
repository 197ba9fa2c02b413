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
	uint64_t split_size;        /* of those that were opened */
	struct die_reader *package; /* the .dwp file; NULL if there is none */
	bool package_sought;

	struct seen *seen;
	size_t seen_count, seen_capacity;

	const char **scopes; /* namespaces and classes around the entry at hand; NULL for what is none */
	size_t scope_count, scope_capacity;

	struct table groups;    /* struct inlined_group by identity */
	struct table inlinable; /* the same by the place of an entry that is inlined somewhere */
	struct table scoped; /* names with their scopes, by the place of an entry that has no linkage name */
};

/* All entries of one function. */
struct inlined_group {
	uint64_t identity;
	bool wanted; /* its places are asked for */
	bool meant, has_code;
	uint64_t places;
};

void child_tell(struct child *child, enum sym_dwarf_record kind);
void child_tell_number(struct child *child, uint64_t number);
void child_tell_string(struct child *child, const char *string);

/* Visits everything below top that can hold functions. */
typedef void entry_visitor(struct child *child, Dwarf_Die entry, Dwarf_Half tag);
void child_walk(struct child *child, Dwarf_Die top, entry_visitor *visit);

/* Its name with the namespaces and classes around it; NULL if there are none. The caller frees it. */
char *child_scoped_name(const struct child *child, const char *name);

/* Visits the units that may hold functions of the spec's FILE, wherever they lie; calls `other`
 * (unless it is NULL) for those that may not. */
typedef void unit_visitor(struct child *child, Dwarf_Die top);
void child_walk_units(struct child *child, unit_visitor *visit, unit_visitor *other);

/* dwarf_split.c: visits the rest of the unit at hand, which lies in another file. */
void child_visit_split(struct child *child, Dwarf_Die top, unit_visitor *visit);

/* The source file that a function of the unit at hand is from. */
const char *child_function_file(const struct child *child, const struct die_function *function);
void child_tell_function(struct child *child, const struct seen *seen);

/* dwarf_inlined.c */
struct inlined_group *child_group(struct child *child, const struct die_function *function);
/* Counts a place where a function of the spec's FILE is inlined; tells the sums. */
void child_count_inlined(struct child *child, Dwarf_Die entry);
void child_tell_inlinings(struct child *child);

/* dwarf_functions.c, dwarf_details.c: the answers to both questions. */
void child_tell_functions(struct child *child);
void child_tell_details(struct child *child);

#endif

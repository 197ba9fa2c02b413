/*
 * Functions at given addresses, those that a spec names and that are inlined, and where: for the child that reads
 * debug information.
 */
#include <stdlib.h>

#include "dwarf_child.h"

static bool is_asked_for(const struct child *child, uint64_t address)
{
	const struct sym_dwarf_details *details = child->task->details;
	size_t low = 0, high = details->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (details->addresses[middle] < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < details->count && details->addresses[low] == address;
}

/* Compilers give a static function of a namespace no linkage name; only where it stands tells which one it is. */
static void note_scoped_name(struct child *child, const struct die_place *place,
			     const struct die_function *function)
{
	char *name;

	if (*function->linkage_name || function->named.reader != place->reader ||
	    function->named.offset != place->offset)
		return;
	name = child_scoped_name(child, function->name);
	if (name)
		table_put(&child->scoped, die_place_key(place), name);
}

static const char *source_name(const struct child *child, const struct die_function *function)
{
	const char *scoped = NULL;

	if (function->named.reader)
		scoped = table_get(&child->scoped, die_place_key(&function->named));
	return scoped ? scoped : function->name;
}

static bool is_meant(const struct child *child, const struct die_function *function, const char *name)
{
	return !child->task->details->only_addresses &&
	       (sym_spec_takes_name(child->spec, name) != SYM_MATCH_NONE ||
		sym_spec_takes_source(child->spec, name) ||
		sym_spec_takes_name(child->spec, function->linkage_name) != SYM_MATCH_NONE) &&
	       sym_spec_takes_file(child->spec, child_function_file(child, function));
}

static void tell_inlined(struct child *child, uint64_t identity, const struct die_function *function,
			 const char *name)
{
	child_tell(child, SYM_DWARF_INLINED);
	child_tell_number(child, identity);
	child_tell_string(child, name);
	child_tell_string(child, function->linkage_name);
	child_tell_string(child, child_function_file(child, function));
	child_tell_number(child, function->line);
}

static void see_code(struct child *child, struct seen *seen)
{
	struct inlined_group *group = child_group(child, &seen->function);

	group->has_code = true;
	if (!is_asked_for(child, seen->address))
		return;
	group->wanted = true;
	seen->function.file = child_function_file(child, &seen->function);
	child_tell_function(child, seen);
}

/* `name` is the source's, if the spec means it; else NULL. */
static void see_inlinable(struct child *child, const struct die_place *place,
			  const struct die_function *function, const char *name)
{
	struct inlined_group *group = child_group(child, function);

	table_put(&child->inlinable, die_place_key(place), group);
	if (group->meant || !name)
		return;
	group->meant = group->wanted = true;
	tell_inlined(child, group->identity, function, name);
}

/* With -flto gcc describes functions before it knows which of them it will inline: what has code, or is inlined, refers here. */
static bool is_of_lto(const struct seen *seen)
{
	return !seen->has_code && !seen->function.declaration;
}

static void see_function(struct child *child, Dwarf_Die entry, Dwarf_Half tag)
{
	const struct die_place place = {child->reader, die_offset(entry)};
	struct seen seen = {0};
	const char *name;

	if (tag != DW_TAG_subprogram)
		return;
	seen.function = die_function_get(child->reader, entry);
	note_scoped_name(child, &place, &seen.function);
	name = source_name(child, &seen.function);
	if (!is_meant(child, &seen.function, name))
		name = NULL;
	if (!name && !child->task->details->count)
		return;
	seen.has_code = die_entry(child->reader, child->unit, entry, &seen.address, &seen.size);
	if (seen.has_code && seen.address)
		see_code(child, &seen);
	else if (seen.function.inlined || is_of_lto(&seen))
		see_inlinable(child, &place, &seen.function, name);
}

static void see_place(struct child *child, Dwarf_Die entry, Dwarf_Half tag)
{
	const struct inlined_group *group;
	struct die_place origin;
	Dwarf_Unsigned file = 0, line = 0;

	if (tag != DW_TAG_inlined_subroutine ||
	    !die_reference(child->reader, entry, DW_AT_abstract_origin, &origin))
		return;
	group = table_get(&child->inlinable, die_place_key(&origin));
	if (!group || !group->wanted)
		return;
	die_number(child->reader, entry, DW_AT_call_line, &line);
	die_number(child->reader, entry, DW_AT_call_file, &file);
	child_tell(child, SYM_DWARF_PLACE);
	child_tell_number(child, group->identity);
	child_tell_string(child, die_unit_file(child->unit, file));
	child_tell_number(child, line);
}

static void find_functions(struct child *child, Dwarf_Die top)
{
	child_tell(child, SYM_DWARF_KNOWN);
	child_walk(child, top, see_function);
}

static void find_places(struct child *child, Dwarf_Die top)
{
	child_walk(child, top, see_place);
}

/* Returns whether the places of any are asked for. */
static bool tell_code(struct child *child)
{
	const struct inlined_group *group;
	bool wanted = false;
	uint64_t identity;
	size_t position = 0;

	while ((group = table_next(&child->groups, &position, &identity))) {
		wanted = wanted || group->wanted;
		if (!group->meant || !group->has_code)
			continue;
		child_tell(child, SYM_DWARF_CODE);
		child_tell_number(child, identity);
	}
	return wanted;
}

void child_tell_details(struct child *child)
{
	child_walk_units(child, find_functions, NULL);
	/* What files share are the functions of headers, and those are the inlined ones. */
	if (child->main.alternate) {
		child->reader = child->main.alternate;
		child_walk_units(child, find_functions, NULL);
		child->reader = &child->main;
	}
	if (tell_code(child))
		child_walk_units(child, find_places, NULL);
}

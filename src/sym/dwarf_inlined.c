/*
 * Where functions are inlined, for the child that reads debug information.
 */
#include "dwarf_child.h"

enum { PLACES_TOLD = 3 };

/* Tells entries of several files apart; the factor spreads the numbers over all bits. */
static uint64_t place_key(const struct die_reader *reader, Dwarf_Off offset)
{
	return reader->number * UINT64_C(0x9E3779B97F4A7C15) + offset;
}

static bool is_meant(const struct child *child, const struct die_function *function)
{
	return (sym_spec_takes_name(child->spec, function->name) != SYM_MATCH_NONE ||
		sym_spec_takes_name(child->spec, function->linkage_name) != SYM_MATCH_NONE) &&
	       sym_spec_takes_file(child->spec, *function->file ? function->file : child->unit->name);
}

static void see_inlinable(struct child *child, Dwarf_Die entry, Dwarf_Half tag)
{
	struct die_function function;
	Dwarf_Addr address;
	Dwarf_Unsigned size;
	Dwarf_Off offset;
	Dwarf_Error error = NULL;

	if (tag != DW_TAG_subprogram)
		return;
	function = die_function_get(child->reader, entry);
	if (!is_meant(child, &function))
		return;
	if (die_entry(child->reader, child->unit, entry, &address, &size) && address)
		child->has_code = true;
	else if (function.inlined && die_ok(child->reader, dwarf_dieoffset(entry, &offset, &error), &error))
		table_put(&child->inlinable, place_key(child->reader, offset), child);
}

static void see_place(struct child *child, Dwarf_Die entry, Dwarf_Half tag)
{
	struct die_place origin;
	Dwarf_Unsigned file = 0, line = 0;

	if (tag != DW_TAG_inlined_subroutine ||
	    !die_reference(child->reader, entry, DW_AT_abstract_origin, &origin) ||
	    !table_get(&child->inlinable, place_key(origin.reader, origin.offset)))
		return;
	if (child->places++ >= PLACES_TOLD || !die_number(child->reader, entry, DW_AT_call_line, &line) ||
	    !die_number(child->reader, entry, DW_AT_call_file, &file))
		return;
	child_tell(child, SYM_DWARF_PLACE);
	child_tell_string(child, die_unit_file(child->unit, file));
	child_tell_number(child, line);
}

static void find_inlinable(struct child *child, Dwarf_Die top)
{
	child_walk(child, top, see_inlinable);
}

static void find_places(struct child *child, Dwarf_Die top)
{
	child_walk(child, top, see_place);
}

void child_tell_inlined(struct child *child)
{
	child_walk_units(child, find_inlinable, NULL);
	/* What files share are the functions of headers, and those are the inlined ones. */
	if (child->main.alternate) {
		child->reader = child->main.alternate;
		child_walk_units(child, find_inlinable, NULL);
		child->reader = &child->main;
	}
	if (child->has_code || !child->inlinable.used)
		return;
	child_walk_units(child, find_places, NULL);
	child_tell(child, SYM_DWARF_PLACES);
	child_tell_number(child, child->places);
}

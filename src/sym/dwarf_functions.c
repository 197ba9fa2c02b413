/*
 * The functions of a source file, for the child that reads debug information.
 */
#include "dwarf_child.h"

const char *child_function_file(const struct child *child, const struct die_function *function)
{
	return *function->file ? function->file : child->unit->name;
}

void child_tell_function(struct child *child, const struct seen *seen)
{
	child_tell(child, SYM_DWARF_FUNCTION);
	child_tell_number(child, seen->address);
	child_tell_number(child, seen->size);
	child_tell_number(child, seen->function.line);
	child_tell_string(child, seen->function.name);
	child_tell_string(child, seen->function.linkage_name);
	child_tell_string(child, seen->function.file);
}

static void see_function(struct child *child, Dwarf_Die entry, Dwarf_Half tag)
{
	struct seen seen = {0};

	if (tag == DW_TAG_inlined_subroutine)
		child_count_inlined(child, entry);
	if (tag != DW_TAG_subprogram)
		return;
	seen.has_code = die_entry(child->reader, child->unit, entry, &seen.address, &seen.size);
	if (!seen.has_code && !sym_spec_line(child->spec))
		return;
	seen.function = die_function_get(child->reader, entry);
	seen.function.file = child_function_file(child, &seen.function);
	if ((!seen.has_code && seen.function.declaration) ||
	    !sym_spec_takes_file(child->spec, seen.function.file))
		return;
	child->seen = array_reserve(child->seen, &child->seen_capacity, child->seen_count + 1,
				    sizeof(*child->seen));
	child->seen[child->seen_count++] = seen;
}

static bool in_seen_code(const struct child *child, Dwarf_Addr address)
{
	for (size_t at = 0; at < child->seen_count; at++)
		if (child->seen[at].has_code && address >= child->seen[at].address &&
		    address - child->seen[at].address < child->seen[at].size)
			return true;
	return false;
}

/*
 * Whether a row of the line table is of the spec's file. Rows that name no
 * file are of file 1; libdwarf 20210528 says 0 in DWARF 5, where clang also
 * means file 0 by that. The code that the row is for decides.
 */
static bool row_is_of_file(const struct child *child, Dwarf_Line row)
{
	Dwarf_Unsigned number;
	Dwarf_Addr address;
	Dwarf_Error error = NULL;
	const struct die_unit *unit = child->unit;
	bool takes;

	if (dwarf_line_srcfileno(row, &number, &error) != DW_DLV_OK)
		return false;
	takes = sym_spec_takes_file(child->spec, die_unit_file(unit, number));
	if (number != 0 || unit->first_file != 0)
		return takes;
	return (takes || sym_spec_takes_file(child->spec, die_unit_file(unit, 1))) &&
	       dwarf_lineaddr(row, &address, &error) == DW_DLV_OK && in_seen_code(child, address);
}

/* The last line in [from, before) of the spec's file that has code in this
 * unit: where the function that starts at `from` ends. */
static Dwarf_Unsigned last_line(struct child *child, Dwarf_Unsigned from, Dwarf_Unsigned before)
{
	Dwarf_Unsigned version, line, last = 0;
	Dwarf_Small tables;
	Dwarf_Line_Context context;
	Dwarf_Line *lines = NULL;
	Dwarf_Signed count = 0;
	Dwarf_Error error = NULL;

	if (!die_ok(child->reader, dwarf_srclines_b(child->lines, &version, &tables, &context, &error),
		    &error))
		return 0;
	if (!die_ok(child->reader, dwarf_srclines_from_linecontext(context, &lines, &count, &error), &error))
		count = 0;
	for (Dwarf_Signed at = 0; at < count; at++)
		if (dwarf_lineno(lines[at], &line, &error) == DW_DLV_OK && line >= from && line < before &&
		    line > last && row_is_of_file(child, lines[at]))
			last = line;
	dwarf_srclines_dealloc_b(context);
	return last;
}

/* Between the start of a function and the start of the next one in the file,
 * up to the last line that has code, all lines are the function's. */
static unsigned function_around(struct child *child, unsigned wanted)
{
	unsigned from = 0;
	Dwarf_Unsigned before = (Dwarf_Unsigned)-1;

	for (size_t at = 0; at < child->seen_count; at++) {
		const unsigned line = child->seen[at].function.line;

		if (line <= wanted && line > from)
			from = line;
		if (line > wanted && line < before)
			before = line;
	}
	if (!from || (from != wanted && last_line(child, from, before) < wanted))
		return 0;
	return from;
}

static void tell_functions_of_unit(struct child *child, Dwarf_Die top)
{
	const unsigned wanted = sym_spec_line(child->spec);
	unsigned from = 0;

	child_tell(child, SYM_DWARF_KNOWN);
	child->seen_count = 0;
	child_walk(child, top, see_function);
	if (wanted)
		from = function_around(child, wanted);
	for (size_t at = 0; at < child->seen_count; at++)
		if (child->seen[at].has_code && (!wanted || (from && child->seen[at].function.line == from)))
			child_tell_function(child, &child->seen[at]);
}

static void tell_file(struct child *child, Dwarf_Die top)
{
	(void)top;
	if (!*child->unit->name)
		return;
	child_tell(child, SYM_DWARF_FILE);
	child_tell_string(child, child->unit->name);
}

void child_tell_functions(struct child *child)
{
	child_walk_units(child, tell_functions_of_unit, tell_file);
	child_tell_inlinings(child);
}

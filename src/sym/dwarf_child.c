/*
 * The child's half of dwarf.h: walks the units and tells what it finds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dwarf.h"
#include "dwarf_die.h"

enum { PLACES_TOLD = 3 };

/* Something that was seen in the unit at hand. */
struct seen {
	struct die_function function;
	Dwarf_Addr address;
	Dwarf_Unsigned size;
	bool has_code;
};

struct child {
	struct die_reader reader;
	const struct sym_spec *spec;
	enum sym_dwarf_question question;
	int out;
	struct text pending; /* records not yet written */

	struct die_unit *unit;
	struct seen *seen;
	size_t seen_count, seen_capacity;

	/* Functions that the spec names and that can be inlined, by offset. */
	struct table inlinable;
	bool has_code; /* one of them has code of its own */
	uint64_t places;
};

/* ---- telling ----------------------------------------------------------- */

static void flush(struct child *child)
{
	size_t done = 0;

	while (done < child->pending.length) {
		ssize_t got = write(child->out, child->pending.data + done, child->pending.length - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			_exit(1); /* nobody listens any more */
		done += (size_t)got;
	}
	text_clear(&child->pending);
}

static void tell(struct child *child, enum sym_dwarf_record kind)
{
	if (child->pending.length > 65536)
		flush(child);
	text_putc(&child->pending, (char)kind);
}

static void tell_number(struct child *child, uint64_t number)
{
	text_put(&child->pending, (const char *)&number, sizeof(number));
}

static void tell_string(struct child *child, const char *string)
{
	tell_number(child, strlen(string));
	text_puts(&child->pending, string);
}

static void tell_function(struct child *child, const struct seen *seen)
{
	tell(child, SYM_DWARF_FUNCTION);
	tell_number(child, seen->address);
	tell_number(child, seen->size);
	tell_number(child, seen->function.line);
	tell_string(child, seen->function.name);
	tell_string(child, seen->function.linkage_name);
	tell_string(child, seen->function.file);
}

/* ---- walking ----------------------------------------------------------- */

static bool holds_functions(Dwarf_Half tag)
{
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_partial_unit:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_inlined_subroutine:
		return true;
	default:
		return false;
	}
}

static bool sibling_get(struct child *child, Dwarf_Die entry, Dwarf_Die *sibling)
{
	Dwarf_Off here, there;
	Dwarf_Error error = NULL;

	if (!die_ok(&child->reader, dwarf_siblingof_b(child->reader.dwarf, entry, 1, sibling, &error),
		    &error))
		return false;
	/* A damaged DW_AT_sibling that leads back would never let us finish. */
	if (dwarf_dieoffset(entry, &here, &error) == DW_DLV_OK &&
	    dwarf_dieoffset(*sibling, &there, &error) == DW_DLV_OK && there > here)
		return true;
	dwarf_dealloc_die(*sibling);
	return false;
}

typedef void visitor(struct child *child, Dwarf_Die entry, Dwarf_Half tag);

/* Visits everything below top that can hold functions. The stack is our own:
 * how deep entries are nested is up to the file. */
static void walk(struct child *child, Dwarf_Die top, visitor *visit)
{
	Dwarf_Die *stack = NULL, next;
	size_t depth = 0, capacity = 0;
	Dwarf_Error error = NULL;

	if (die_ok(&child->reader, dwarf_child(top, &next, &error), &error)) {
		stack = array_reserve(stack, &capacity, 1, sizeof(*stack));
		stack[depth++] = next;
	}
	while (depth) {
		Dwarf_Die entry = stack[--depth];
		Dwarf_Half tag = 0;

		stack = array_reserve(stack, &capacity, depth + 2, sizeof(*stack));
		if (sibling_get(child, entry, &next))
			stack[depth++] = next;
		if (die_ok(&child->reader, dwarf_tag(entry, &tag, &error), &error))
			visit(child, entry, tag);
		if (holds_functions(tag) && die_ok(&child->reader, dwarf_child(entry, &next, &error), &error))
			stack[depth++] = next;
		dwarf_dealloc_die(entry);
	}
	free(stack);
}

/* A function from another unit's source, such as a header's or LTO's, has its
 * file among the files of the unit that its code is in. */
static bool unit_concerns(const struct child *child, const struct die_unit *unit)
{
	if (!child->spec->file || sym_spec_takes_file(child->spec, unit->name))
		return true;
	for (Dwarf_Signed at = 0; at < unit->file_count; at++)
		if (unit->files[at] && sym_spec_takes_file(child->spec, unit->files[at]))
			return true;
	return false;
}

typedef void unit_visitor(struct child *child, Dwarf_Die top);

static void walk_units(struct child *child, unit_visitor *visit)
{
	/* Every round reads the next header; libdwarf starts again after the last one. */
	for (;;) {
		Dwarf_Unsigned length, type_offset, next;
		Dwarf_Half version, address_size, length_size, extension_size, kind;
		Dwarf_Off abbreviations;
		Dwarf_Sig8 signature;
		Dwarf_Error error = NULL;
		Dwarf_Die top;

		if (!die_ok(&child->reader,
			    dwarf_next_cu_header_d(child->reader.dwarf, 1, &length, &version, &abbreviations,
						   &address_size, &length_size, &extension_size, &signature,
						   &type_offset, &next, &kind, &error),
			    &error))
			return;
		if (!die_ok(&child->reader, dwarf_siblingof_b(child->reader.dwarf, NULL, 1, &top, &error),
			    &error))
			continue;
		child->unit = die_unit_get(&child->reader, top);
		if (child->unit)
			visit(child, top);
		dwarf_dealloc_die(top);
	}
}

/* ---- functions of a file ----------------------------------------------- */

static void see_function(struct child *child, Dwarf_Die entry, Dwarf_Half tag)
{
	struct seen seen = {0};

	if (tag != DW_TAG_subprogram)
		return;
	seen.has_code = die_entry(&child->reader, child->unit, entry, &seen.address, &seen.size);
	if (!seen.has_code && !sym_spec_line(child->spec))
		return;
	seen.function = die_function_get(&child->reader, entry);
	if (!*seen.function.file)
		seen.function.file = child->unit->name;
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
static Dwarf_Unsigned last_line(struct child *child, Dwarf_Die top, Dwarf_Unsigned from,
				Dwarf_Unsigned before)
{
	Dwarf_Unsigned version, line, last = 0;
	Dwarf_Small tables;
	Dwarf_Line_Context context;
	Dwarf_Line *lines = NULL;
	Dwarf_Signed count = 0;
	Dwarf_Error error = NULL;

	if (!die_ok(&child->reader, dwarf_srclines_b(top, &version, &tables, &context, &error), &error))
		return 0;
	if (!die_ok(&child->reader, dwarf_srclines_from_linecontext(context, &lines, &count, &error), &error))
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
static unsigned function_around(struct child *child, Dwarf_Die top, unsigned wanted)
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
	if (!from || (from != wanted && last_line(child, top, from, before) < wanted))
		return 0;
	return from;
}

static void tell_functions_of_unit(struct child *child, Dwarf_Die top)
{
	const unsigned wanted = sym_spec_line(child->spec);
	unsigned from = 0;

	if (!unit_concerns(child, child->unit)) {
		if (*child->unit->name) {
			tell(child, SYM_DWARF_FILE);
			tell_string(child, child->unit->name);
		}
		return;
	}
	tell(child, SYM_DWARF_KNOWN);
	child->seen_count = 0;
	walk(child, top, see_function);
	if (wanted)
		from = function_around(child, top, wanted);
	for (size_t at = 0; at < child->seen_count; at++)
		if (child->seen[at].has_code && (!wanted || (from && child->seen[at].function.line == from)))
			tell_function(child, &child->seen[at]);
}

/* ---- functions that are only inlined ----------------------------------- */

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
	function = die_function_get(&child->reader, entry);
	if (!is_meant(child, &function))
		return;
	if (die_entry(&child->reader, child->unit, entry, &address, &size) && address)
		child->has_code = true;
	else if (function.inlined && die_ok(&child->reader, dwarf_dieoffset(entry, &offset, &error), &error))
		table_put(&child->inlinable, offset, child);
}

static void see_place(struct child *child, Dwarf_Die entry, Dwarf_Half tag)
{
	Dwarf_Off origin;
	Dwarf_Unsigned file = 0, line = 0;

	if (tag != DW_TAG_inlined_subroutine ||
	    !die_reference(&child->reader, entry, DW_AT_abstract_origin, &origin) ||
	    !table_get(&child->inlinable, origin))
		return;
	if (child->places++ >= PLACES_TOLD || !die_number(&child->reader, entry, DW_AT_call_line, &line) ||
	    !die_number(&child->reader, entry, DW_AT_call_file, &file))
		return;
	tell(child, SYM_DWARF_PLACE);
	tell_string(child, die_unit_file(child->unit, file));
	tell_number(child, line);
}

static void find_inlinable(struct child *child, Dwarf_Die top)
{
	if (unit_concerns(child, child->unit))
		walk(child, top, see_inlinable);
}

static void find_places(struct child *child, Dwarf_Die top)
{
	if (unit_concerns(child, child->unit))
		walk(child, top, see_place);
}

static void tell_inlined(struct child *child)
{
	walk_units(child, find_inlinable);
	if (child->has_code || !child->inlinable.used)
		return;
	walk_units(child, find_places);
	tell(child, SYM_DWARF_PLACES);
	tell_number(child, child->places);
}

/* ---- the whole --------------------------------------------------------- */

int sym_dwarf_child(int fd, const struct sym_spec *spec, enum sym_dwarf_question question, int out)
{
	struct child child = {.spec = spec, .question = question, .out = out};
	Dwarf_Error error = NULL;

	/* libdwarf would keep a tree of all that it handed out; we end with _exit. */
	dwarf_set_de_alloc_flag(0);
	if (die_ok(&child.reader,
		   dwarf_init_b(fd, DW_DLC_READ, DW_GROUPNUMBER_ANY, NULL, NULL, &child.reader.dwarf, &error),
		   &error)) {
		if (question == SYM_DWARF_FUNCTIONS)
			walk_units(&child, tell_functions_of_unit);
		else
			tell_inlined(&child);
	}
	if (child.reader.trouble) {
		tell(&child, SYM_DWARF_TROUBLE);
		tell_string(&child, child.reader.trouble);
	}
	tell(&child, SYM_DWARF_END);
	flush(&child);
	return 0;
}

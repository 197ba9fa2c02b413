#include "dwarf_die.h"

#include <stdlib.h>

bool die_ok(struct die_reader *reader, int result, Dwarf_Error *error)
{
	if (result == DW_DLV_ERROR && *error) {
		const char *why = sections_trouble(reader->sections);

		if (!reader->trouble)
			reader->trouble = mem_strdup(why ? why : dwarf_errmsg(*error));
		/* Without a Dwarf_Debug the error belongs to nobody. */
		if (reader->dwarf)
			dwarf_dealloc_error(reader->dwarf, *error);
	}
	*error = NULL;
	return result == DW_DLV_OK;
}

/* ---- attributes -------------------------------------------------------- */

bool die_attribute(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which, Dwarf_Attribute *attribute)
{
	Dwarf_Error error = NULL;

	return die_ok(reader, dwarf_attr(entry, which, attribute, &error), &error);
}

bool die_number(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which, Dwarf_Unsigned *number)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	Dwarf_Signed as_signed = 0;
	bool ok;

	if (!die_attribute(reader, entry, which, &attribute))
		return false;
	/* A constant of no stated sign is tried as unsigned; DW_FORM_sdata refuses that. */
	ok = dwarf_formudata(attribute, number, &error) == DW_DLV_OK;
	if (!ok) {
		if (error)
			dwarf_dealloc_error(reader->dwarf, error);
		error = NULL;
		ok = die_ok(reader, dwarf_formsdata(attribute, &as_signed, &error), &error) && as_signed >= 0;
		*number = (Dwarf_Unsigned)as_signed;
	}
	dwarf_dealloc_attribute(attribute);
	return ok;
}

bool die_reference(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which, struct die_place *place)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	Dwarf_Half form = 0;
	bool ok;

	if (!die_attribute(reader, entry, which, &attribute))
		return false;
	ok = die_ok(reader, dwarf_whatform(attribute, &form, &error), &error) &&
	     die_ok(reader, dwarf_global_formref(attribute, &place->offset, &error), &error);
	dwarf_dealloc_attribute(attribute);
	place->reader = form == DW_FORM_GNU_ref_alt ? reader->alternate : reader;
	return ok && place->reader;
}

static bool flag_get(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	Dwarf_Bool set = 0;

	if (!die_attribute(reader, entry, which, &attribute))
		return false;
	if (!die_ok(reader, dwarf_formflag(attribute, &set, &error), &error))
		set = 0;
	dwarf_dealloc_attribute(attribute);
	return set;
}

/* The string lies in the section, or lives as long as the child. */
bool die_text(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which, const char **text)
{
	char *found = NULL;
	Dwarf_Error error = NULL;

	if (!die_ok(reader, dwarf_die_text(entry, which, &found, &error), &error) || !found)
		return false;
	*text = found;
	return true;
}

static void text_get(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which, const char **text)
{
	if (!**text)
		die_text(reader, entry, which, text);
}

/* ---- files ------------------------------------------------------------- */

bool die_reader_open(struct die_reader *reader, int fd, unsigned group)
{
	Dwarf_Error error = NULL;

	reader->sections = sections_open(fd);
	if (!reader->sections) {
		reader->trouble = mem_strdup("it cannot be mapped");
		return false;
	}
	return die_ok(reader, sections_init(reader->sections, group, &reader->dwarf, &error), &error);
}

void die_reader_close(struct die_reader *reader)
{
	Dwarf_Error error = NULL;
	struct die_unit *unit;
	size_t position = 0;

	while (reader->dwarf && (unit = table_next(&reader->units, &position, NULL)))
		die_unit_forget(reader, unit);
	table_free(&reader->units);
	if (reader->dwarf)
		dwarf_object_finish(reader->dwarf, &error);
	if (reader->sections)
		sections_close(reader->sections);
	free(reader->trouble);
	*reader = (struct die_reader){0};
}

/* ---- units ------------------------------------------------------------- */

static struct die_unit *unit_load(struct die_reader *reader, Dwarf_Off offset, Dwarf_Die entry)
{
	struct die_unit *unit = mem_alloc(sizeof(*unit));
	const char *name = "", *split = "";
	Dwarf_Error error = NULL;
	Dwarf_Half version = 4, offset_size = 0;

	unit->offset = offset;
	text_get(reader, entry, DW_AT_name, &name);
	unit->name = mem_strdup(name);
	text_get(reader, entry, DW_AT_dwo_name, &split);
	text_get(reader, entry, DW_AT_GNU_dwo_name, &split);
	unit->split = *split ? mem_strdup(split) : NULL;
	if (!die_ok(reader, dwarf_srcfiles(entry, &unit->files, &unit->file_count, &error), &error))
		unit->file_count = 0;
	/* Files count from 1 up to DWARF 4, from 0 in DWARF 5. */
	if (dwarf_get_version_of_die(entry, &version, &offset_size) != DW_DLV_OK)
		version = 4;
	unit->first_file = version >= 5 ? 0 : 1;
	unit->has_base = die_ok(reader, dwarf_lowpc(entry, &unit->base, &error), &error);
	return unit;
}

struct die_unit *die_unit_get(struct die_reader *reader, Dwarf_Die entry)
{
	Dwarf_Off offset;
	Dwarf_Error error = NULL;
	Dwarf_Die top;
	struct die_unit *unit;

	if (!die_ok(reader, dwarf_CU_dieoffset_given_die(entry, &offset, &error), &error))
		return NULL;
	unit = table_get(&reader->units, offset);
	if (unit)
		return unit;
	if (!die_ok(reader, dwarf_offdie_b(reader->dwarf, offset, 1, &top, &error), &error))
		return NULL;
	unit = unit_load(reader, offset, top);
	dwarf_dealloc_die(top);
	table_put(&reader->units, offset, unit);
	return unit;
}

void die_unit_forget(struct die_reader *reader, struct die_unit *unit)
{
	table_remove(&reader->units, unit->offset);
	for (Dwarf_Signed at = 0; at < unit->file_count; at++)
		dwarf_dealloc(reader->dwarf, unit->files[at], DW_DLA_STRING);
	if (unit->file_count)
		dwarf_dealloc(reader->dwarf, unit->files, DW_DLA_LIST);
	free(unit->split);
	free(unit->name);
	free(unit);
}

const char *die_unit_file(const struct die_unit *unit, Dwarf_Unsigned number)
{
	const Dwarf_Signed index = (Dwarf_Signed)number - unit->first_file;

	return index >= 0 && index < unit->file_count && unit->files[index] ? unit->files[index] : "";
}

/* The factor spreads the numbers over all bits. */
uint64_t die_place_key(const struct die_place *place)
{
	return place->reader->number * UINT64_C(0x9E3779B97F4A7C15) + place->offset;
}

Dwarf_Off die_offset(Dwarf_Die entry)
{
	Dwarf_Off offset;
	Dwarf_Error error = NULL;

	return dwarf_dieoffset(entry, &offset, &error) == DW_DLV_OK ? offset : 0;
}

/* ---- functions --------------------------------------------------------- */

static void function_add(struct die_reader *reader, Dwarf_Die entry, struct die_function *function)
{
	Dwarf_Unsigned number;
	const struct die_unit *unit;

	text_get(reader, entry, DW_AT_linkage_name, &function->linkage_name);
	text_get(reader, entry, DW_AT_MIPS_linkage_name, &function->linkage_name);
	if (!function->line && die_number(reader, entry, DW_AT_decl_line, &number))
		function->line = (unsigned)number;
	if (!*function->file && die_number(reader, entry, DW_AT_decl_file, &number)) {
		unit = die_unit_get(reader, entry);
		if (unit)
			function->file = die_unit_file(unit, number);
	}
	/* Whatever it says: gcc 12 calls constructors "not inlined" that it does inline. */
	if (die_number(reader, entry, DW_AT_inline, &number))
		function->inlined = true;
}

/*
 * A function's entry may say little more than where its code is, and refer to
 * another for its name (after inlining, cloning or LTO, perhaps in another
 * unit), which refers to the declaration in its class.
 */
struct die_function die_function_get(struct die_reader *reader, Dwarf_Die entry)
{
	struct die_function function = {.name = "", .linkage_name = "", .file = ""};
	struct die_place next = {.reader = reader};
	Dwarf_Die at = entry;
	Dwarf_Error error = NULL;

	function.declaration = flag_get(reader, entry, DW_AT_declaration);
	/* Sound references make at most three steps; damaged ones may go in a circle. */
	for (int step = 0; step < 8; step++) {
		struct die_reader *here = next.reader;
		Dwarf_Die referred;
		bool ok;

		if (!*function.name && die_text(here, at, DW_AT_name, &function.name))
			function.named = (struct die_place){here, die_offset(at)};
		function_add(here, at, &function);
		if (!die_reference(here, at, DW_AT_abstract_origin, &next) &&
		    !die_reference(here, at, DW_AT_specification, &next))
			break;
		ok = die_ok(next.reader,
			    dwarf_offdie_b(next.reader->dwarf, next.offset, 1, &referred, &error), &error);
		if (at != entry)
			dwarf_dealloc_die(at);
		at = entry;
		if (!ok)
			break;
		at = referred;
	}
	if (at != entry)
		dwarf_dealloc_die(at);
	return function;
}

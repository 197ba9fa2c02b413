#include "dwarf_die.h"

#include <stdlib.h>

bool die_ok(struct die_reader *reader, int result, Dwarf_Error *error)
{
	if (result == DW_DLV_ERROR && *error) {
		if (!reader->trouble)
			reader->trouble = mem_strdup(dwarf_errmsg(*error));
		/* Without a Dwarf_Debug the error belongs to nobody. */
		if (reader->dwarf)
			dwarf_dealloc_error(reader->dwarf, *error);
	}
	*error = NULL;
	return result == DW_DLV_OK;
}

/* ---- attributes -------------------------------------------------------- */

static bool attribute_get(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which,
			  Dwarf_Attribute *attribute)
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

	if (!attribute_get(reader, entry, which, &attribute))
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

bool die_reference(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which, Dwarf_Off *offset)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	bool ok;

	if (!attribute_get(reader, entry, which, &attribute))
		return false;
	ok = die_ok(reader, dwarf_global_formref(attribute, offset, &error), &error);
	dwarf_dealloc_attribute(attribute);
	return ok;
}

static bool flag_get(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	Dwarf_Bool set = 0;

	if (!attribute_get(reader, entry, which, &attribute))
		return false;
	if (!die_ok(reader, dwarf_formflag(attribute, &set, &error), &error))
		set = 0;
	dwarf_dealloc_attribute(attribute);
	return set;
}

/* The string lies in the section, or lives as long as the child. */
static void string_get(struct die_reader *reader, Dwarf_Die entry, Dwarf_Half which, const char **string)
{
	char *found = NULL;
	Dwarf_Error error = NULL;

	if (!**string && die_ok(reader, dwarf_die_text(entry, which, &found, &error), &error) && found)
		*string = found;
}

/* ---- units ------------------------------------------------------------- */

static struct die_unit *unit_load(struct die_reader *reader, Dwarf_Off offset, Dwarf_Die entry)
{
	struct die_unit *unit = mem_alloc(sizeof(*unit));
	const char *name = "";
	Dwarf_Error error = NULL;
	Dwarf_Half version = 4, offset_size = 0;

	unit->offset = offset;
	string_get(reader, entry, DW_AT_name, &name);
	unit->name = mem_strdup(name);
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

const char *die_unit_file(const struct die_unit *unit, Dwarf_Unsigned number)
{
	const Dwarf_Signed index = (Dwarf_Signed)number - unit->first_file;

	return index >= 0 && index < unit->file_count && unit->files[index] ? unit->files[index] : "";
}

/* ---- functions --------------------------------------------------------- */

static void function_add(struct die_reader *reader, Dwarf_Die entry, struct die_function *function)
{
	Dwarf_Unsigned number;
	const struct die_unit *unit;

	string_get(reader, entry, DW_AT_name, &function->name);
	string_get(reader, entry, DW_AT_linkage_name, &function->linkage_name);
	string_get(reader, entry, DW_AT_MIPS_linkage_name, &function->linkage_name);
	if (!function->line && die_number(reader, entry, DW_AT_decl_line, &number))
		function->line = (unsigned)number;
	if (!*function->file && die_number(reader, entry, DW_AT_decl_file, &number)) {
		unit = die_unit_get(reader, entry);
		if (unit)
			function->file = die_unit_file(unit, number);
	}
	if (die_number(reader, entry, DW_AT_inline, &number))
		function->inlined = number == DW_INL_inlined || number == DW_INL_declared_inlined;
}

/*
 * A function's entry may say little more than where its code is, and refer to
 * another for its name (after inlining, cloning or LTO, perhaps in another
 * unit), which refers to the declaration in its class.
 */
struct die_function die_function_get(struct die_reader *reader, Dwarf_Die entry)
{
	struct die_function function = {.name = "", .linkage_name = "", .file = ""};
	Dwarf_Die at = entry;
	Dwarf_Error error = NULL;

	function.declaration = flag_get(reader, entry, DW_AT_declaration);
	/* Sound references make at most three steps; damaged ones may go in a circle. */
	for (int step = 0; step < 8; step++) {
		Dwarf_Off next;
		Dwarf_Die referred;
		bool ok;

		if (!die_ok(reader, dwarf_dieoffset(at, &function.origin, &error), &error))
			break;
		function_add(reader, at, &function);
		if (!die_reference(reader, at, DW_AT_abstract_origin, &next) &&
		    !die_reference(reader, at, DW_AT_specification, &next))
			break;
		ok = die_ok(reader, dwarf_offdie_b(reader->dwarf, next, 1, &referred, &error), &error);
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

/* ---- code -------------------------------------------------------------- */

static bool first_range_4(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry,
			  Dwarf_Off offset, Dwarf_Addr *low, Dwarf_Addr *high)
{
	Dwarf_Addr base = unit->has_base ? unit->base : 0;
	Dwarf_Ranges *ranges;
	Dwarf_Signed count;
	Dwarf_Off real;
	Dwarf_Unsigned bytes;
	Dwarf_Error error = NULL;
	bool found = false;

	if (!die_ok(reader,
		    dwarf_get_ranges_b(reader->dwarf, offset, entry, &real, &ranges, &count, &bytes, &error),
		    &error))
		return false;
	for (Dwarf_Signed at = 0; at < count && !found; at++) {
		if (ranges[at].dwr_type == DW_RANGES_ADDRESS_SELECTION)
			base = ranges[at].dwr_addr2;
		else if (ranges[at].dwr_type == DW_RANGES_ENTRY) {
			*low = base + ranges[at].dwr_addr1;
			*high = base + ranges[at].dwr_addr2;
			found = true;
		} else
			break;
	}
	dwarf_ranges_dealloc(reader->dwarf, ranges, count);
	return found;
}

static bool first_range_5(struct die_reader *reader, Dwarf_Attribute attribute, Dwarf_Half form,
			  Dwarf_Unsigned where, Dwarf_Addr *low, Dwarf_Addr *high)
{
	Dwarf_Rnglists_Head head;
	Dwarf_Unsigned count, offset;
	Dwarf_Error error = NULL;
	bool found = false;

	if (!die_ok(reader,
		    dwarf_rnglists_get_rle_head(attribute, form, where, &head, &count, &offset, &error),
		    &error))
		return false;
	for (Dwarf_Unsigned at = 0; at < count && !found; at++) {
		unsigned length, kind;
		Dwarf_Unsigned raw[2], cooked[2];
		Dwarf_Bool unavailable = 0;

		if (!die_ok(reader,
			    dwarf_get_rnglists_entry_fields_a(head, at, &length, &kind, &raw[0], &raw[1],
							      &unavailable, &cooked[0], &cooked[1], &error),
			    &error) ||
		    kind == DW_RLE_end_of_list || unavailable)
			break;
		if (kind == DW_RLE_base_address || kind == DW_RLE_base_addressx)
			continue;
		*low = cooked[0];
		*high = cooked[1];
		found = true;
	}
	dwarf_dealloc_rnglists_head(head);
	return found;
}

/* The first range, not the lowest: compilers put the entry there. */
static bool first_range(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry,
			Dwarf_Addr *low, Dwarf_Addr *high)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	Dwarf_Half form = 0, version = 0, offset_size;
	Dwarf_Unsigned where = 0;
	bool ok;

	if (!attribute_get(reader, entry, DW_AT_ranges, &attribute))
		return false;
	ok = die_ok(reader, dwarf_whatform(attribute, &form, &error), &error);
	if (ok && form == DW_FORM_rnglistx)
		ok = die_ok(reader, dwarf_formudata(attribute, &where, &error), &error);
	else if (ok && (form == DW_FORM_data4 || form == DW_FORM_data8)) /* DWARF 3 */
		ok = die_ok(reader, dwarf_formudata(attribute, &where, &error), &error);
	else if (ok)
		ok = die_ok(reader, dwarf_global_formref(attribute, &where, &error), &error);
	if (ok && dwarf_get_version_of_die(entry, &version, &offset_size) == DW_DLV_OK && version >= 5)
		ok = first_range_5(reader, attribute, form, where, low, high);
	else if (ok)
		ok = first_range_4(reader, unit, entry, where, low, high);
	dwarf_dealloc_attribute(attribute);
	return ok;
}

static bool low_and_high(struct die_reader *reader, Dwarf_Die entry, Dwarf_Addr *low, Dwarf_Addr *high)
{
	enum Dwarf_Form_Class class = DW_FORM_CLASS_UNKNOWN;
	Dwarf_Half form;
	Dwarf_Error error = NULL;

	if (!die_ok(reader, dwarf_lowpc(entry, low, &error), &error))
		return false;
	*high = *low;
	if (die_ok(reader, dwarf_highpc_b(entry, high, &form, &class, &error), &error) &&
	    class == DW_FORM_CLASS_CONSTANT)
		*high += *low;
	return true;
}

/* DW_AT_entry_pc is an address or, in DWARF 5, a distance from the start. */
static void move_to_entry(struct die_reader *reader, Dwarf_Die entry, Dwarf_Addr *low)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	Dwarf_Addr address;
	Dwarf_Unsigned distance;

	if (!attribute_get(reader, entry, DW_AT_entry_pc, &attribute))
		return;
	if (dwarf_formaddr(attribute, &address, &error) == DW_DLV_OK)
		*low = address;
	else {
		if (error)
			dwarf_dealloc_error(reader->dwarf, error);
		if (die_number(reader, entry, DW_AT_entry_pc, &distance))
			*low += distance;
	}
	dwarf_dealloc_attribute(attribute);
}

bool die_entry(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry, Dwarf_Addr *address,
	       Dwarf_Unsigned *size)
{
	Dwarf_Addr low, high;

	if (!low_and_high(reader, entry, &low, &high) && !first_range(reader, unit, entry, &low, &high))
		return false;
	move_to_entry(reader, entry, &low);
	*address = low;
	*size = high > low ? high - low : 0;
	return true;
}

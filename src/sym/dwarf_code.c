/*
 * Where a function's code is, for the child that reads debug information.
 */
#include "dwarf_die.h"
#include "dwarf_skeleton.h"

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

	if (!die_attribute(reader, entry, DW_AT_ranges, &attribute))
		return false;
	ok = die_ok(reader, dwarf_whatform(attribute, &form, &error), &error);
	if (ok && form == DW_FORM_rnglistx)
		ok = die_ok(reader, dwarf_formudata(attribute, &where, &error), &error);
	else if (ok && (form == DW_FORM_data4 || form == DW_FORM_data8)) /* DWARF 3 */
		ok = die_ok(reader, dwarf_formudata(attribute, &where, &error), &error);
	else if (ok)
		ok = die_ok(reader, dwarf_global_formref(attribute, &where, &error), &error);
	if (ok && unit->skeleton)
		ok = skeleton_range(unit->skeleton, form == DW_FORM_rnglistx, where, low, high);
	else if (ok && dwarf_get_version_of_die(entry, &version, &offset_size) == DW_DLV_OK && version >= 5)
		ok = first_range_5(reader, attribute, form, where, low, high);
	else if (ok)
		ok = first_range_4(reader, unit, entry, where, low, high);
	dwarf_dealloc_attribute(attribute);
	return ok;
}

static bool address_get(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry,
			Dwarf_Half which, Dwarf_Addr *address)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	Dwarf_Unsigned index;
	bool ok;

	if (!die_attribute(reader, entry, which, &attribute))
		return false;
	if (unit->skeleton && dwarf_get_debug_addr_index(attribute, &index, &error) == DW_DLV_OK)
		ok = skeleton_address(unit->skeleton, index, address);
	else
		ok = dwarf_formaddr(attribute, address, &error) == DW_DLV_OK;
	/* It may be a number, which is for the caller to try. */
	if (error)
		dwarf_dealloc_error(reader->dwarf, error);
	dwarf_dealloc_attribute(attribute);
	return ok;
}

static bool low_and_high(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry,
			 Dwarf_Addr *low, Dwarf_Addr *high)
{
	enum Dwarf_Form_Class class = DW_FORM_CLASS_UNKNOWN;
	Dwarf_Half form;
	Dwarf_Error error = NULL;

	if (!address_get(reader, unit, entry, DW_AT_low_pc, low))
		return false;
	*high = *low;
	if (die_ok(reader, dwarf_highpc_b(entry, high, &form, &class, &error), &error) &&
	    class == DW_FORM_CLASS_CONSTANT)
		*high += *low;
	return true;
}

/* DW_AT_entry_pc is an address or, in DWARF 5, a distance from the start. */
static void move_to_entry(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry,
			  Dwarf_Addr *low)
{
	Dwarf_Unsigned distance;

	if (!address_get(reader, unit, entry, DW_AT_entry_pc, low) &&
	    die_number(reader, entry, DW_AT_entry_pc, &distance))
		*low += distance;
}

bool die_entry(struct die_reader *reader, const struct die_unit *unit, Dwarf_Die entry, Dwarf_Addr *address,
	       Dwarf_Unsigned *size)
{
	Dwarf_Addr low, high;

	if (!low_and_high(reader, unit, entry, &low, &high) && !first_range(reader, unit, entry, &low, &high))
		return false;
	move_to_entry(reader, unit, entry, &low);
	*address = low;
	*size = high > low ? high - low : 0;
	return true;
}

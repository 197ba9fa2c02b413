#include "dwarf_skeleton.h"

#include <libdwarf/dwarf.h>
#include <string.h>

/* Reads on from `at`; everything after a read beyond the end is 0. */
struct reading {
	struct sections_bytes bytes;
	uint64_t at;
	bool ended;
};

static uint64_t read_fixed(struct reading *reading, size_t size)
{
	uint64_t number = 0;

	if (reading->ended || reading->at > reading->bytes.size || size > reading->bytes.size - reading->at) {
		reading->ended = true;
		return 0;
	}
	/* Of the machine's byte order, else the file was refused. */
	memcpy(&number, reading->bytes.data + reading->at, size);
	reading->at += size;
	return number;
}

static uint64_t read_uleb(struct reading *reading)
{
	uint64_t number = 0, byte;
	unsigned shift = 0;

	do {
		byte = read_fixed(reading, 1);
		if (shift < 64)
			number |= (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return number;
}

bool skeleton_address(const struct die_skeleton *skeleton, Dwarf_Unsigned index, Dwarf_Addr *address)
{
	struct reading reading = {.bytes = skeleton->addresses, .at = index * sizeof(*address)};

	if (index > skeleton->addresses.size / sizeof(*address))
		return false;
	*address = read_fixed(&reading, sizeof(*address));
	return !reading.ended;
}

/* .debug_ranges: pairs of addresses; a first one of all ones sets what the others count from. */
static bool range_4(const struct die_skeleton *skeleton, uint64_t offset, Dwarf_Addr *low, Dwarf_Addr *high)
{
	struct reading reading = {.bytes = skeleton->ranges, .at = offset};
	Dwarf_Addr base = skeleton->base;

	while (!reading.ended) {
		const uint64_t first = read_fixed(&reading, 8), second = read_fixed(&reading, 8);

		if (!first && !second)
			break;
		if (first != UINT64_MAX) {
			*low = base + first;
			*high = base + second;
			return !reading.ended;
		}
		base = second;
	}
	return false;
}

static bool range_5(const struct die_skeleton *skeleton, uint64_t offset, Dwarf_Addr *low, Dwarf_Addr *high)
{
	struct reading reading = {.bytes = skeleton->lists, .at = offset};
	Dwarf_Addr base = skeleton->base;
	bool known = true;

	while (known && !reading.ended) {
		switch (read_fixed(&reading, 1)) {
		case DW_RLE_base_addressx:
			known = skeleton_address(skeleton, read_uleb(&reading), &base);
			continue;
		case DW_RLE_base_address:
			base = read_fixed(&reading, 8);
			continue;
		case DW_RLE_startx_endx:
			known = skeleton_address(skeleton, read_uleb(&reading), low) &&
				skeleton_address(skeleton, read_uleb(&reading), high);
			break;
		case DW_RLE_startx_length:
			known = skeleton_address(skeleton, read_uleb(&reading), low);
			*high = *low + read_uleb(&reading);
			break;
		case DW_RLE_offset_pair:
			*low = base + read_uleb(&reading);
			*high = base + read_uleb(&reading);
			break;
		case DW_RLE_start_end:
			*low = read_fixed(&reading, 8);
			*high = read_fixed(&reading, 8);
			break;
		case DW_RLE_start_length:
			*low = read_fixed(&reading, 8);
			*high = *low + read_uleb(&reading);
			break;
		default:
			return false;
		}
		return known && !reading.ended;
	}
	return false;
}

bool skeleton_range(const struct die_skeleton *skeleton, bool indexed, Dwarf_Unsigned where, Dwarf_Addr *low,
		    Dwarf_Addr *high)
{
	/* The offsets that the index is for count from where they begin themselves. */
	struct reading offsets = {.bytes = skeleton->lists, .at = where * 4};
	uint64_t offset;

	if (!indexed)
		return range_4(skeleton, where, low, high);
	if (where > skeleton->lists.size / 4)
		return false;
	offset = read_fixed(&offsets, 4);
	return !offsets.ended && range_5(skeleton, offset, low, high);
}

#include "axis.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct unit {
	const char *name;
	double divisor;
	double from; /* used for ranges at least this long */
};

static const struct unit *unit_fitting(const struct unit *units, size_t count, double range)
{
	size_t i = count - 1;
	while (i > 0 && range < units[i].from)
		i--;
	return &units[i];
}

static const struct axis_unit named_units[] = {
	{"B", 1},    {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
	{"kB", 1e3}, {"KB", 1e3},     {"MB", 1e6},     {"GB", 1e9},     {"TB", 1e12},
};

const struct axis_unit *axis_unit_find(const char *name)
{
	for (size_t i = 0; i < sizeof(named_units) / sizeof(*named_units); i++)
		if (strcmp(name, named_units[i].name) == 0)
			return &named_units[i];
	return NULL;
}

void axis_set_bytes(struct axis *axis, uint64_t from, uint64_t to, const struct axis_unit *unit)
{
	static const struct unit units[] = {
		{"KiB", 0x1p10, 0},          {"MiB", 0x1p20, 0x1p20},     {"GiB", 0x1p30, 2 * 0x1p30},
		{"TiB", 0x1p40, 2 * 0x1p40}, {"PiB", 0x1p50, 2 * 0x1p50},
	};
	/* Far above zero the tics differ only in the last digits of a large unit. */
	double range = from > 0 ? 4 * ((double)to - (double)from) : (double)to;
	const struct unit *fitting = unit_fitting(units, sizeof(units) / sizeof(*units), range);
	*axis = (struct axis){
		.unit = unit ? unit->name : fitting->name,
		.divisor = unit ? unit->divisor : fitting->divisor,
	};
	axis->from = (double)from / axis->divisor;
	axis->to = (double)to / axis->divisor;
	if (!(axis->to > axis->from))
		axis->to = axis->from + 1;
}

void axis_set_time(struct axis *axis, uint64_t from_ns, uint64_t to_ns)
{
	static const struct unit units[] = {
		{"µs", 1e3, 0},       {"ms", 1e6, 1e6},          {"s", 1e9, 1e9},
		{"min", 60e9, 900e9}, {"h", 3600e9, 5 * 3600e9},
	};
	/* A recording of one instant still needs a range to be drawn in. */
	double span = to_ns > from_ns ? (double)(to_ns - from_ns) : 1e6;
	double to = (double)from_ns + span;
	const struct unit *unit = unit_fitting(units, sizeof(units) / sizeof(*units), to);
	*axis = (struct axis){.unit = unit->name, .divisor = unit->divisor};
	axis->from = (double)from_ns / unit->divisor;
	axis->to = to / unit->divisor;
}

void axis_make_log(struct axis *axis, uint64_t lowest)
{
	double from = (double)lowest / axis->divisor, least = axis->to / 1e6;

	axis->is_log = true;
	axis->from = log10(from > least ? from * 0.9 : least);
	axis->to = log10(axis->to);
}

double axis_place(const struct axis *axis, double value)
{
	double at = value / axis->divisor;

	if (!axis->is_log)
		return at;
	return at > 0 && log10(at) > axis->from ? log10(at) : axis->from;
}

void axis_set_tics(struct axis *axis, double upto, unsigned most)
{
	static const double steps[] = {1, 2, 2.5, 5, 10};
	double least = (upto - axis->from) / (most > 1 ? most : 1);
	double magnitude = pow(10, floor(log10(least)));
	size_t i = 0;
	/* The margin lets a step that fits exactly through in spite of rounding. */
	while (i < 4 && steps[i] * magnitude < least * (1 - 1e-9))
		i++;
	axis->tic_step = steps[i] * magnitude;
	/* + 0: never the -0 that ceil gives. */
	axis->tic_from = ceil(axis->from / axis->tic_step - 1e-9) * axis->tic_step + 0;
	axis->tic_to = upto + axis->tic_step * 1e-6;
}

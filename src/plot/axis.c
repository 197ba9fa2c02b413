#include "axis.h"

#include <math.h>
#include <stddef.h>

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

void axis_set_bytes(struct axis *axis, uint64_t from, uint64_t to)
{
	static const struct unit units[] = {
		{"KiB", 0x1p10, 0},          {"MiB", 0x1p20, 0x1p20},     {"GiB", 0x1p30, 2 * 0x1p30},
		{"TiB", 0x1p40, 2 * 0x1p40}, {"PiB", 0x1p50, 2 * 0x1p50},
	};
	/* Far above zero the tics differ only in the last digits of a large unit. */
	double range = from > 0 ? 4 * ((double)to - (double)from) : (double)to;
	const struct unit *unit = unit_fitting(units, sizeof(units) / sizeof(*units), range);
	axis->unit = unit->name;
	axis->divisor = unit->divisor;
	axis->from = (double)from / unit->divisor;
	axis->to = (double)to / unit->divisor;
	if (!(axis->to > axis->from))
		axis->to = axis->from + 1;
}

void axis_set_time(struct axis *axis, uint64_t span_ns)
{
	static const struct unit units[] = {
		{"µs", 1e3, 0},       {"ms", 1e6, 1e6},          {"s", 1e9, 1e9},
		{"min", 60e9, 900e9}, {"h", 3600e9, 5 * 3600e9},
	};
	/* A recording of one instant still needs a range to be drawn in. */
	double span = span_ns > 0 ? (double)span_ns : 1e6;
	const struct unit *unit = unit_fitting(units, sizeof(units) / sizeof(*units), span);
	axis->unit = unit->name;
	axis->divisor = unit->divisor;
	axis->from = 0;
	axis->to = span / unit->divisor;
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
	axis->tic_from = ceil(axis->from / axis->tic_step - 1e-9) * axis->tic_step;
	axis->tic_to = upto + axis->tic_step * 1e-6;
}

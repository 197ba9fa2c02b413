/*
 * axis: a range of bytes or nanoseconds in a unit that fits it, with tics at
 * round numbers.
 */
#ifndef FMPROF_PLOT_AXIS_H
#define FMPROF_PLOT_AXIS_H

#include <stdbool.h>
#include <stdint.h>

struct axis {
	const char *unit;
	double divisor;  /* bytes or ns in one unit */
	double from, to; /* in units; to > from always */
	double tic_from, tic_step, tic_to;
	bool is_log; /* of bytes: from and to are decimal logarithms, and so are places */
};

struct axis_unit {
	const char *name;
	double divisor;
};

/* NULL for a word that is no unit of memory. */
const struct axis_unit *axis_unit_find(const char *name);

/* In a unit that fits if `unit` is NULL. */
void axis_set_bytes(struct axis *axis, uint64_t from, uint64_t to, const struct axis_unit *unit);
void axis_set_time(struct axis *axis, uint64_t from_ns, uint64_t to_ns);
/* The same range, by logarithms, from `lowest` on; down to a millionth of its end where that is lower. */
void axis_make_log(struct axis *axis, uint64_t lowest);
/* Where a value stands. */
double axis_place(const struct axis *axis, double value);

/* Tics between from and `upto` (in units), at most `most` of them. */
void axis_set_tics(struct axis *axis, double upto, unsigned most);

#endif

/*
 * axis: a range of bytes or nanoseconds in a unit that fits it, with tics at
 * round numbers.
 */
#ifndef FMPROF_PLOT_AXIS_H
#define FMPROF_PLOT_AXIS_H

#include <stdint.h>

struct axis {
	const char *unit;
	double divisor;  /* bytes or ns in one unit */
	double from, to; /* in units; to > from always */
	double tic_from, tic_step, tic_to;
};

void axis_set_bytes(struct axis *axis, uint64_t from, uint64_t to);
void axis_set_time(struct axis *axis, uint64_t span_ns); /* from 0 */

/* Tics between from and `upto` (in units), at most `most` of them. */
void axis_set_tics(struct axis *axis, double upto, unsigned most);

#endif

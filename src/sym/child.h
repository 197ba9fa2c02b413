/*
 * Private to sym/: work that is done in a child process with limits, because
 * the libraries that do it can crash, hang or ask for any amount of memory.
 */
#ifndef FMPROF_SYM_CHILD_H
#define FMPROF_SYM_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "fmprof/util.h"

struct sym_child_limits {
	uint64_t memory; /* bytes of address space beyond what we have already */
	unsigned cpu_seconds;
	unsigned
		stalled_seconds; /* in each stretch of so long it must have used a hundredth of that: time by the
				   * clock says nothing where others want the CPU too */
};

enum sym_child_end {
	SYM_CHILD_ENDED,       /* with exit status 0; bytes holds all that it wrote */
	SYM_CHILD_CRASHED,     /* or another exit status */
	SYM_CHILD_TOO_LONG,    /* or stalled, or too much was written */
	SYM_CHILD_TOO_LARGE,   /* it ran out of memory */
	SYM_CHILD_INTERRUPTED, /* by the user */
	SYM_CHILD_NONE,        /* there could be none; errno says why */
};

/*
 * Runs work in a forked child and gathers what it writes to `out`. What it says on
 * stdout and stderr is lost. work returns the child's exit status. The caller frees bytes.
 */
enum sym_child_end sym_child_run(int (*work)(void *context, int out), void *context,
				 const struct sym_child_limits *limits, struct text *bytes);

/* For the child: it has more to do than was known when it began. */
void sym_child_raise_limits(const struct sym_child_limits *before, const struct sym_child_limits *now);

#endif

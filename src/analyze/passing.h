/*
 * The highest memory inside of calls, found while a recording is read: of many samples not all are kept.
 */
#ifndef FMPROF_ANALYZE_PASSING_H
#define FMPROF_ANALYZE_PASSING_H

#include <sys/types.h>

#include "fmprof/util.h"

/* Start with {0}. */
struct passing {
	struct table series; /* by pid; that of MEM lines is 0 */
};

struct passing_reading {
	uint64_t rss, peak; /* 0: not known */
	uint64_t begun;     /* how many calls have begun */
};

/* `open` holds the numbers of the calls that are, counted from 1 as they began. */
void passing_sample(struct passing *passing, pid_t pid, const struct passing_reading *reading,
		    const struct table *open);
/* 0 if nothing was read since that call began. */
uint64_t passing_highest(const struct passing *passing, pid_t pid, uint64_t number);
void passing_free(struct passing *passing);

#endif

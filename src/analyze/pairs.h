/* Which function of one recording is which of another. */
#ifndef FMPROF_ANALYZE_PAIRS_H
#define FMPROF_ANALYZE_PAIRS_H

#include "fmprof/analyze.h"

struct pair {
	bool has[2];
	size_t index[2]; /* into the functions of each */
};

/* Each function of both once; free() it. */
struct pair *pairs_find(const struct report *before, const struct report *after, size_t *count);

#endif

/*
 * The highest memory since any open call began, in little memory and time.
 *
 * Calls are numbered in the order in which they began. Only readings that no later one
 * exceeded can be the highest since some call, so those are all that is kept: memory falls along the list, and
 * what is asked for is the first one that was read after the call began.
 */
#ifndef FMPROF_ANALYZE_HIGHS_H
#define FMPROF_ANALYZE_HIGHS_H

#include <stddef.h>
#include <stdint.h>

struct high {
	uint64_t begun; /* the number of the last call that had begun when it was read */
	uint64_t rss;
};

/* Start with {0}. */
struct highs {
	struct high *items;
	size_t count, capacity;
};

/* `begun` never goes back. */
void highs_add(struct highs *highs, uint64_t begun, uint64_t rss);
/* 0 if nothing was read since that call began. */
uint64_t highs_since(const struct highs *highs, uint64_t call);
/* Forgets what no call that is still open can ask for; their numbers rise. */
void highs_prune(struct highs *highs, const uint64_t *open, size_t open_count);
void highs_free(struct highs *highs);

#endif

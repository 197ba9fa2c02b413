/* The list of metrics in a header, taken apart. */
#ifndef FMPROF_TRACE_METRIC_NAMES_H
#define FMPROF_TRACE_METRIC_NAMES_H

#include <stddef.h>

struct metric_names {
	char *list; /* the names, each with a NUL behind it */
	const char **names;
	size_t count;
	size_t rss; /* index of "rss", which has a place of its own in a line; count: not named */
};

/* Replaces what was there. Words that are no names (lower-case letters, digits and '_'), and those that come a
 * second time, are left out. */
void metric_names_set(struct metric_names *metrics, const char *list);
/* count if there is none of that name. */
size_t metric_names_find(const struct metric_names *metrics, const char *name);
void metric_names_free(struct metric_names *metrics);

#endif

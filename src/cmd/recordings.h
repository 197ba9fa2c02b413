/* What commands that read recordings have in common: which ones, and options among which an index may stand. */
#ifndef CMD_RECORDINGS_H
#define CMD_RECORDINGS_H

#include <getopt.h>

#include "fmprof/analyze.h"

/* The words of the command line, until recordings_find makes paths of them. Start with {0}. */
struct recordings {
	char **paths;
	size_t count, capacity;
	bool may_repeat; /* a path that is named twice is there twice */
};

/*
 * The next option, as getopt_long with opterr 0 and ":" in front of `shorts`. Words on the way, and all that are
 * left at the end, are gathered; they may be negative indices.
 */
int recordings_option(struct recordings *recordings, int argc, char **argv, const char *shorts,
		      const struct option *longs);
/* Words become paths, each once unless it may repeat. Without a word it is the newest of this folder, and said so, after `doing`. */
int recordings_find(struct recordings *recordings, const char *doing, struct error *err);
void recordings_free(struct recordings *recordings);

/* Nothing if no line is damaged. */
void recordings_say_damaged(const char *path, size_t damaged_lines, size_t first_line);

/* "A,B" in seconds from the start of a recording; either may be missing. */
int recordings_parse_window(const char *word, uint64_t *from_ns, uint64_t *to_ns, struct error *err);

#endif

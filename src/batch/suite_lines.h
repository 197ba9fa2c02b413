/* The lines of a suite's file, by section, not understood yet. */
#ifndef BATCH_SUITE_LINES_H
#define BATCH_SUITE_LINES_H

#include <stddef.h>

#include "fmprof/util.h"

struct suite_entry {
	char *key;
	char *value; /* continued lines are joined by '\n' */
	unsigned line;
};

struct suite_section {
	char *name;
	unsigned line;
	struct suite_entry *entries;
	size_t count, capacity;
};

struct suite_sections {
	struct suite_section *items;
	size_t count, capacity;
};

/* Error "path:line: why", for the first line that is wrong. */
int suite_sections_read(const char *path, struct suite_sections *sections, struct error *err);
void suite_sections_free(struct suite_sections *sections);

#endif

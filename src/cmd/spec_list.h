/* Function specs out of options and files. */
#ifndef CMD_SPEC_LIST_H
#define CMD_SPEC_LIST_H

#include "fmprof/sym.h"

struct spec_list { /* start with {0} */
	struct sym_spec *items;
	size_t count, capacity;
};

void spec_list_free(struct spec_list *list);
int spec_list_add(struct spec_list *list, const char *text, struct error *err);

/* Adds those of a file: one a line; empty lines and lines that start with # are passed over, and
 * what stands behind a # with white space around it. */
int spec_list_read(struct spec_list *list, const char *path, struct error *err);

#endif

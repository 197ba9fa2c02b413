/*
 * Private to sym/: what a spec has matched, on its way to becoming functions.
 */
#ifndef FMPROF_SYM_MATCHES_H
#define FMPROF_SYM_MATCHES_H

#include "elf.h"

static const size_t SYM_NO_INDEX = (size_t)-1;

/* A candidate. Several may stand at one address; the best one is shown. All text is someone
 * else's and must live until sym_matches_append. */
struct sym_candidate {
	uint64_t address, size;
	unsigned rank;      /* lower is better */
	size_t order;       /* set by sym_matches_add */
	const char *symbol; /* NULL if there is only debug information */
	size_t index;       /* the symbol's, in the table; SYM_NO_INDEX if it has none */
	const char *name;   /* from debug information, if the spec means this one; else NULL */
	const char *file;
	unsigned line;
	bool indirect;
};

struct sym_matches {
	const struct sym_module *module;
	const struct sym_table *table; /* of the symbols */
	struct sym_candidate *items;
	size_t count, capacity;
};

void sym_matches_add(struct sym_matches *matches, struct sym_candidate candidate);
void sym_matches_free(struct sym_matches *matches);

/* Appends one function for each address, by address, with names that tell them apart.
 * Returns how many. */
int sym_matches_append(const struct sym_matches *matches, const struct sym_spec *spec,
		       struct sym_functions *functions);

/* address.c: sym_module_find for a spec that is an address. */
int sym_find_by_address(struct sym_module *module, const struct sym_spec *spec,
			struct sym_functions *functions, struct error *err);

/* A new function at the end of the list. */
struct sym_function *sym_function_add(struct sym_functions *functions);

/* Fills the function's three names. source_name is shown where the symbol's is not readable; NULL:
 * the symbol's is. */
void sym_function_name(struct sym_function *function, const struct sym_spec *spec, const char *symbol,
		       const char *source_name);

#endif

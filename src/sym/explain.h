/*
 * Private to the files that explain why a spec matched nothing. Each puts what it knows and returns
 * whether it knew anything.
 */
#ifndef FMPROF_SYM_EXPLAIN_H
#define FMPROF_SYM_EXPLAIN_H

#include "elf.h"

struct explanation {
	const struct sym_spec *spec;
	struct sym_module **modules; /* those that the spec takes */
	size_t count;
	struct text *reason;
};

/* What bears exactly the name that the spec wants. Counts down in how well it
 * explains that no function was found. */
enum finding {
	FOUND_NOTHING,
	FOUND_UNDEFINED,
	FOUND_LABEL,
	FOUND_DATA,
	FOUND_PIECE, /* told by who knows the name */
	FOUND_FUNCTION,
	FOUND_IFUNC,
};

enum finding sym_symbol_classify(const struct sym_module *module, const struct sym_symbol *symbol);

void explain_put_where(const struct explanation *explanation);

/* explain_symbols.c: a symbol bears the name, but is no function, or not one to be traced. */
bool explain_finding(const struct explanation *explanation);

/* explain_names.c: nothing bears the name; those that are like it. */
void explain_unknown_name(const struct explanation *explanation);

#endif

/*
 * Private to sym/: a spec's PATTERN, made ready for being compared with many names.
 */
#ifndef FMPROF_SYM_PATTERN_H
#define FMPROF_SYM_PATTERN_H

#include <regex.h>

#include "fmprof/sym.h"

struct sym_pattern {
	char *canonical; /* name: see cxxname.h; without suffix */
	char *suffix;    /* name: of one clone, ".constprop.0"; or NULL */
	char *hint; /* part of every name that is meant, mangled or not; NULL if nothing is known to be */
	char *glob; /* glob: with a backslash before what is a pointer or an operator */
	bool has_parameters; /* compared with parameters too */
	bool has_template;   /* speaks of template arguments itself */
	bool is_dotted;      /* name: may be Ada's */
	bool has_expression;
	regex_t expression;
};

/* By spec->kind and spec->pattern. NULL and a reason (for people) if the regular expression is none;
 * free it. */
struct sym_pattern *sym_pattern_compile(const struct sym_spec *spec, char **reason);
void sym_pattern_free(struct sym_pattern *pattern); /* NULL is fine */

/* The pattern as a glob if it has wildcards outside of operators' names and types; else NULL.
 * The caller frees it. */
char *sym_pattern_glob(const char *text);

/* The end of the bracket expression that starts at `at`, or `at` itself if nothing closes it. */
const char *sym_bracket_end(const char *at);

#endif

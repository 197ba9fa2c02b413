/*
 * Private to sym/: comparing names as people write them with names as the
 * demangler writes them.
 */
#ifndef FMPROF_SYM_CXXNAME_H
#define FMPROF_SYM_CXXNAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One way to write each name: without white space that means nothing, `const T` as `T const`,
 * `long int` as `long`, `(void)` as `()`. Brackets that belong to an operator's name or to
 * "(anonymous namespace)" are control characters in the result, which is for
 * cxx_name_matches only.
 */
char *cxx_name_canonical(const char *text);

/*
 * Whether a canonical name is what the canonical `wanted` means. Template arguments, ABI tags, namespaces that
 * the source does not write, default arguments of standard containers, and qualifiers after the parameters may be left out in wanted.
 */
bool cxx_name_matches(const char *wanted, const char *name);

/* Without template arguments and ABI tags, otherwise as it was. NULL if it has none. */
char *cxx_name_strip(const char *text);

/* With std::string for what the demangler makes of it. NULL if it is not in there. */
char *cxx_name_shorten(const char *text);

/* Whether the text has parameters in it: f(int), but not operator(). */
bool cxx_name_has_parameters(const char *text);

/* Up to its parameters; NULL if it has none. */
char *cxx_name_without_parameters(const char *text);

bool cxx_starts_with(const char *text, const char *part);

/* How many bytes of an operator's name start here: 10 of "operator<<(int)", 12 of "operator new"; of
 * "operator int" only those of the word. 0 if no operator's name starts here. */
size_t cxx_operator_length(const char *text, const char *at);

/* Where the template arguments, parameters or index that open at `at` end: behind the closing
 * bracket, or at the end of the text if nothing closes it. */
const char *cxx_brackets_end(const char *text, const char *at);

#endif

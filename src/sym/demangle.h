/*
 * Private to sym/: names of C++, Rust, D and Ada, out of the form that the
 * linker sees. What libiberty does is bounded here: a name may be hostile.
 */
#ifndef FMPROF_SYM_DEMANGLE_H
#define FMPROF_SYM_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

enum sym_demangled {
	SYM_DEMANGLED_NAME,      /* ns::Parser<int>::parse, ns::id<int> */
	SYM_DEMANGLED_SIGNATURE, /* with parameters: ns::id<int>(int) */
	SYM_DEMANGLED_FULL,      /* as nm -C has it: int ns::id<int>(int) */
};

/* Whether the name looks mangled. True for some that are not. */
bool sym_is_mangled(const char *name);

/* The readable form of name[0, length); NULL if it is not mangled, or too long or too
 * deep to be worth it. Without clone suffixes and @VERSION, please. */
char *sym_demangle(const char *name, size_t length, enum sym_demangled form);

/* GNAT's pkg__sub__proc as pkg.sub.proc. C names may look the same, so it is asked for
 * only where somebody writes an Ada name. NULL if it cannot be one. */
char *sym_demangle_ada(const char *name, size_t length);

/* "deleting", "base" or "complete" for C++'s several copies of one constructor or
 * destructor, which bear the same readable name; else NULL. */
const char *sym_structor_kind(const char *name, size_t length);

#endif

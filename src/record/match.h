/* What specs match in the modules of a process. Private to record/. */
#ifndef RECORD_MATCH_H
#define RECORD_MATCH_H

#include "recorder.h"

struct match {
	size_t module; /* in recorded->modules */
	struct sym_function function;
};

struct matches {
	struct match *items;
	size_t count, capacity;
};

void matches_free(struct matches *matches);

/*
 * Without MODULE! the main executable is searched, and only if it has nothing, the
 * libraries. How many functions, or -1 and a reason.
 */
int match_spec(struct recorded *recorded, const struct sym_spec *spec, bool only_new, struct matches *matches,
	       struct error *err);

/* Takes away what a spec names, in every module that has a match. Returns how many, or -1 and a reason. */
int match_exclude(struct recorded *recorded, const struct sym_spec *spec, struct matches *matches,
		  struct error *err);

/* A spec that names a module which no loaded one fits waits for dlopen. */
bool match_is_pending(const struct recorded *recorded, const struct sym_spec *spec);

/* ifunc.c: puts the address of the code that was chosen in place of that of an IFUNC. False if it is not known, in
 * a static program, or in a library that dlopen is still about to relocate. */
bool ifunc_resolve(const struct recorded *recorded, const struct loaded_module *definer,
		   struct sym_function *function);

#endif

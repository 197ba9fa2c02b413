/*
 * Private to sym/: what large debug files were asked before, kept in the user's cache
 * folder ($XDG_CACHE_HOME/fmprof, else ~/.cache/fmprof).
 *
 * An entry is the answer to one question about one build of a program. Without a
 * folder that may be written, or with an entry that is damaged, there is no answer, and no word
 * about it: it is found again. The folder is kept below 64 MiB; what was not used for longest goes first.
 */
#ifndef FMPROF_SYM_CACHE_H
#define FMPROF_SYM_CACHE_H

#include "dwarf.h"

/* What an answer depends on. All NULL: nothing is kept, nothing is found. */
struct sym_cache_key {
	char *path; /* of the entry */
	char *text; /* stands in the entry, all of it */
};

/* Leaves the key empty where there is no cache or the file is read fast enough without. */
void sym_cache_key_make(struct sym_cache_key *key, const struct sym_module *module, const struct sym_elf *elf,
			const struct sym_spec *spec, const struct sym_dwarf_details *details);
void sym_cache_key_free(struct sym_cache_key *key);

bool sym_cache_get(const struct sym_cache_key *key, struct text *bytes);
void sym_cache_put(const struct sym_cache_key *key, const struct text *bytes);

#endif

/*
 * Private to sym/: lists of what specs name.
 */
#ifndef FMPROF_SYM_LISTING_H
#define FMPROF_SYM_LISTING_H

#include "dwarf.h"

/* A new entry at the end. */
struct sym_entry *sym_listing_add(struct sym_listing *listing, const char *kind);

/* Gives the entry the places of a function. */
void sym_entry_take_places(struct sym_entry *entry, const struct sym_dwarf_answer *answer, uint64_t identity);

/* Text of the debug information is "" where there is none. */
char *sym_text_or_null(const char *text);

#endif

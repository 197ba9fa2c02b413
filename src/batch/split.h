/* Words of a command. */
#ifndef BATCH_SPLIT_H
#define BATCH_SPLIT_H

#include "fmprof/util.h"

/*
 * As a POSIX shell splits them: blanks part words; '…', "…" and \ quote. Nothing is expanded, and what a shell would do
 * more with (| & ; < > ( ) $ ` outside of quotes, $ and ` inside of "…") is an error. NULL at the end (strings_free); or
 * NULL and a reason.
 */
char **words_split(const char *line, struct error *err);
/* Blanks and quotes only: everything else is part of a word. */
char **words_split_plain(const char *line, struct error *err);

#endif

/* What the files of batch/ share. */
#ifndef BATCH_INTERNAL_H
#define BATCH_INTERNAL_H

#include <jansson.h>

#include "fmprof/batch.h"

/* ---- lists of strings, NULL at the end; NULL itself is an empty one ----- */

void strings_free(char **strings);
size_t strings_count(char *const *strings);
/* Takes the string. Returns the list, perhaps moved. */
char **strings_add(char **strings, char *string);
char **strings_copy(char *const *strings);

/* ---- summary.c ---------------------------------------------------------- */

void measures_free(struct batch_measures *measures);
void run_result_free(struct batch_run *run);
void changes_free(struct batch_result *result);

/* ---- summary_json.c, summary_read.c: a run, as it stands in summary.json  */

json_t *run_to_json(const struct batch_run *run);
/* -1 and a reason if it is not one. */
int run_from_json(json_t *json, struct batch_run *run, struct error *err);

/* ---- words.c ------------------------------------------------------------ */

int batch_figure_from_word(const char *word); /* -1 if there is none */
/* A new string for people: cleaned, at most so many cells wide. */
char *words_shorten(const char *words, unsigned cells);

/* ---- baseline.c, changes.c ---------------------------------------------- */

/* It came to its end, so that its figures are those of a whole run. */
bool run_is_comparable(const struct batch_run *run);
bool result_is_comparable(const struct batch_result *result); /* one of its runs is */
/* The difference in parts of what was: 0.2 is 20 % more; infinite if that was 0. */
double change_part(const struct batch_change *change);
/* The measured in parts of the limit; infinite where that is 0 or less, and exceeded. */
double figure_part(const struct batch_figure *figure);

/* ---- tail.c ------------------------------------------------------------- */

/* The end of a file of the summary's folder, at most so many bytes; nothing if it cannot be read, or file is NULL. */
void tail_put(struct text *out, const struct batch_summary *summary, const char *file, size_t most);

#endif

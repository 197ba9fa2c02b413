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

/* ---- summary_json.c, summary_read.c: a run, as it stands in summary.json  */

json_t *run_to_json(const struct batch_run *run);
/* -1 and a reason if it is not one. */
int run_from_json(json_t *json, struct batch_run *run, struct error *err);

/* ---- words.c ------------------------------------------------------------ */

/* "peak": the budget's word without "max-". */
const char *batch_figure_word(enum batch_budget_kind kind);

#endif

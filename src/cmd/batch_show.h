/* What fmprof batch prints. */
#ifndef CMD_BATCH_SHOW_H
#define CMD_BATCH_SHOW_H

#include "fmprof/batch.h"

/* A table, of at most `width` (0: any): those that passed as in the suite, then the others, the worst last. */
void batch_put_table(struct text *out, const struct batch_summary *summary, unsigned width);
/* "7 of 12 passed, 5 did not, in 3.2 s; figures and recordings are in FOLDER" */
void batch_put_closing(struct text *out, const struct batch_summary *summary);
/* The programs of a suite, one a line. */
void batch_put_list(struct text *out, const struct batch_suite *suite, unsigned width);

/* What is told while it runs, on stderr: a bar on a terminal, else a line for each run. */
struct batch_progress;
struct batch_progress *batch_progress_begin(const struct batch_suite *suite, unsigned jobs);
const struct batch_observer *batch_progress_observer(const struct batch_progress *progress);
void batch_progress_end(struct batch_progress *progress);

#endif

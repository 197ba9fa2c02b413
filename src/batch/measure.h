/* From recordings to figures, and from figures to verdicts. */
#ifndef BATCH_MEASURE_H
#define BATCH_MEASURE_H

#include "fmprof/batch.h"

/* Fills the run's measures, samples, … from its recording. -1 and a reason if that cannot be read. */
int run_measure(struct batch_run *run, const struct batch_program *program, const char *path,
		struct error *err);

/* The verdict and its reason, from exit status, signal and figures. */
void run_judge(struct batch_run *run, const struct batch_expected *expected);
/* The same for a program, from its runs; also the medians. */
void result_judge(struct batch_result *result);
/* Replaces what stands there. */
void run_set_verdict(struct batch_run *run, enum batch_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Of each figure by itself. `median` is empty before. */
void measures_median(const struct batch_measures *const *all, size_t count, struct batch_measures *median);

#endif

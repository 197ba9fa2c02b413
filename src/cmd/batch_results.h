/* Where the results of a batch go, besides its folder: baselines, and files for CI. */
#ifndef CMD_BATCH_RESULTS_H
#define CMD_BATCH_RESULTS_H

#include "fmprof/batch.h"

/* Letters of its options, for getopt_long. */
enum {
	RESULTS_BASELINE = 512,
	RESULTS_TOLERANCE,
	RESULTS_WITH_TIMES,
	RESULTS_UPDATE,
	RESULTS_JUNIT,
	RESULTS_TAP,
	RESULTS_GITHUB
};

/* Starts with {0}; words are argv's. */
struct batch_results {
	const char *baseline, *junit, *tap; /* NULL: none; "-" of files: standard output */
	double tolerance;
	bool has_tolerance, times, update, github;
	bool has_old; /* there is a baseline */
	struct batch_summary old;
};

extern const char batch_results_help[];

/* 0 done, 1 no such option, -1 and a reason. */
int batch_results_option(struct batch_results *results, int letter, const char *word, struct error *err);
/* Before anything is run: reads the baseline, and refuses what could not be written afterwards. `folder`: of what is
 * run. */
int batch_results_begin(struct batch_results *results, const char *folder, struct error *err);
/* Standard output belongs to a file for CI; what is for people goes to standard error. */
bool batch_results_take_stdout(const struct batch_results *results);
/*
 * Compares and writes all but what is for standard output; that is put into `out`, annotations into `shown`.
 * `partial`: only some programs of the suite were run.
 */
int batch_results_finish(struct batch_results *results, struct batch_summary *summary, bool partial,
			 struct text *out, struct text *shown, struct error *err);
void batch_results_free(struct batch_results *results);

#endif

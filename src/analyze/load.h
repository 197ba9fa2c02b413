/* What the steps of loading share: run.c reads the events, stats.c turns them into figures. */
#ifndef FMPROF_ANALYZE_LOAD_H
#define FMPROF_ANALYZE_LOAD_H

#include <sys/types.h>

#include "fmprof/analyze.h"

/* Sorts samples and calls, gives open calls (those with TRACE_END_UNFINISHED) their leave, and fills in
 * the figures of the functions and of the run. Needs at least one sample. */
void run_complete(struct run *run);

/* By time; costs next to nothing if they are in order. */
void samples_sort(struct run_sample *samples, size_t count);

/* Keeps what lies in a window and one sample on either side of it, in the same array; returns how many that are.
 * They are sorted. */
size_t samples_window(struct run_sample *samples, size_t count, uint64_t from_ns, uint64_t to_ns);

/*
 * Keeps of each of `columns` stretches of time the first, lowest, highest and last sample, in order and in the
 * same array, and returns how many that are. May be done again when more have come: the lowest and the highest
 * of a longer stretch are among those of its parts. Needs at least one sample.
 */
size_t samples_thin(struct run_sample *samples, size_t count, size_t columns);

void run_sort_calls(struct run *run);
/* The sums of functions over selected calls (NULL: all). Of the time of recursive calls, it counts whether the
 * outermost is selected. */
void run_sum(struct run *run, const bool *selected);
/* The peak, by samples and end; peak_rss is raised at most. */
void run_peak(struct run *run);

/* The highest RSS inside of each call by all samples of its file, of which `run` has a part. `start` is what
 * source_start said before the file was read. */
void run_settle_peaks(struct run *run, off_t start);

/* Where standard input (path "-") begins; -1 if it, or the file, cannot be read once more. */
off_t source_start(const char *path);
int source_rewind(const char *path, off_t start);

/* Why a file without a sample shows nothing; returns -1. */
int recording_empty_error(const char *path, bool has_event, size_t damaged_lines, struct error *err);

#endif

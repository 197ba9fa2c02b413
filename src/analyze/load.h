/* What the steps of loading share: run.c reads the events, stats.c turns them into figures. */
#ifndef FMPROF_ANALYZE_LOAD_H
#define FMPROF_ANALYZE_LOAD_H

#include "fmprof/analyze.h"

/* Sorts samples and calls, gives open calls (those with TRACE_END_UNFINISHED) their leave, and fills in
 * the figures of the functions and of the run. Needs at least one sample. */
void run_complete(struct run *run);

/* By time; costs next to nothing if they are in order. */
void samples_sort(struct run_sample *samples, size_t count);

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

/* Why a file without a sample shows nothing; returns -1. */
int recording_empty_error(const char *path, bool has_event, size_t damaged_lines, struct error *err);

#endif

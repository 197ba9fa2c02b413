/*
 * sample: memory figures of a process, and a thread that asks for them on time.
 * Knows pids, never ptrace. docs/metrics.md has what each figure means and costs.
 */
#ifndef FMPROF_SAMPLE_H
#define FMPROF_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fmprof/util.h"

/* ---- one process ------------------------------------------------------- */

/*
 * Open files of /proc/PID/task/TID: the memory of the process, as long as that thread lives. Those of
 * the process itself read 0 once its first thread has ended, even if others go on (Linux
 * 6.18). The first thread's stay valid over exec. All functions but sample_read_rss are for one thread at a time.
 */
struct sample_source {
	int statm, status;
	int clear_refs;  /* -1: the mark cannot be reset */
	int reset_error; /* the errno why not */
	pid_t pid, tid;
	uint64_t page_size;
	struct text text; /* of the status file, when it was read last */
};

/* A source that is not open. */
void sample_source_init(struct sample_source *source);
/* -1 and a reason if not even RSS can be read. */
int sample_source_open(struct sample_source *source, pid_t pid, pid_t tid, struct error *err);
void sample_source_close(struct sample_source *source);
/* Resident set size in bytes (statm field 2; about a microsecond). False, and *rss as it was, once the
 * thread is gone. Thread-safe. */
bool sample_read_rss(const struct sample_source *source, uint64_t *rss);

/*
 * The kernel's high-water mark of the RSS since the last exec or reset (VmHWM of the
 * status file), and RSS at the same moment, in bytes; about 6 µs. False once the thread is gone.
 */
bool sample_read_peak(struct sample_source *source, uint64_t *rss, uint64_t *peak);
/* Sets the mark to what RSS is now. False if it cannot be done; reset_error tells why, unless it is gone. */
bool sample_reset_peak(struct sample_source *source);
/* Page faults of the whole process so far: memory that comes into RSS has passed through one. */
bool sample_read_faults(const struct sample_source *source, uint64_t *faults);
/* Those of its children that have ended and that it has waited for. */
bool sample_read_child_faults(const struct sample_source *source, uint64_t *faults);
/* How far the mark can be from the truth on this machine, in bytes; older kernels count per thread. */
uint64_t sample_peak_bound(size_t threads);

/* ---- the highest since ------------------------------------------------- */

/*
 * Time cut into stretches, and what RSS was at most in each. A stretch that is lower than a later one
 * is never asked for any more, so the list holds falling figures only. Start with {0}.
 */
struct sample_peaks {
	struct sample_falling {
		struct sample_stretch {
			uint64_t number, rss;
		} * items;
		size_t count, capacity;
	} highest, guesses;
	uint64_t number; /* of the stretch that lasts */
};

void sample_peaks_free(struct sample_peaks *peaks);
/* A new stretch begins, at this RSS. Returns its number, from 1. */
uint64_t sample_peaks_begin(struct sample_peaks *peaks, uint64_t rss);
/* The stretch that lasts has been so high. */
void sample_peaks_reach(struct sample_peaks *peaks, uint64_t rss);
/* It may have been higher than what was told, but not above `most`. */
void sample_peaks_guess(struct sample_peaks *peaks, uint64_t most);
/* The highest since stretch `number` began; *exact: no guess since then allows more. */
uint64_t sample_peaks_since(const struct sample_peaks *peaks, uint64_t number, bool *exact);

/* ---- metrics ----------------------------------------------------------- */

/* Those that were chosen. */
struct sample_metrics {
	const struct sample_metric **rows;
	size_t count;
	bool from_status, from_rollup, from_cgroup; /* some are */
};

/* A metric that could not be read. */
#define SAMPLE_NOT_KNOWN UINT64_MAX

/* "anon,pss": those and RSS, which comes first. -1 and a reason, with the names that there are. */
int sample_metrics_choose(struct sample_metrics *metrics, const char *list, struct error *err);
void sample_metrics_free(struct sample_metrics *metrics);
/* "rss,anon,pss" */
void sample_metrics_put_names(const struct sample_metrics *metrics, struct text *out);
/* Whether the sum of it over several processes means anything. */
bool sample_metric_adds_up(const struct sample_metrics *metrics, size_t index);

/* These set the values (in the order of the metrics, in bytes) that come from one source and leave the others alone.
 * From what sample_read_peak has read last: */
void sample_metrics_from_status(const struct sample_metrics *metrics, const struct sample_source *source,
				uint64_t *values);
/* The kernel walks all pages for them: 9 µs a MiB. Not known without the right to trace the process. Thread-safe. */
void sample_metrics_from_rollup(const struct sample_metrics *metrics, pid_t pid, pid_t tid, uint64_t *values);
/* From what sample_cgroup_open has opened. */
void sample_metrics_from_cgroup(const struct sample_metrics *metrics, int cgroup, uint64_t *values);
/* The file with the memory of the control group that the process is in, v2 or v1. -1: none. */
int sample_cgroup_open(pid_t pid);

/* ---- on time ----------------------------------------------------------- */

struct sampler;

/*
 * Calls tick(context) from a thread of its own at absolute deadlines start + k ×
 * interval. A tick that comes late does not shift later ones; deadlines that
 * passed meanwhile are skipped and counted.
 */
int sampler_start(struct sampler **sampler, uint64_t interval_ns, void (*tick)(void *context), void *context,
		  struct error *err);
/* Returns when no tick is running and none will; how many deadlines were missed. */
uint64_t sampler_stop(struct sampler *sampler);

#endif

/*
 * sample: memory figures of a process, and a thread that asks for them on time.
 * Knows pids, never ptrace.
 */
#ifndef FMPROF_SAMPLE_H
#define FMPROF_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fmprof/util.h"

/* ---- one process ------------------------------------------------------- */

/* An open /proc/PID/statm. It stays valid over exec (Linux 6.18). */
struct sample_source {
	int fd;
	uint64_t page_size;
};

int sample_source_open(struct sample_source *source, pid_t pid, struct error *err);
void sample_source_close(struct sample_source *source);
/* Resident set size in bytes (statm field 2; about a microsecond). False once the process
 * has no memory any more. Thread-safe. */
bool sample_read_rss(const struct sample_source *source, uint64_t *rss);

/* The kernel's high-water mark of the RSS since the last exec (VmHWM of
 * /proc/PID/status), in bytes. False when it has no memory any more. */
bool sample_read_peak(pid_t pid, uint64_t *peak);

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

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

/*
 * An open /proc/PID/task/TID/statm: the memory of the process, as long as that thread lives. The file of
 * the process itself reads 0 once its first thread has ended, even if others go on (Linux
 * 6.18). The first thread's stays valid over exec.
 */
struct sample_source {
	int fd;
	pid_t pid, tid;
	uint64_t page_size;
};

int sample_source_open(struct sample_source *source, pid_t pid, pid_t tid, struct error *err);
void sample_source_close(struct sample_source *source);
/* Resident set size in bytes (statm field 2; about a microsecond). False, and *rss as it was, once the
 * thread is gone. Thread-safe. */
bool sample_read_rss(const struct sample_source *source, uint64_t *rss);

/* The kernel's high-water mark of the RSS since the last exec (VmHWM of the
 * status file), in bytes. False once the thread is gone. */
bool sample_read_peak(const struct sample_source *source, uint64_t *peak);

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

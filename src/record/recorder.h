/* What the files of record/ share. */
#ifndef RECORD_RECORDER_H
#define RECORD_RECORDER_H

#include "fmprof/probe.h"
#include "fmprof/record.h"
#include "fmprof/sample.h"
#include "fmprof/target.h"
#include "fmprof/trace.h"
#include "modules.h"

/* A function that is traced. */
struct recorded_function {
	char *name;
	uint64_t address; /* in the target */
};

struct recorder {
	const struct record_plan *plan;
	struct error *err; /* of record_run */
	struct clock_anchor clock;

	struct target *target;
	pid_t pid; /* of the process that is recorded, the launched one */
	struct probe *probe;
	struct loaded_modules modules;

	struct trace_writer *writer; /* NULL until the program is about to run */
	struct sample_source memory; /* changed inside trace_begin and trace_end only */
	uint64_t last_rss;
	struct sampler *sampler;
	struct recorded_function *functions; /* [id - 1] */
	size_t function_count, function_capacity;
	struct table traced; /* addresses in the target that are; the values mean nothing */
	bool *spec_matched;  /* [spec]: matched something, in this program */

	bool started;  /* the specs were looked up in the program that runs now */
	bool failed;   /* err is set, the program must not run or has been left alone */
	bool disarmed; /* recording ended early; the program runs on */
	uint64_t start_ns, calls, samples, peak;
};

enum { HOOK_LIBRARIES = 1, HOOK_ENTRY = 2 }; /* see resolve.c */

/* resolve.c: at exec. Finds out where the functions are, now or when the dynamic
 * linker has mapped the libraries; calls recorder_begin then. -1: recorder->err. */
int resolve_program(struct recorder *recorder, struct task *task);
/* At one of our hooks. */
int resolve_at_hook(struct recorder *recorder, struct task *task, unsigned hook);
/* Tells of the specs that wait for a module that never came. */
void resolve_report_pending(struct recorder *recorder);

/* jumps.c: has the functions of this module watched by which calls are left without a return. */
void watch_jumps(struct recorder *recorder, struct task *task, const struct loaded_module *module);

/* events.c: what is written. */
extern const struct probe_observer recorder_observer;
void recorder_sample(void *recorder); /* a sampler's tick */
/* From now on memory is read through this thread: the one before is about to end. */
int recorder_read_from(struct recorder *recorder, pid_t tid, struct error *err);
void recorder_note(struct recorder *recorder, const char *text);
void recorder_put_task(struct recorder *recorder, const struct task *task, enum trace_task_event event);
void recorder_read_peak(struct recorder *recorder);

/* record.c: opens the file and starts sampling; once. */
int recorder_begin(struct recorder *recorder);

/* forward.c: signals sent to fmprof itself go to the program. */
struct forwarder;
struct forwarder *forwarder_start(pid_t pid);
void forwarder_stop(struct forwarder *forwarder);

#endif

/* What the files of record/ share. */
#ifndef RECORD_RECORDER_H
#define RECORD_RECORDER_H

#include <stdatomic.h>

#include "fmprof/probe.h"
#include "fmprof/record.h"
#include "fmprof/sample.h"
#include "fmprof/target.h"
#include "fmprof/trace.h"
#include "modules.h"

/* A function that is traced. */
struct recorded_function {
	uint32_t id;
	char *name, *module;
	uint64_t address; /* in the module's file */
	uint64_t calls;
	bool let_go; /* it is not recorded any more: see overhead.c */
	struct recorded_function *same_hash;
};

/* A process that is recorded. */
struct recorded {
	bool leaving; /* all its threads have been held: none runs into a trap any more */
	struct recorder *recorder;
	struct process *process;
	pid_t pid;
	struct loaded_modules modules;
	struct table traced;  /* addresses in its memory that are; the values mean nothing */
	uint64_t linker_base; /* where the dynamic linker is mapped, 0: static */
	bool started;         /* the specs were looked up in the program that runs now */
	/* These are changed inside trace_begin and trace_end only: the sampler reads them. */
	struct sample_source memory;
	uint64_t last_rss;
	uint64_t *values; /* of the metrics, when they were sampled last; NULL: rss only */
	struct sample_peaks peaks;
	uint64_t mark; /* the kernel's high-water mark, as far as is known */
	uint64_t
		mark_excess; /* right after a reset it was so much above RSS: the kernel sets it to an inexact sum */
	uint64_t sample_from; /* the one that began with the last sample */
	/* Of its life as far as it is recorded, through all its programs; see programs.c. */
	uint64_t peak,
		peak_most; /* RSS was at least, and at most, so high; peak_most only where that is more */
	uint64_t usage_floor, child_faults; /* what the kernel counted for it when its program began */
	bool finished;                      /* its memory was read for the last time */
};

struct recorder {
	const struct record_plan *plan;
	struct error *err; /* of record_run */
	struct clock_anchor clock;

	struct target *target;
	struct probe *probe;
	pid_t pid;              /* of the process that was launched or attached to */
	struct recorded *first; /* that process; NULL once it is gone */
	struct table processes; /* pid -> struct recorded; changed like struct recorded.memory */

	struct trace_writer *writer; /* NULL until the program is about to run */
	struct sampler *sampler, *progress;
	struct recorded_function **functions; /* [id - 1] */
	size_t function_count, function_capacity;
	struct table functions_by_place;
	bool *spec_matched, *exclude_matched; /* [spec]: matched something, once */
	bool go_told;                         /* that calls of Go programs are approximate */

	bool failed;       /* err is set, the program must not run or has been left alone */
	bool disarmed;     /* recording ended early; the program runs on */
	bool stops_itself; /* the program has sent itself a signal that stops it */
	bool detached;     /* it was let go */
	atomic_bool ended; /* the process is gone */
	uint64_t start_ns, calls, samples, missed, peak;
	uint64_t charged;    /* calls of functions that are still recorded */
	size_t most_threads; /* that a process had at once */
	uint64_t peak_bound; /* as in the header */
	uint64_t peak_most;  /* the first process's, once that is gone */

	int cgroup; /* see sample_cgroup_open */
	struct {    /* what the last stop told, see struct stop */
		pid_t pid;
		uint64_t max_rss;
	} hint;

	/* Like struct recorded.memory. */
	struct sample_peaks tree_peaks; /* of the sum, where that is what the samples show */
	int reset_error;                /* why the mark of some process could not be reset, 0: it could */
	bool reset_error_told;
};

enum { HOOK_LIBRARIES = 1, HOOK_ENTRY = 2 }; /* see resolve.c */

/* resolve.c: at exec. Finds out where the functions are, now or when the dynamic
 * linker has mapped the libraries; calls recorder_begin then. -1: recorder->err. */
int resolve_program(struct recorded *recorded, struct task *task);
/* At once: the program runs already. */
int resolve_attached(struct recorded *recorded, struct task *task);
/* In a forked child: everything is where it is in its parent. */
void resolve_copy(struct recorded *recorded);
/* At one of our hooks. */
int resolve_at_hook(struct recorded *recorded, struct task *task, unsigned hook);
/* Tells of the specs that wait for a module that never came. */
void resolve_report_pending(struct recorder *recorder);

/* functions.c: has the calls of this function recorded. */
void record_function(struct recorded *recorded, struct task *task, const struct loaded_module *module,
		     const struct sym_function *function);
void recorded_functions_free(struct recorder *recorder);

/* symbols.c: tells once what of the modules' symbols could not be read. */
void tell_about_symbols(struct recorded *recorded);
/* When functions of that module are traced. */
void warn_about_go(struct recorder *recorder, const struct loaded_module *module);

/* jumps.c: has the functions of this module watched by which calls are left without a return. */
void watch_jumps(struct recorded *recorded, struct task *task, const struct loaded_module *module);

/* processes.c: the recorded process that a task belongs to, or NULL. */
struct recorded *recorded_of(const struct recorder *recorder, const struct task *task);
struct recorded *recorded_add(struct recorder *recorder, struct process *process);
void recorded_remove(struct recorder *recorder, struct recorded *recorded);
/* From now on its memory is read through this thread: the one before is about to end. */
int recorded_read_from(struct recorded *recorded, pid_t tid, struct error *err);

/* act.c: does what a stop asks for, and resumes the task. */
void recorder_act(struct recorder *recorder, const struct stop *stop);
/* Whether what the task calls is written. */
bool recorder_records(const struct recorder *recorder, const struct task *task);

/* overhead.c: after a stop that may have begun a call. */
void recorder_limit_overhead(struct recorder *recorder);

/* signals.c: what the program's own signals and stops need. Both resume the task. */
void pass_signal(struct recorder *recorder, const struct stop *stop);
void pass_group_stop(struct recorder *recorder, const struct stop *stop);

/* privileges.c: after exec, if the new program runs without rights that its file would give it. */
void warn_about_privileges(struct recorder *recorder, const struct task *task);
/* After exec, of a program that is not recorded: it goes on untraced, with the rights of its file. */
void let_go_with_privileges(struct recorder *recorder, struct task *task);

/* let_go.c: everything that is still traced runs on without us. */
void recorder_let_go(struct recorder *recorder);

/*
 * figures.c: what is read; between trace_begin and trace_end, but for the last three.
 *
 * RSS of the process now, into last_rss; the peaks know of it, and of what the kernel's mark says of the time since it was
 * looked at last. False, and last_rss as it was, if the process has no memory any more.
 */
bool recorded_refresh(struct recorded *recorded);
/* The same out of the status file, which metrics can be taken from then. */
bool recorded_refresh_whole(struct recorded *recorded);
/* Whether its mark is reset. */
bool recorded_resets(const struct recorded *recorded);
uint64_t recorder_sum_of_tree(const struct recorder *recorder);
/* The tree has been so high. */
void recorder_reach_sum(struct recorder *recorder, uint64_t sum);
/* What a call's enter and leave show: of this process, or of the tree. */
uint64_t recorder_read_rss(struct recorder *recorder, pid_t pid);
/* Where the peaks of its calls are kept; NULL if it is gone. */
struct sample_peaks *recorder_peaks_of(struct recorder *recorder, pid_t pid);
uint64_t recorder_peak_since(struct recorder *recorder, pid_t pid, uint64_t from, bool *exact);
/* Before a stop is acted on: what it tells of memory. */
void recorder_take_hint(struct recorder *recorder, const struct stop *stop);
/* It was so high. */
void recorded_reach(struct recorded *recorded, uint64_t rss);
/* Sets its mark to what RSS is. */
void recorded_reset_mark(struct recorded *recorded);
/* Says, once, that a mark could not be reset. */
void recorder_tell_reset_error(struct recorder *recorder);

/*
 * programs.c: what a process had at most. At STOP_EXEC, or when threads are gone by it, with the stop's max_rss: what can be
 * known of the program that is gone.
 */
void recorded_end_program(struct recorded *recorded, uint64_t max_rss);
/* A new program runs in the process, or a new process is recorded; max_rss 0: not known. */
void recorded_begin_program(struct recorded *recorded, uint64_t max_rss);
/* A forked child: the same, with nothing behind it. */
void recorded_begin_copy(struct recorded *recorded);
/* Its last thread is at its end, or about to be let go: reads its memory for the last time. */
void recorded_finish(struct recorded *recorded);
/* Whether the first process's peak may have been higher than what is known. */
bool recorder_peak_is_least(const struct recorder *recorder);

/* samples.c: a sampler's tick. */
void recorder_sample(void *recorder);
/* A line for the first process, or the tree, as it was read last; between trace_begin and trace_end. Without values for
 * the metrics, as they cost too much to be read because of a call. */
void recorder_put_sample(struct recorder *recorder, uint64_t time_ns, const uint64_t *values);

/* events.c: what is written. */
extern const struct probe_observer recorder_observer;
void recorder_note(struct recorder *recorder, const char *text);
void recorder_put_task(struct recorder *recorder, const struct task *task, enum trace_task_event event);
/* A process other than the first is recorded from now on. */
void recorder_put_process_start(struct recorder *recorder, const struct process *process);
/* Any process: its end, as wait(2) told it, or that it lives on. */
void recorder_put_process_end(const struct recorded *recorded, enum trace_finish_how how, int wait_status);

/* record.c: opens the file and starts sampling; once. */
int recorder_begin(struct recorder *recorder);

/* forward.c: signals sent to fmprof itself go to the program. */
struct forwarder;
struct forwarder *forwarder_start(struct recorder *recorder);
void forwarder_stop(struct forwarder *forwarder);

#endif

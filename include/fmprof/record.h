/*
 * record: one recording, from launch to END. Joins target, probe, sym, sample
 * and trace; nobody else knows more than one of them.
 */
#ifndef FMPROF_RECORD_H
#define FMPROF_RECORD_H

#include <stdbool.h>
#include <sys/types.h>

#include "fmprof/sample.h"
#include "fmprof/sym.h"
#include "fmprof/util.h"

/* What becomes of child processes. */
enum record_children {
	RECORD_CHILDREN_NOT,      /* let go as soon as they are safe from our trap bytes */
	RECORD_CHILDREN_SUM,      /* samples are the sum over the tree; calls of all are recorded */
	RECORD_CHILDREN_SEPARATE, /* each child has a series of its own; calls of all are recorded */
};

/* What a traced call costs the program at least, where that was measured (README, Cost). */
enum { RECORD_CALL_NS = 20000 };

/* How far it is. */
struct record_progress {
	uint64_t elapsed_ns, calls;
	uint64_t rss, peak; /* of the first process, or of the tree */
};

/* What to do; constant from the start on. */
struct record_plan {
	char *const *argv; /* the program and its arguments, NULL at the end; or NULL: attach to pid */
	pid_t pid;
	uint64_t timeout_ns;          /* attach: let go after that time; 0: never */
	const struct sym_spec *specs; /* may be none: then only memory is recorded */
	size_t spec_count;
	const struct sym_spec *excludes; /* take functions away again, in every module */
	size_t exclude_count;
	const struct sym_sources *sources; /* of symbols */
	uint64_t interval_ns;
	enum record_children children;
	const struct sample_metrics *metrics;
	double max_overhead; /* percent of the time that calls may cost; 0: whatever they do */
	bool keep_peak_mark; /* the kernel's high-water mark is read, but never reset */
	/* A process group that this process joins once the program is launched, so that what the program sends
	 * to its own group spares us, and stops only itself; 0: none. */
	pid_t group;
	const char *output; /* "-" is stdout */
	void *context;
	void (*warn)(void *context, const char *text); /* things the user should know while it runs */
	/* NULL, or called some times a second, from a thread of its own. */
	void (*progress)(void *context, const struct record_progress *now);
};

/* What came of it. */
struct record_result {
	bool detached;    /* it was let go and lives on; else: */
	int wait_status;  /* of the program, as wait(2) gives it */
	size_t functions; /* traced */
	uint64_t calls, samples, missed_samples;
	uint64_t peak; /* bytes; the kernel's high-water mark. Of a tree: the highest sum that was read */
	uint64_t peak_bound; /* it is off by no more, in bytes; 0: it is at least that */
	uint64_t duration_ns;
};

/*
 * Runs the plan. 0 and the result; or -1 and the reason, then the program was
 * not started (STATUS_NOT_FOUND, STATUS_NOT_EXECUTABLE, or a spec, the output or
 * tracing failed before its main ran). If the recording fails later (disk full), the program
 * runs on to its end and then -1 is returned; what was written before stays. A process that was attached
 * to lives on, unless it ends by itself, whatever is returned.
 */
int record_run(const struct record_plan *plan, struct record_result *result, struct error *err);

#endif

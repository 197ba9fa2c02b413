/*
 * batch: many programs, a recording of each: the suite that names them, running them, what came of
 * it, and the summary, in memory and as summary.json, that everything else is made from.
 *
 * A suite has programs, a program has budgets. A summary has a result for each program, in the order of the
 * suite, and a result has one run or, with `repeat`, several. A run is what its last attempt was, with `retry`.
 *
 * Memory is in bytes, times are in nanoseconds; points in time are since the epoch.
 */
#ifndef FMPROF_BATCH_H
#define FMPROF_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fmprof/record.h"
#include "fmprof/util.h"

/* ---- budgets ----------------------------------------------------------- */

enum batch_budget_kind {
	BATCH_MAX_RSS,      /* highest RSS of the run */
	BATCH_MAX_PEAK,     /* highest RSS inside of any call of the function */
	BATCH_MAX_GROWTH,   /* most that RSS grew over one of its outermost calls */
	BATCH_MAX_RETAINED, /* sum of what RSS grew over all of its outermost calls */
	BATCH_MAX_CALLS,    /* number of its calls */
	BATCH_MAX_TIME,     /* time inside of it, all calls together */
	BATCH_MAX_SLOPE,    /* trend of RSS over the whole run: straight line by least squares */
};
enum { BATCH_BUDGET_KINDS = BATCH_MAX_SLOPE + 1 };

enum batch_unit { BATCH_BYTES, BATCH_CALLS, BATCH_NANOSECONDS, BATCH_BYTES_PER_SECOND };

struct batch_budget {
	enum batch_budget_kind kind;
	char *function; /* [MODULE!]NAME as of -f, or a glob; NULL where it is of the whole run */
	int64_t limit;  /* in the unit of its kind; measured may be equal */
	double percent; /* > 0: the limit is that much of RSS at the function's first enter instead */
};

/* "max-peak" */
const char *batch_budget_word(enum batch_budget_kind kind);
/* -1 if there is none. */
int batch_budget_from_word(const char *word, size_t length);
enum batch_unit batch_budget_unit(enum batch_budget_kind kind);
/* Whether it is of a function: max-peak.FUNC. */
bool batch_budget_has_function(enum batch_budget_kind kind);
/* A figure as people read it: "12.0 MiB", "2,000", "1.204 s", "−1.5 MiB/s". */
void batch_put_value(struct text *out, enum batch_unit unit, int64_t value);

/* ---- the suite --------------------------------------------------------- */

/* How a program should end. */
struct batch_expected {
	bool any;
	int exit;   /* status, if signal is 0 */
	int signal; /* or 0 */
};

struct batch_program {
	char *name;    /* of its section, unique in the suite */
	char *command; /* as written */
	char **argv;   /* what is executed, NULL at the end; with `shell` /bin/sh -c command */
	bool shell;
	char **functions, **excludes; /* specs, NULL at the end; those of budgets are recorded besides */
	uint64_t interval_ns;
	char *metrics; /* as of --metrics; "rss" */
	enum record_children children;
	char *folder;        /* working folder, NULL: the current one */
	char **environment;  /* NAME=value, added to what there is; NULL at the end */
	char *input;         /* file for its standard input, NULL: /dev/null */
	uint64_t timeout_ns; /* 0: none */
	struct batch_expected expected;
	unsigned repeat; /* runs, from 1 */
	unsigned retry;  /* attempts after a run that failed */
	char **tags;     /* NULL at the end */
	struct batch_budget *budgets;
	size_t budget_count, budget_capacity;
	unsigned line; /* of its section in the suite's file; 0: there is none */
};

struct batch_suite {
	char *path; /* NULL: commands were given, not a file */
	struct batch_program *programs;
	size_t count, capacity;
};

/* Reads an INI file (docs/batch.md). A mistake in it is an error "file:line: what: why". */
int batch_suite_read(const char *path, struct batch_suite *suite, struct error *err);
void batch_suite_free(struct batch_suite *suite);

/*
 * Without a file; start with {0}. Words of one program after the other, with "--" between them; or commands, one a line,
 * where lines that are empty or begin with # count for nothing. They are called as their programs, with -2, -3 … where
 * that is taken.
 */
int batch_suite_add_words(struct batch_suite *suite, char *const *words, struct error *err);
int batch_suite_add_lines(struct batch_suite *suite, FILE *lines, bool shell, struct error *err);

/* A key of the file, for all programs, over what they have; a function besides what they have. */
int batch_suite_set(struct batch_suite *suite, const char *key, const char *value, struct error *err);
int batch_suite_add_function(struct batch_suite *suite, const char *spec, struct error *err);

/* Keeps those that have a name that one of the globs fits (all if there are none), and one of the tags. It is an
 * error if a glob fits none, or none is left. Lists have NULL at the end, or are NULL. */
int batch_suite_select(struct batch_suite *suite, char *const *globs, char *const *tags, struct error *err);

/* ---- what came of it --------------------------------------------------- */

/* From best to worst, but for those that were not run. */
enum batch_verdict {
	BATCH_PASSED,
	BATCH_OVER_BUDGET,
	BATCH_WORSE,      /* than the baseline; of results only, given by batch_compare */
	BATCH_WRONG_EXIT, /* another exit status than expected */
	BATCH_CRASHED,    /* a signal that was not expected */
	BATCH_TIMED_OUT,
	BATCH_OOM_KILLED, /* by the kernel, of its whole system or of its cgroup */
	BATCH_NOT_FOUND,  /* there is no such program */
	BATCH_NOT_EXECUTABLE,
	BATCH_RECORDING_FAILED, /* a function that is not there, a full disk, … */
	BATCH_INTERRUPTED,      /* stopped by ^C or by --fail-fast; what it has recorded is there */
	BATCH_NOT_RUN,          /* for the same reasons never started */
};
enum { BATCH_VERDICTS = BATCH_NOT_RUN + 1 };

/* "over budget" */
const char *batch_verdict_name(enum batch_verdict verdict);
int batch_verdict_from_name(const char *name); /* -1 if there is none */

/* What was measured of a budget. Lists of them are in the order of the program's budgets. */
struct batch_figure {
	enum batch_budget_kind kind;
	char *function;          /* the budget's, or NULL */
	char *measured_function; /* of those that it matches the one that is nearest to its limit; or NULL */
	int64_t limit, measured;
	bool known; /* false: nothing was measured, `note` tells why */
	bool exact; /* false: it was at least that (peaks, see metrics.md) */
	bool ok;
	char *note; /* "never called", "no such function in the recording"; or NULL */
};

/* Figures of a function, as of fmprof report. */
struct batch_function {
	char *name, *full_name, *module;
	uint64_t calls, unfinished;
	uint64_t total_ns, max_ns;
	int64_t net_growth, largest_growth; /* 0 if it has no outermost call */
	uint64_t outermost;
	uint64_t peak;
	bool peak_exact;
};

/* What was measured in a run; or the medians over several, of each figure by itself. */
struct batch_measures {
	uint64_t wall_ns;
	uint64_t peak;       /* highest RSS; 0: not known */
	bool peak_exact;     /* within peak_bound; else it was at least that */
	uint64_t peak_bound; /* 0: not known */
	bool slope_known;
	double slope; /* bytes per second */
	struct batch_figure *figures;
	size_t figure_count;
	struct batch_function *functions; /* those that were called */
	size_t function_count;
};

struct batch_run {
	enum batch_verdict verdict;
	char *reason;      /* one line, why it did not pass; NULL if it did */
	unsigned attempts; /* 0: never started */
	int exit_status;   /* -1: it did not exit */
	int signal;        /* that ended it, or 0 */
	uint64_t start_ns;
	uint64_t samples, missed_samples, calls;
	struct batch_measures measures;
	char **warnings; /* of the recording, NULL at the end */
	/* Files, relative to the summary's folder; NULL where there is none. */
	char *data, *picture, *out, *err;
};

enum batch_trend { BATCH_SAME, BATCH_BETTER, BATCH_HIGHER };

/* A figure next to that of the baseline; both are medians over the runs that came to their end. */
struct batch_change {
	enum batch_budget_kind
		kind;   /* whose figure it is; BATCH_MAX_TIME without a function: of the whole run */
	char *function; /* NULL where it is of the whole run */
	int64_t before, now;
	bool before_exact, now_exact; /* false: it was at least that */
	int64_t noise;                /* a difference up to that is none; see batch_compare */
	enum batch_trend trend;
	bool counts; /* where it is BATCH_HIGHER, its result is BATCH_WORSE */
};

struct batch_result {
	char *name, *command;
	unsigned line; /* of its section in the suite's file; 0: there is none */
	char **tags;   /* NULL at the end */
	struct batch_expected expected;
	/* The worst of its runs; but of several runs, it is over budget if the median is. */
	enum batch_verdict verdict;
	char *reason; /* NULL if it passed */
	struct batch_run *runs;
	size_t run_count;             /* `repeat` of the program */
	struct batch_measures median; /* of runs that came to their end; of one run its own */
	/* Next to the baseline, the worst first; none where there is none. */
	struct batch_change *changes;
	size_t change_count;
	bool is_new; /* it came to its end, and the baseline has no figures of it */
};

struct batch_summary {
	char *folder; /* where its files are; as summary.json was named, without that name */
	char *suite;  /* path, or NULL */
	char *host;
	uint64_t start_ns, duration_ns;
	unsigned jobs;
	bool interrupted; /* ^C, or --fail-fast */
	char *baseline;   /* what it was compared with; NULL: nothing */
	double tolerance; /* of that comparison: 0.05 is 5 % */
	char **gone;      /* names that only the baseline has, NULL at the end; or NULL */
	struct batch_result *results;
	size_t count;
	size_t totals[BATCH_VERDICTS]; /* results of each verdict */
};

void batch_summary_free(struct batch_summary *summary);
/* All results passed. */
bool batch_summary_is_good(const struct batch_summary *summary);
/* The result of that program; NULL if there is none. */
const struct batch_result *batch_summary_find(const struct batch_summary *summary, const char *name);

/* As summary.json (docs/summary.schema.json), by rename: it is there whole, or not at all. */
int batch_summary_write(const struct batch_summary *summary, const char *path, struct error *err);
/* Reads one; of a folder its summary.json. */
int batch_summary_read(const char *path, struct batch_summary *summary, struct error *err);

/* ---- baselines ---------------------------------------------------------- */

struct batch_comparison {
	const char *path; /* of the baseline, as it is to be shown */
	double tolerance; /* 0.05: 5 % */
	bool times;       /* times count too */
	bool partial;     /* only part of the suite was run: what is missing is not gone */
};

/*
 * Compares each result that came to its end with that of its name in the baseline: highest RSS and time of the
 * run; peak, growth, retained, calls and time of each function of both (name and file name of the module). A figure is higher
 * if its median is so by more than
 *   - the tolerance, in parts of that of the baseline, and
 *   - the noise: 3 times the median absolute deviations of both, together; of memory also what the recordings can
 *     be off by (peak_bound) of both.
 * Better is the same the other way round. A result that has passed and has a higher figure that counts is BATCH_WORSE.
 */
void batch_compare(struct batch_summary *now, const struct batch_summary *baseline,
		   const struct batch_comparison *comparison);

/*
 * Writes results that came to their end to `path`, a folder or a file, as a baseline. Of those that did not, and of
 * those that were not run where `partial`, what the old baseline (or NULL) has stays.
 */
int batch_baseline_write(const char *path, const struct batch_summary *now, const struct batch_summary *old,
			 bool partial, struct error *err);

/* It makes its result worse. Those that do come first. */
bool batch_change_is_worse(const struct batch_change *change);
/* "worse" */
const char *batch_trend_name(enum batch_trend trend);
/* "peak": the budget's word without "max-". */
const char *batch_figure_word(enum batch_budget_kind kind);
/* "peak.parse"; "+20 %"; both: "peak.parse: 10.0 MiB → 12.0 MiB (+20 %)" */
void batch_put_change_name(struct text *out, const struct batch_change *change);
void batch_put_change_part(struct text *out, const struct batch_change *change);
void batch_put_change(struct text *out, const struct batch_change *change);
/* "max-peak.parse"; "max-peak.parse: ≥ 12.0 MiB, limit 10.0 MiB (120 %)" */
void batch_put_figure_name(struct text *out, const struct batch_figure *figure);
void batch_put_figure(struct text *out, const struct batch_figure *figure);

/* ---- results for people and for CI -------------------------------------- */

/* Made from the summary, and of its files the ends of stderr. Names in it may be anything. */
void batch_put_junit(struct text *out, const struct batch_summary *summary);
void batch_put_tap(struct text *out, const struct batch_summary *summary);
/* Commands that GitHub's runner takes from a log, one a line: what did not pass. */
void batch_put_annotations(struct text *out, const struct batch_summary *summary);
/* A page of HTML, to be put into the summary's folder. */
void batch_put_page(struct text *out, const struct batch_summary *summary);

/* Writes the file: by rename, so that it is there whole or as it was; what is no regular file is written to. */
int batch_file_write(const char *path, const struct text *content, struct error *err);

/* ---- running it -------------------------------------------------------- */

enum batch_pictures { BATCH_PICTURES_FAILED, BATCH_PICTURES_ALL, BATCH_PICTURES_NONE };

/* Told while it runs; every function may be NULL. */
struct batch_observer {
	void (*started)(void *context, const struct batch_result *result, size_t run);
	void (*finished)(void *context, const struct batch_result *result, size_t run);
	/* Several times a second while something runs. */
	void (*tick)(void *context);
	void *context;
};

struct batch_options {
	const char *folder; /* made if it is not there */
	unsigned jobs;      /* at once, from 1 */
	bool fail_fast;     /* the first that does not pass ends all others */
	enum batch_pictures pictures;
	const struct sym_sources *sources; /* of symbols */
	const struct batch_observer *observer;
};

/*
 * Runs all programs of the suite and writes summary.json into the folder. 0 and the summary, whatever
 * became of the programs; -1 and a reason if batch itself failed. ^C, SIGTERM and SIGHUP end it: what runs is
 * killed, what is there is kept.
 */
int batch_suite_run(const struct batch_suite *suite, const struct batch_options *options,
		    struct batch_summary *summary, struct error *err);

#endif

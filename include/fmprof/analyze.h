/*
 * analyze: a recording as figures: samples, calls with both their ends, sums
 * per function, and fewer points for a picture. Reading half: no ptrace.
 *
 * A `run` holds a whole recording in memory, for pictures. A `report` is made in passing, with memory for
 * functions, threads and open calls only, for figures of recordings of any length.
 */
#ifndef FMPROF_ANALYZE_H
#define FMPROF_ANALYZE_H

#include "fmprof/trace.h"

struct run_sample {
	uint64_t time_ns, rss;
};

struct run_function {
	uint32_t id; /* as in the file; 0 for functions of an mprof file */
	char *name, *full_name, *module;
	uint64_t address; /* in the module's file */
	char *file;       /* NULL if not known */
	unsigned line;
	uint64_t until_ns; /* 0, or calls that begin later are not in the file */
	/* sums over its calls */
	uint64_t calls; /* finished and unfinished */
	uint64_t unfinished;
	uint64_t total_ns; /* time inside, a recursive inner call counted once */
	uint64_t first_enter_ns;
	size_t recording; /* index into run.recordings, where several are laid over each other; else 0 */
};

struct run_call {
	size_t function; /* index into run.functions */
	pid_t pid, tid;
	unsigned depth;
	uint64_t call; /* number in the file, 0 in an mprof file */
	uint64_t enter_ns, leave_ns, enter_rss, leave_rss;
	enum trace_end end;
	bool exact;
	uint64_t peak_rss; /* highest inside, both ends included; 0 if not known yet */
	bool peak_exact;   /* within the recording's bound; else it was at least that */
	bool elsewhere; /* in a process that has a line of its own: its memory is not that of the samples */
	bool uncounted; /* began before the window: it is shown, and in no figure */
};

/* What a recording shows over time besides RSS of its first process. */
enum run_line_kind {
	RUN_LINE_PEAKS,     /* highest RSS since the point before */
	RUN_LINE_METRIC,    /* a metric of the samples */
	RUN_LINE_CHILD,     /* RSS of a process other than the first */
	RUN_LINE_RECORDING, /* RSS of another recording, laid over this one */
};

struct run_line {
	enum run_line_kind kind;
	char *name; /* of the metric, process or recording */
	pid_t pid;  /* of a process */
	struct run_sample *points;
	size_t count, capacity;
};

/* One of several that are laid over each other. */
struct run_recording {
	char *name;
	uint64_t peak_rss, span_ns;
};

/* The straight line, by least squares, through points. Start with {0}. */
struct trend {
	uint64_t count;
	double mean_x, mean_y, sxx, sxy;
};

void trend_add(struct trend *trend, double x, double y);
/* False if there are no two points with different x. */
bool trend_solve(const struct trend *trend, double *slope, double *at_zero);

/* A whole recording in memory; of very many samples those that draw the same picture. Samples and calls are sorted by time (calls by
 * enter, outer before inner). A call that never ended has leave = end of the
 * recording and TRACE_END_UNFINISHED. */
struct run {
	char *path;
	char *command;             /* shell-quoted; "" if the file has none */
	uint64_t start_ns, end_ns; /* first and last time in the file, or of the window (run_select) */
	uint64_t before_ns;        /* how much of the recording lies before start_ns */
	uint64_t interval_ns;
	pid_t pid; /* of the first process; 0 if not known */
	struct run_sample *samples;
	size_t sample_count;
	/* Through all samples of what it was loaded for, over seconds since trend_from_ns; without points where another
	 * part of it was selected. */
	struct trend trend;
	uint64_t trend_from_ns;
	bool is_for_window; /* loaded for a selection, which the one of run_select is */
	struct run_line *lines;
	size_t line_count, line_capacity;
	struct run_recording *recordings; /* the first is this one; none unless there are several */
	size_t recording_count;
	struct run_function *functions; /* in the order of their first call; those never called last */
	size_t function_count;
	struct run_call *calls;
	size_t call_count;
	bool complete;              /* has END */
	struct trace_finish finish; /* valid if complete */
	uint64_t peak_rss; /* highest: of the kernel's mark where the file has it, else of the samples */
	uint64_t peak_sample_ns; /* when the highest sample was taken */
	uint64_t peak_sample_rss;
	size_t damaged_lines, first_damaged_line;
};

struct run_selection {
	/* Only calls that begin from from_ns to before to_ns, counted from the start of the recording, and samples
	 * up to it; those that began before and last into it are kept as uncounted. All: 0 and UINT64_MAX. */
	uint64_t from_ns, to_ns;
	const char *const *globs; /* functions; all if there are none */
	size_t glob_count;
	uint64_t least_ns; /* only calls that lasted so long */
	bool no_calls;
};

/*
 * An empty recording (no sample at all) is an error that says so. Of more samples than any picture shows, those stay
 * that draw the same picture of the window that is to be selected (NULL: of all); the peaks of calls are then taken
 * from a second reading, and lower if there can be none (a pipe).
 */
int run_load(const char *path, const struct run_selection *selection, struct run **run, struct error *err);
void run_free(struct run *run);

/* Whether it was open when its thread, its process or the recording ended; as report_row_unfinished counts. */
bool run_call_is_unfinished(const struct run_call *call);

/* The highest RSS inside of each call, by the samples where the file does not tell it exactly. run_load does it. */
void run_find_peaks(struct run *run);

/*
 * Leaves out what is not selected; sums and peak are then those of the rest, as in a report of the same window.
 * A window without a sample in or around it, and a glob that no function fits, are errors.
 */
int run_select(struct run *run, const struct run_selection *selection, struct error *err);

/*
 * Lays `other` over `run`, and frees it; of its lines none stay. What is from_ns after the start of the one and what
 * is other_from_ns after that of the other fall together; returns when.
 */
uint64_t run_overlay(struct run *run, struct run *other, uint64_t from_ns, uint64_t other_from_ns);

/*
 * At most about 4 points per column of a picture `columns` wide between
 * from_ns and to_ns: first, lowest, highest and last of each column, in order,
 * plus one point on either side of the window. The highest sample always stays.
 * Returns a new array (free it) and its length.
 */
struct run_sample *run_decimate(const struct run *run, uint64_t from_ns, uint64_t to_ns, unsigned columns,
				size_t *count);

/* ---- figures in passing ------------------------------------------------- */

/*
 * The straight line, by least squares, through memory that grew in steps: y_i = step_1 + … + step_i over x_i.
 * Start with {0}.
 */
struct fit {
	uint64_t count;
	double y, mean_x, mean_y, sxx, sxy; /* sums of products of differences from the means */
	double mean_step, step_squares;     /* the same of steps */
	/* Of P_j = x_1 + … + x_j-1: sums of P_j², j' P_j and j'², j' = j - 1. */
	double prefix, prefix_squares, prefix_numbers, number_squares;
};

/* Fewer show no slope that could be told from chance. */
enum { FIT_LEAST_POINTS = 10 };

void fit_add(struct fit *fit, double x, double step);
/*
 * slope = sum (x_i - mean x)(y_i - mean y) / sxx, sxx = sum (x_i - mean x)². The 95 % confidence interval is slope ±
 * margin, margin = t(0.975, n - 1) s sqrt(sum c_j²) / sxx, where s² = sum (step_i - mean step)² / (n - 1) and
 * c_j = sum over i < j of (x_i - mean x): that slope's standard error if steps are independent of each other. (The
 * usual one is for independent y, which sums are not; it would be far too small.)
 * False with too few points, or if all have the same x.
 */
bool fit_solve(const struct fit *fit, double *slope, double *margin);

struct report_peak {
	uint64_t bytes;
	bool exact; /* within the recording's bound; else it was at least that */
};

/* What has its own line: a function, or a function in each process, or in each thread. */
enum report_by { REPORT_BY_FUNCTION, REPORT_BY_PROCESS, REPORT_BY_THREAD };

struct report_process;

struct report_row {
	size_t function;                         /* index into report.functions */
	const struct report_process *process;    /* NULL where they are not told apart */
	pid_t pid, tid;                          /* 0 where they are not told apart */
	uint64_t calls;                          /* all of them, however they ended */
	uint64_t ends[TRACE_END_UNFINISHED + 1]; /* how they did */
	uint64_t noticed;                        /* calls whose leave was noticed later than it was */
	/*
	 * Calls inside of which no other call of the function was open in its thread when they began. Of
	 * recursive calls the inner ones are part of what the outer one took and left, so the mean and growth
	 * are those of outermost calls.
	 */
	uint64_t outermost;
	uint64_t total_ns;     /* time in which a call was open, summed over threads */
	uint64_t self_ns;      /* the part of it in which no call began later was open in that thread */
	uint64_t max_ns;       /* the longest call */
	uint64_t outermost_ns; /* outermost calls: total_ns, but for coroutines whose calls overlap */
	int64_t net_growth, largest_growth; /* RSS at leave less that at enter: sum, highest */
	struct report_peak peak;            /* highest RSS inside any of the calls */
	uint64_t first_enter_ns, first_enter_rss, last_leave_ns, last_leave_rss;
	/* Memory that calls retained so far over the number of the call, and over the seconds since the first
	 * leave; of outermost calls that ended, in the order in which they did. */
	struct fit by_call, by_second;
	uint64_t first_leave_ns; /* where the seconds of by_second begin */
	/* 0, or there were calls that began later, or may have been, and are not in the file: what is summed
	 * here is at least that. */
	uint64_t until_ns;
};

struct report_process {
	pid_t pid;    /* 0 where the file does not tell; mprof's number of a child */
	pid_t parent; /* who made it; 0 if not known */
	enum trace_made made;
	char *name;                /* NULL if not known */
	uint64_t start_ns, end_ns; /* 0 if not known */
	uint64_t threads;          /* that the file tells of */
	uint64_t calls, samples;
	bool ended; /* the file has its end: */
	enum trace_finish_how how;
	int code;                /* exit status or signal number */
	struct report_peak peak; /* its own; bytes 0 if not known */
	uint64_t last_sample_rss;
};

/* A call that has ended, or that never did: `end` is then TRACE_END_UNFINISHED, and it lasts as those of a run do. */
struct report_call {
	size_t index; /* into report.functions, once that is there */
	const struct run_function *function;
	pid_t pid, tid; /* 0 in an mprof file */
	unsigned depth;
	uint64_t number; /* in the file, 0 in an mprof file */
	uint64_t enter_ns, enter_rss, leave_ns, leave_rss, self_ns;
	enum trace_end end;
	bool exact;    /* left at leave_ns; else it was noticed then */
	uint64_t peak; /* as the file tells; 0: it does not */
	bool peak_exact;
	uint64_t highest; /* inside: the peak, or by the samples where the file does not tell it exactly */
	/* Of the calls of its thread that are nested, it lies wholly inside or outside of each, and none of those that
	 * it lies inside of began at the same time. Coroutines' calls may not be, nor are those noticed late. */
	bool nested;
	void *mark; /* what `entered` returned */
};

/* Who is told of a recording while it is read. */
struct report_observer {
	void *data;
	/* Each line but ENTER and FUNC. NULL: not wanted. */
	void (*line)(void *data, const struct trace_event *event, const struct trace_reader *reader);
	/* What stays with the call; `outer` is what stays with the one that began last of those open in its thread, or
	 * NULL. NULL: not wanted. */
	void *(*entered)(void *data, void *outer, size_t index);
	void (*left)(void *data, const struct report_call *call);
	/*
	 * NULL: calls are told as the file does, of which it is enough to read it once; what was out of order is not
	 * nested, and there are no figures then but those of the whole recording. Otherwise they are told in the order
	 * of their times; if that takes a second reading, `again` forgets the first.
	 */
	void (*again)(void *data);
};

struct report_options {
	enum report_by by;
	/* Only calls that begin from from_ns to before to_ns, counted from the start of the recording. All:
	 * 0 and UINT64_MAX. */
	uint64_t from_ns, to_ns;
	const struct report_observer *observer; /* of all calls; or NULL */
};

struct report {
	char *path, *command, *host, *executable; /* "" if not known */
	uint64_t start_ns, end_ns;                /* first and last time in the file */
	uint64_t interval_ns;                     /* 0 if not known */
	enum trace_peaks peaks;
	uint64_t peak_bound;
	uint64_t samples, calls, unfinished, notes;
	struct report_peak peak;                  /* of the first process, or of the tree */
	uint64_t peak_sample_ns, peak_sample_rss; /* the highest sample */
	struct trend trend;                       /* RSS of its samples over seconds from the start */
	bool complete;                            /* has END */
	struct trace_finish finish;               /* valid if complete */
	size_t damaged_lines, first_damaged_line;
	struct run_function *functions; /* in the order of the file */
	size_t function_count;
	struct report_row **rows; /* of those that were called, in the order of their first call */
	size_t row_count;
	struct report_process **processes; /* the first one first */
	size_t process_count;
};

/*
 * Reads the file once; a second time if calls in it are not in order (noticed late; mprof's). What cannot be
 * read twice (a pipe) is then an error.
 */
int report_read(const char *path, const struct report_options *options, struct report **report,
		struct error *err);
void report_free(struct report *report);

/* The processes as a tree, each below the one that made it, those of one parent in the order in which they began. */
struct report_branch {
	const struct report_process *process;
	unsigned depth; /* 0: nobody in the file made it */
};

/* All of report.processes, each once; free() it. */
struct report_branch *report_tree(const struct report *report);

/* How many samples were missed stands in the file. */
bool report_missed_known(const struct report *report);

/* Calls that returned, that were left without a return, and that were open when their thread, their process or
 * the recording ended. */
uint64_t report_row_returned(const struct report_row *row);
uint64_t report_row_unwound(const struct report_row *row);
uint64_t report_row_unfinished(const struct report_row *row);

/* Whether a glob means the function: its name or full name; also MODULE!GLOB. */
bool function_matches(const struct run_function *function, const char *glob);

/* ---- one next to another ------------------------------------------------- */

enum compare_trend { COMPARE_SAME, COMPARE_WORSE, COMPARE_BETTER };

/* Higher is worse if it is so by more than the noise, and by more than `tolerance` parts of what was (0.05: 5 %); lower
 * is better likewise. */
enum compare_trend compare_values(int64_t before, int64_t after, double noise, double tolerance);

enum compare_kind { COMPARE_CALLS, COMPARE_TOTAL, COMPARE_NET, COMPARE_LARGEST, COMPARE_PEAK };
enum { COMPARE_KINDS = COMPARE_PEAK + 1 };

struct compare_side {
	bool known;
	int64_t value; /* as in struct report_row */
	bool exact;    /* else it was at least that */
};

struct compare_figure {
	struct compare_side before, after;
	enum compare_trend trend; /* COMPARE_SAME unless both are known */
	bool counts;              /* where it is worse, all is */
};

struct compare_row {
	const struct run_function *before, *after; /* NULL: the other recording alone has it */
	struct compare_figure figures[COMPARE_KINDS];
	bool worse; /* in a figure that counts */
};

struct compare_options {
	double tolerance;
	bool has_floor;
	uint64_t
		floor; /* differences of memory up to that are noise; without it, the peak bounds of both together */
	bool times;               /* count as well */
	const char *const *globs; /* functions; all if there are none */
	size_t glob_count;
};

struct comparison {
	uint64_t noise;                              /* of memory */
	struct compare_figure peak, duration, slope; /* of the whole run; bytes, ns, bytes a second */
	/* Functions that were called, in either. Those that both know and one has not called are compared with 0. First
	 * what is worse, most growth first; last those of one recording alone. */
	struct compare_row *rows;
	size_t count;
	bool worse;
};

/*
 * Functions are the same if full name and module are: the program itself, or the same file name up to ".so". Of several,
 * those of the same source file first. One whose arguments only one of both knows goes by its name, if that is unique. The reports are of
 * functions, and stay the caller's; names point into them.
 */
void compare_reports(const struct report *before, const struct report *after,
		     const struct compare_options *options, struct comparison *comparison);
void comparison_free(struct comparison *comparison);

/* ---- recordings of a folder -------------------------------------------- */

/* Regular files mprofile_YYYYmmddHHMMSS.dat, oldest first, as mprof numbers them. */
struct recording_list {
	char **names; /* with the folder in front, unless that is "." */
	size_t count;
};

int recording_list_read(const char *folder, struct recording_list *list, struct error *err);
void recording_list_free(struct recording_list *list);

/* A number is an index into the list; from -1, the newest, backwards where it is negative. */
bool recording_word_is_index(const char *word, long *index);
/* The path that a word means: an index, or that file; a new string, or NULL and a reason. */
char *recording_find(const char *folder, const char *word, struct error *err);
/* A new string, or NULL and a reason. */
char *run_newest_file(const char *folder, struct error *err);

#endif

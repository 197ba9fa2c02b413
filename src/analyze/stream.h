/*
 * What the parts of a report share: report.c reads the lines, nesting.c knows which calls are open, strays.c brings
 * calls into order that the file has out of order, figures.c sums.
 */
#ifndef FMPROF_ANALYZE_STREAM_H
#define FMPROF_ANALYZE_STREAM_H

#include "fmprof/analyze.h"
#include "functions.h"
#include "highs.h"

struct series { /* a process, and the memory that its samples show */
	struct report_process *shown;
	struct highs highs;
	uint64_t begun_at_peak; /* how many calls had begun at the last sample with a peak */
	uint64_t last_ns, last_rss;
	struct report_peak told;      /* the process's own, as the file tells it at the process's end */
	struct series *older, *newer; /* of other processes that had the same number */
	size_t number;                /* in the report's processes */
};

struct thread {
	pid_t pid, tid;
	size_t index;
	struct series *process;
	struct open_call *newest;
	struct open_call *innermost; /* of those that are nested */
	uint64_t last_ns;            /* of its last enter or leave */
	struct thread *former;       /* that of another process, which had the same numbers before; or NULL */
};

/* The calls of one function in one thread. */
struct group {
	struct thread *thread;
	struct report_row *row;
	uint64_t open, since_ns; /* how many are open, and since when the first of them is */
	bool selected;           /* that one is in the window */
};

struct open_call {
	struct open_call *older, *newer;               /* of its thread */
	struct open_call *older_of_all, *newer_of_all; /* of all */
	struct open_call *outer, *inner;               /* of those of its thread that are nested */
	struct group *group;
	uint64_t number; /* in the file */
	uint64_t begun;  /* how many calls had begun, itself included */
	uint64_t enter_ns, enter_rss, self_ns;
	unsigned depth;
	void *mark; /* of the observer */
	bool outermost, selected;
	bool nested;     /* by its times, as far as they are known */
	bool disordered; /* its ENTER came after a later time */
};

/* The calls whose lines are not where their times belong, found in the first pass. */
struct strays {
	struct stray *items;
	size_t count, capacity;
	struct stray **by_enter, **by_leave;
	size_t entered, left;
	struct table numbers; /* their numbers in the file */
};

struct stream {
	struct report *report;
	const struct report_options *options;
	struct function_list functions;
	struct table series;  /* by pid */
	struct series *first; /* the process of MEM lines */
	bool first_known;     /* its pid is */
	bool has_children;    /* CHLD lines */
	struct table threads, groups, rows;
	size_t thread_count, row_capacity, process_capacity;
	struct table open; /* calls by number */
	struct open_call *newest, *spare;
	size_t open_count;
	uint64_t begun;
	uint64_t latest_ns; /* of enters, leaves and samples so far */
	struct strays strays;
	bool second, has_event, start_known;
	bool at_end; /* all lines of this pass were read */
};

/* ---- report.c ---- */
struct series *stream_series(struct stream *stream, pid_t pid);
void stream_time(struct stream *stream, uint64_t time_ns);

/* ---- observe.c ---- */
void observe_line(const struct stream *stream, const struct trace_event *event,
		  const struct trace_reader *reader);
void observe_enter(const struct stream *stream, struct open_call *call);
void observe_leave(const struct stream *stream, const struct open_call *call, const struct trace_call *line,
		   const struct trace_call *end);
/* A line of a call that had not begun. */
void observe_stray(const struct stream *stream, const struct trace_call *line, size_t function);
/* Whether calls are wanted as they come, and the file is to be read once. */
bool observe_in_passing(const struct stream *stream);

/* ---- nesting.c ---- */
struct open_call *nesting_enter(struct stream *stream, const struct trace_enter *enter, size_t function);
/* A call that ends: sums it and forgets it. */
void nesting_leave(struct stream *stream, struct open_call *call, const struct trace_call *end);
/* Those that never did. */
void nesting_finish(struct stream *stream);
void nesting_sample(struct stream *stream, struct series *series, uint64_t time_ns, uint64_t rss,
		    uint64_t peak);
void nesting_free(struct stream *stream);

/* ---- strays.c ---- */
void strays_add(struct strays *strays, const struct trace_call *call, size_t function);
void strays_sort(struct strays *strays);
bool strays_has(const struct strays *strays, uint64_t call);
/* Lets all begin that do up to a time, and end that do before it; or also at it. */
void strays_run(struct stream *stream, uint64_t time_ns, bool with_leaves);
void strays_free(struct strays *strays);

/* ---- figures.c ---- */
struct report_row *figures_row(struct stream *stream, size_t function, const struct thread *thread);
void figures_take(struct report_row *row, const struct open_call *call, const struct trace_call *end);
/* When all lines were read: which rows miss calls. */
void figures_complete(struct report *report, const struct report_options *options);

#endif

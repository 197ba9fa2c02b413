/*
 * trace: the recording's file, format version 1 (docs/file-format.md): writer
 * and reader side by side. The recording half and the reading half meet here
 * and only here.
 *
 * Times are nanoseconds since the epoch, memory is in bytes; the file has
 * seconds with nine decimals and MiB (2^20) with six.
 */
#ifndef FMPROF_TRACE_H
#define FMPROF_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fmprof/util.h"

enum { TRACE_VERSION = 1 };

/* ---- what happens ------------------------------------------------------ */

/* Where the peaks of a recording come from. */
enum trace_peaks {
	TRACE_PEAKS_NONE, /* there are none: a file of mprof, or of an older fmprof */
	TRACE_PEAKS_RESET, /* the kernel's high-water mark, reset whenever it was read: exact but for a few calls */
	TRACE_PEAKS_MARK,    /* the same, never reset: exact where the mark rose inside, else at least that */
	TRACE_PEAKS_SAMPLES, /* the highest that was read (of a tree: its highest sum): at least that */
};

struct trace_header { /* FMPROF */
	unsigned version;
	uint64_t start_ns;
	uint64_t interval_ns;
	pid_t pid;
	const char *host, *executable, *build_id; /* build_id may be NULL */
	const char *metrics;                      /* "rss" or "rss,anon,pss" */
	enum trace_peaks peaks;
	uint64_t peak_bound; /* an exact peak is off by no more, in bytes; 0 if not known */
};

struct trace_function { /* FN */
	uint32_t id;    /* from 1 */
	const char *name, *full_name, *module;
	uint64_t address; /* in the module's file */
	const char *file; /* NULL if not known */
	unsigned line;
};

/* FNEND: the function's calls that begin later are not recorded. */
struct trace_function_end {
	uint32_t id;
	uint64_t time_ns, calls; /* calls that were recorded */
};

enum trace_task_event { TRACE_TASK_START, TRACE_TASK_EXEC, TRACE_TASK_EXIT };

struct trace_task { /* TASK */
	pid_t pid, tid;
	uint64_t time_ns;
	enum trace_task_event event;
	const char *name; /* the thread's name, from comm */
};

/* How a process came to be. */
enum trace_made {
	TRACE_MADE_UNKNOWN,
	TRACE_MADE_FORK,  /* with a copy of its parent's memory */
	TRACE_MADE_VFORK, /* in its parent's memory, until it executed a program; its parent waited */
	TRACE_MADE_CLONE, /* the same, and its parent went on */
};

/* How a process ended, or was left. */
enum trace_finish_how { TRACE_FINISH_EXIT, TRACE_FINISH_SIGNAL, TRACE_FINISH_DETACHED };

struct trace_process { /* PROC */
	pid_t pid;
	uint64_t time_ns;
	enum { TRACE_PROCESS_START, TRACE_PROCESS_END } event;
	/* of its start */
	pid_t parent; /* who made it; 0 if not known */
	enum trace_made made;
	/* of its end */
	enum trace_finish_how how;
	int code;        /* exit status or signal number */
	uint64_t peak;   /* its own highest RSS; 0 if not known */
	bool peak_exact; /* within the bound; else it was at least that */
};

/* A metric that could not be read at a sample. */
#define TRACE_NOT_KNOWN UINT64_MAX

struct trace_sample { /* MEM */
	uint64_t time_ns, rss;
	uint64_t peak; /* highest RSS since the sample before, exact within the bound; 0 if not known */
	/* In the order of the header's metrics, in bytes, that of rss too; TRACE_NOT_KNOWN where one is
	 * missing. NULL: none but rss. */
	const uint64_t *values;
};

struct trace_child { /* CHLD: a sample of a process other than the first */
	pid_t pid;
	uint64_t time_ns, rss, peak; /* as in trace_sample */
	const uint64_t *values;
};

struct trace_enter {   /* ENTER */
	uint64_t call; /* from 1, unique in the file */
	uint32_t function;
	pid_t pid, tid;
	unsigned depth; /* traced calls of this task already open: 0 is outermost */
	uint64_t rss, time_ns;
};

/* How a call ended. */
enum trace_end {
	TRACE_END_RETURN,
	TRACE_END_TAIL,    /* jumped into another function, which returned for it */
	TRACE_END_UNWOUND, /* its frame was gone without a return */
	TRACE_END_LONGJMP,
	TRACE_END_THREAD_EXIT,
	TRACE_END_EXIT, /* the process exited inside */
	TRACE_END_EXEC,
	TRACE_END_KILLED, /* by a signal */
	TRACE_END_DETACHED,
	TRACE_END_UNFINISHED, /* not written: a reader's word for an open call in a cut file */
};

struct trace_call { /* FUNC: a call with both its ends */
	uint64_t call;
	uint32_t function;
	const char *name; /* of the function, as in FN */
	pid_t pid, tid;
	unsigned depth;
	uint64_t enter_rss, enter_ns, leave_rss, leave_ns;
	enum trace_end end;
	bool exact;      /* left at leave_ns; else it was noticed then */
	uint64_t peak;   /* highest RSS inside, both ends included; 0 if not known */
	bool peak_exact; /* within the bound; else it was at least that */
};

struct trace_finish { /* END */
	uint64_t time_ns;
	enum trace_finish_how how;
	int code;      /* exit status or signal number */
	uint64_t peak; /* the highest RSS of the run; 0 if not known */
	uint64_t calls;
	uint64_t missed;     /* samples that were not taken in time */
	uint64_t peak_bound; /* as in the header, where it has grown since (threads of old kernels); else 0 */
	bool peak_least;     /* the peak was at least that; else as exact as the header's `peaks` can be */
};

/* Words for enum trace_end as in the file; `from` returns -1 if unknown. */
const char *trace_end_name(enum trace_end end);
int trace_end_from_name(const char *name, size_t length);
/* The same for enum trace_peaks. */
const char *trace_peaks_name(enum trace_peaks peaks);
int trace_peaks_from_name(const char *name, size_t length);
/* The same for enum trace_made; NULL for TRACE_MADE_UNKNOWN. */
const char *trace_made_name(enum trace_made made);
int trace_made_from_name(const char *name, size_t length);

/*
 * Names in FUNC lines: mprof splits lines at spaces and shows what follows a
 * name's last dot, so space, '.', '$', '%', control characters and bytes that
 * are not UTF-8 are written %XX. Reversible.
 */
void trace_encode_name(struct text *out, const char *name);
void trace_decode_name(struct text *out, const char *encoded, size_t length);

/* ---- writer ------------------------------------------------------------ */

/*
 * Thread-safe. Lines are gathered in memory and written by a thread of the
 * writer's own, at least every TRACE_FLUSH_NS, so that neither the target nor
 * the sampler ever waits for a disk. When writing fails (full disk, closed pipe)
 * the file is cut back to whole lines where it can be, trace_writer_failed()
 * turns true, and all later puts do nothing.
 */
struct trace_writer;

#define TRACE_FLUSH_NS UINT64_C(100000000)

/*
 * Opens (creates or truncates) `path`; "-" is stdout. The error says what to
 * do. SIGPIPE must be ignored by the caller.
 */
int trace_writer_open(const char *path, struct trace_writer **writer, struct error *err);
/* Writes what is left, syncs nothing, frees. -1 and the reason if anything
 * could not be written. */
int trace_writer_close(struct trace_writer *writer, struct error *err);
/* Hands what was put so far to the kernel before returning; gives up waiting after a second. */
void trace_writer_flush(struct trace_writer *writer);
bool trace_writer_failed(struct trace_writer *writer);

/*
 * Everything between begin and end is written together and holds the lock;
 * begin returns the time, never less than any earlier one, that all lines
 * of this group should carry. Read memory inside, so that times and values belong
 * together.
 */
uint64_t trace_begin(struct trace_writer *writer, const struct clock_anchor *clock);
void trace_put_command(struct trace_writer *writer, char *const argv[]);
void trace_put_header(struct trace_writer *writer, const struct trace_header *header);
void trace_put_function(struct trace_writer *writer, const struct trace_function *function);
void trace_put_function_end(struct trace_writer *writer, const struct trace_function_end *end);
void trace_put_task(struct trace_writer *writer, const struct trace_task *task);
void trace_put_process(struct trace_writer *writer, const struct trace_process *process);
void trace_put_sample(struct trace_writer *writer, const struct trace_sample *sample);
void trace_put_child(struct trace_writer *writer, const struct trace_child *child);
void trace_put_enter(struct trace_writer *writer, const struct trace_enter *enter);
/* Also puts a MEM line first if none was put since the call's enter: mprof's
 * `peak --func` fails on a bracket without one. */
void trace_put_call(struct trace_writer *writer, const struct trace_call *call);
void trace_put_note(struct trace_writer *writer, uint64_t time_ns, const char *text);
void trace_put_finish(struct trace_writer *writer, const struct trace_finish *finish);
void trace_end(struct trace_writer *writer);

/* ---- reader ------------------------------------------------------------ */

enum trace_kind {
	TRACE_COMMAND,
	TRACE_HEADER,
	TRACE_FUNCTION,
	TRACE_FUNCTION_END,
	TRACE_TASK,
	TRACE_PROCESS,
	TRACE_SAMPLE,
	TRACE_CHILD,
	TRACE_ENTER,
	TRACE_CALL,
	TRACE_NOTE,
	TRACE_FINISH,
};

/* One line. Pointers in it live until the next trace_reader_next. */
struct trace_event {
	enum trace_kind kind;
	union {
		const char *command; /* TRACE_COMMAND: the shell-quoted command line */
		struct trace_header header;
		struct trace_function function;
		struct trace_function_end function_end;
		struct trace_task task;
		struct trace_process process;
		struct trace_sample sample;
		struct trace_child child;
		struct trace_enter enter;
		struct trace_call call;
		struct {
			uint64_t time_ns;
			const char *text;
		} note;
		struct trace_finish finish;
	} u;
};

struct trace_reader;

/* "-" is stdin. Reads mprof's own files as well: their FUNC lines have no
 * call=, fn=, …; those members are then 0 and `exact` is true. */
int trace_reader_open(const char *path, struct trace_reader **reader, struct error *err);
/*
 * 1 and the next event, 0 at the end, or -1. A last line without newline (the
 * recorder was killed) is dropped; lines of unknown kind and unknown keys are
 * skipped; a damaged line elsewhere is skipped and counted. What holds no event
 * for long is no recording, and may never end: an error.
 */
int trace_reader_next(struct trace_reader *reader, struct trace_event *event, struct error *err);
/* How many metrics the header names, 0 before it was read; their names until the reader is closed. */
size_t trace_reader_metrics(const struct trace_reader *reader, const char *const **names);
/* How many damaged lines were skipped so far, and the number of the first. */
size_t trace_reader_damaged(const struct trace_reader *reader, size_t *first_line);
void trace_reader_close(struct trace_reader *reader);

#endif

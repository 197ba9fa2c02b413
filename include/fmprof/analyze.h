/*
 * analyze: a recording as figures: samples, calls with both their ends, sums
 * per function, and fewer points for a picture. Reading half: no ptrace.
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
	/* sums over its calls */
	uint64_t calls; /* finished and unfinished */
	uint64_t unfinished;
	uint64_t total_ns; /* time inside, a recursive inner call counted once */
	uint64_t first_enter_ns;
};

struct run_call {
	size_t function; /* index into run.functions */
	pid_t pid, tid;
	unsigned depth;
	uint64_t call; /* number in the file, 0 in an mprof file */
	uint64_t enter_ns, leave_ns, enter_rss, leave_rss;
	enum trace_end end;
	bool exact;
};

/* A whole recording in memory. Samples and calls are sorted by time (calls by
 * enter, outer before inner). A call that never ended has leave = end of the
 * recording and TRACE_END_UNFINISHED. */
struct run {
	char *path;
	char *command;             /* shell-quoted; "" if the file has none */
	uint64_t start_ns, end_ns; /* first and last time in the file */
	uint64_t interval_ns;
	struct run_sample *samples;
	size_t sample_count;
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

/* An empty recording (no sample at all) is an error that says so. */
int run_load(const char *path, struct run **run, struct error *err);
void run_free(struct run *run);

/*
 * At most about 4 points per column of a picture `columns` wide between
 * from_ns and to_ns: first, lowest, highest and last of each column, in order,
 * plus one point on either side of the window. The highest sample always stays.
 * Returns a new array (free it) and its length.
 */
struct run_sample *run_decimate(const struct run *run, uint64_t from_ns, uint64_t to_ns, unsigned columns,
				size_t *count);

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

/* What the formats share: export.c reads the recording, and each format has a table of what it does with it. */
#ifndef EXPORT_FORMAT_H
#define EXPORT_FORMAT_H

#include "fmprof/export.h"

struct export
{
	const struct export_options *options;
	struct output output;
	struct text text; /* on its way there */
	bool start_known;
	uint64_t start_ns; /* of the recording; without a header its first time */
	pid_t first_pid;   /* the process of MEM lines; 0: not known */
	void *state;       /* the format's own; free() it after `discard` */
};

struct format {
	void (*begin)(struct export *export);
	/* All but `left` may be NULL. */
	void (*line)(struct export *export, const struct trace_event *event,
		     const struct trace_reader *reader);
	void *(*entered)(void *export, void *outer, size_t index);
	void (*left)(struct export *export, const struct report_call *call);
	void (*again)(void *export); /* as in struct report_observer */
	void (*end)(struct export *export, const struct report *report);
	void (*discard)(struct export *export); /* what the state holds */
};

extern const struct format format_perfetto, format_csv, format_json, format_folded;

/* What is in the text goes on its way, when there is enough of it. */
void export_flush(struct export *export);

/* Since the start; less than 0 in files whose times jump. */
int64_t export_since_start(const struct export *export, uint64_t time_ns);
/* The same in seconds, nine decimals. */
void export_put_seconds(struct export *export, uint64_t time_ns);

/* A sample of a MEM or CHLD line. */
struct export_sample {
	bool is_first; /* of the first process */
	pid_t pid;     /* 0 for the first one where the file does not tell */
	uint64_t time_ns, rss, peak;
	const char *const *metrics; /* rss may be among them */
	const uint64_t *values;     /* NULL: none */
	size_t metric_count;
};

/* False if it is another kind of line. */
bool export_sample_of(const struct export *export, const struct trace_event *event,
		      const struct trace_reader *reader, struct export_sample *sample);

#endif

/*
 * export: a recording in forms that other programs read (docs/export.md). Reading half: no ptrace.
 *
 * A recording is read once, line by line, and needs memory for functions, threads and open calls only; folded stacks
 * need it for the stacks that there are, and a file of mprof for its calls.
 */
#ifndef FMPROF_EXPORT_H
#define FMPROF_EXPORT_H

#include "fmprof/analyze.h"

enum export_format {
	EXPORT_PERFETTO, /* Trace Event Format, as Perfetto and Chrome read it */
	EXPORT_CSV,
	EXPORT_JSONL, /* an object a line */
	EXPORT_JSON,  /* the same objects in an array */
	EXPORT_FOLDED /* outer;inner VALUE */
};

enum export_what { EXPORT_ALL, EXPORT_SAMPLES, EXPORT_CALLS };

/* What stands behind a folded stack. */
enum export_value {
	EXPORT_SELF_GROWTH, /* KiB that its calls grew by, less what calls inside of them did */
	EXPORT_NET_GROWTH,  /* KiB that its calls grew by */
	EXPORT_SELF_TIME,   /* µs in which no call inside of them was open */
	EXPORT_CALL_COUNT
};

struct export_options {
	enum export_format format;
	enum export_what what; /* not of folded stacks; of CSV not all */
	enum export_value value;
	const char *output; /* NULL: standard output */
};

/* By name: perfetto csv jsonl json folded. */
int export_format_from_name(const char *name, enum export_format *format, struct error *err);
/* By the suffix of a file name; .json, and any that is not known, is EXPORT_PERFETTO. */
enum export_format export_format_from_path(const char *path);

/* Damaged lines are left out and counted. An output file that could not be made whole is taken back. */
int export_recording(const char *path, const struct export_options *options, size_t *damaged_lines,
		     size_t *first_damaged_line, struct error *err);

#endif

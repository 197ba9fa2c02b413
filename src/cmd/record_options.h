/* What `run` and `attach` have in common: options, the closing line. */
#ifndef CMD_RECORD_OPTIONS_H
#define CMD_RECORD_OPTIONS_H

#include <getopt.h>

#include "fmprof/record.h"

struct record_options {
	struct sym_spec *specs;
	size_t spec_count, spec_capacity;
	uint64_t interval_ns, timeout_ns;
	enum record_children children;
	char *output; /* owned */
	bool quiet;
};

/* The long options of both commands, and their letters for getopt_long. */
extern const struct option record_long_options[];
#define RECORD_LETTERS "f:T:o:qhCM"
/* Their lines in --help. */
extern const char record_options_help[];

void record_options_init(struct record_options *options);
void record_options_free(struct record_options *options);
/* 0 if this letter was one of theirs and is done, 1 if it is not, -1 and a reason. */
int record_options_take(struct record_options *options, int letter, const char *value, struct error *err);
/* The output's name, made if none was given. */
const char *record_options_output(struct record_options *options);

/* Fills what the options say. */
void record_options_plan(struct record_options *options, struct record_plan *plan);
/* One line, with the next command to type. */
void record_summary_print(const struct record_result *result, const char *output);

#endif

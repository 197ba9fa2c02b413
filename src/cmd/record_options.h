/* What `run` and `attach` have in common: options, the closing line. */
#ifndef CMD_RECORD_OPTIONS_H
#define CMD_RECORD_OPTIONS_H

#include "afterwards.h"
#include "fmprof/record.h"
#include "progress.h"
#include "source_options.h"
#include "spec_list.h"

struct record_options {
	struct spec_list specs, excludes;
	uint64_t interval_ns, timeout_ns;
	enum record_children children;
	char *output; /* owned */
	struct source_options sources;
	struct sample_metrics metrics;
	struct afterwards afterwards;
	struct progress progress;
	double max_overhead; /* percent */
	bool keep_peak_mark;
	bool quiet;
	bool may_time_out; /* --timeout is an option of this command */
};

/* Their lines in --help. */
extern const char record_options_help[];

void record_options_init(struct record_options *options);
void record_options_free(struct record_options *options);
/*
 * Reads options up to the first other word, argv[optind] then. 1 go on, 0 done (help was
 * printed), -1 err is set, or a usage error was printed (err empty).
 */
int record_options_parse(struct record_options *options, int argc, char **argv, void (*print_help)(void),
			 struct error *err);
/* The output's name, made if none was given. */
const char *record_options_output(struct record_options *options);

/* Fills what the options say. */
void record_options_plan(struct record_options *options, struct record_plan *plan);
/* The closing line, with the next command to type, and what is to be done with the recording; -1: some of that failed. */
int record_options_finish(struct record_options *options, const struct record_result *result,
			  const char *output);

#endif

/* Options of `diff`, and what it does with two batches. */
#ifndef CMD_DIFF_H
#define CMD_DIFF_H

#include "fmprof/analyze.h"
#include "recordings.h"

enum diff_form { DIFF_TEXT, DIFF_CSV, DIFF_JSON };

struct diff_command {
	struct recordings files;
	struct compare_options options;
	enum diff_form form;
	unsigned width;
	const char *output;
	const char **globs; /* owned; the words are argv's */
	size_t glob_capacity;
};

/* Whether it is what a batch left: a folder, or its summary.json. */
bool diff_is_batch(const char *path);
/* 1 if the second is worse, 0 if not, -1 and a reason. */
int diff_batches(const struct diff_command *command, struct text *out, struct error *err);

#endif

/* The options of `plot`, from the command line and from files of --style. */
#ifndef CMD_PLOT_OPTIONS_H
#define CMD_PLOT_OPTIONS_H

#include "fmprof/plot.h"
#include "recordings.h"

struct plot_command {
	struct recordings files;
	struct plot_options plot; /* format, width and height are settled last */
	struct run_selection selection;
	const char *terminal, *size;
	const char *align; /* NULL: start */
	const char **globs, **stack;
	size_t glob_capacity, stack_capacity;
	char **owned; /* words that options point into */
	size_t owned_count, owned_capacity;
};

/* 1 go on, 0 done (help was printed), -1 err is set, or a usage error was printed (err empty). */
int plot_options_parse(struct plot_command *command, int argc, char **argv, struct error *err);
void plot_options_free(struct plot_command *command);

#endif

/* Options of fmprof batch, and the suite that they lead to. */
#ifndef CMD_BATCH_OPTIONS_H
#define CMD_BATCH_OPTIONS_H

#include "batch_results.h"
#include "source_options.h"

/* The words in it are argv's; lists have NULL at the end. */
struct batch_command {
	const char *suite; /* a file, "-", or NULL: commands are words */
	char **names;      /* globs */
	char **words;      /* of commands; NULL: none */
	char **functions;
	char **settings; /* KEY=VALUE */
	char **tags;     /* owned */
	struct source_options sources;
	char *folder;         /* owned; made up if none was given */
	unsigned jobs, width; /* width 0: as wide as it is */
	bool fail_fast, shell, list, quiet;
	enum batch_pictures pictures;
	const char *from; /* an earlier summary: nothing is run */
	struct batch_results results;
};

/* 1 go on, 0 done (help was printed), -1 err is set, or a usage error was printed (err empty). */
int batch_command_parse(struct batch_command *command, int argc, char **argv, struct error *err);
void batch_command_free(struct batch_command *command);
/* The programs that were chosen, as the options want them. */
int batch_command_suite(const struct batch_command *command, struct batch_suite *suite, struct error *err);

#endif

/* child: runs a program on bytes in memory and waits for it. */
#ifndef FMPROF_PLOT_CHILD_H
#define FMPROF_PLOT_CHILD_H

#include "fmprof/util.h"

struct child_result {
	struct text output, complaints; /* stdout and stderr */
	int status;                     /* as waitpid tells it */
};

/*
 * argv[0] is looked for in PATH. Nothing of it reaches our stdout or stderr.
 * 0, or an errno value if it could not be run. Free the result in either case.
 */
int child_run(char *const argv[], char *const environment[], const struct text *input,
	      struct child_result *result);
void child_result_free(struct child_result *result);

#endif

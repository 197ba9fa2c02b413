/* What `run` and `attach` do with a recording when it is made: --plot, --report. */
#ifndef CMD_AFTERWARDS_H
#define CMD_AFTERWARDS_H

#include "fmprof/util.h"

struct afterwards {
	bool report, plot;
	const char *picture; /* NULL: the recording's name with .png */
};

/* Before anything runs: whether it can be done with this recording. */
int afterwards_check(const struct afterwards *afterwards, const char *recording, struct error *err);
/* The table on stderr, the picture into its file. What fails is said there; -1 then. */
int afterwards_do(const struct afterwards *afterwards, const char *recording, bool quiet);

#endif

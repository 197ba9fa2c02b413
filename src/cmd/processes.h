/* The processes of a recording, as `info` and `report --by process` show them. */
#ifndef CMD_PROCESSES_H
#define CMD_PROCESSES_H

#include "fmprof/analyze.h"

/* As many as are worth it unasked: a build has thousands. */
enum { PROCESSES_SHOWN = 20 };

/* A line each, below the one that made it; `most` at most, 0: all, and how many more there are. */
void processes_put(struct text *out, const struct report *report, size_t most);

#endif

/* One line on a terminal that tells how far a recording is. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdatomic.h>

#include "fmprof/record.h"

struct progress {
	bool wanted;
	atomic_bool shown; /* by a thread of its own */
};

/* For struct record_plan: nothing is shown unless it is wanted, and stderr a terminal that is ours. */
void progress_show(void *progress, const struct record_progress *now);
/* Makes room for another line, if one is shown. */
void progress_clear(struct progress *progress);

#endif

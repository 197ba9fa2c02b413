/* One line on a terminal that tells how far a recording is. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "fmprof/record.h"

struct progress {
	bool wanted;
};

/* For struct record_plan: nothing is shown unless it is wanted, and stderr a terminal that is ours. */
void progress_show(void *progress, const struct record_progress *now);
/* Makes room for another line. */
void progress_clear(const struct progress *progress);

#endif

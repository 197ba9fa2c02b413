/* lanes: calls as bars, a lane for each thread, in it a row for each depth. */
#ifndef FMPROF_PLOT_LANES_H
#define FMPROF_PLOT_LANES_H

#include "scene.h"

struct lane {
	pid_t pid, tid;
	size_t recording;
	unsigned first_row, rows; /* deeper calls share the last one */
	unsigned depths;
};

struct lane_bar {
	size_t lane, shown;
	unsigned row;
	uint64_t from_ns, to_ns, calls;
	uint64_t longest_ns;         /* of its calls */
	bool mixed;                  /* calls of several functions; it has the colour of the longest */
	bool open, noticed, unwound; /* of its last call */
};

struct lanes {
	struct lane *lanes; /* in the order of their first calls */
	size_t count, left_out;
	struct lane_bar *bars; /* of a row by time */
	size_t bar_count;
	unsigned rows;
	bool many_processes;
};

/* At most `most` rows. Calls shorter than `least_ns` are joined where they are of one function and as close, or all
 * within one stretch so long. */
void lanes_build(struct lanes *lanes, const struct scene *scene, unsigned most, uint64_t least_ns);
/* A new string, cleaned: "tid 4711"; of several recordings, "a.dat". */
char *lanes_name(const struct lanes *lanes, const struct lane *lane, const struct run *run);
void lanes_free(struct lanes *lanes);

#endif

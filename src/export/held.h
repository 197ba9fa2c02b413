/* Calls of mprof, whose file has them function by function at its end: held until all are known. */
#ifndef EXPORT_HELD_H
#define EXPORT_HELD_H

#include "fmprof/analyze.h"

/* Start with {0}. */
struct held {
	struct report_call *calls;
	size_t count, capacity;
};

void held_add(struct held *held, const struct report_call *call);
/* By time, outer ones before inner ones; and whether they are nested. */
void held_settle(struct held *held, const struct run_function *functions);
void held_free(struct held *held);

#endif

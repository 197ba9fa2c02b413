#include "fmprof/util.h"

#include <time.h>

static uint64_t clock_read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

void clock_anchor_set(struct clock_anchor *anchor)
{
	anchor->epoch_minus_monotonic_ns =
		(int64_t)(clock_read_ns(CLOCK_REALTIME) - clock_read_ns(CLOCK_MONOTONIC));
}

uint64_t clock_epoch_ns(const struct clock_anchor *anchor)
{
	return clock_monotonic_ns() + (uint64_t)anchor->epoch_minus_monotonic_ns;
}

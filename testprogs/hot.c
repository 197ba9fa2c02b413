/*
 * PURPOSE: what one call costs. An empty function is called very often, and the program itself measures
 * the time per call, which it prints as `ns-per-call NS` (traced minus bare is the tracer's cost).
 * TRACE: hot
 * ARGUMENTS: [CALLS] = 100000
 */
#include <time.h>

#include "truth.h"

TRACED void hot(void);

void hot(void)
{
	__asm__ volatile("" : : : "memory");
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
	long calls = argument(argc, argv, 1, 1, 100000);

	double start = now_ns();
	for (long i = 0; i < calls; i++)
		hot();
	double spent = now_ns() - start;

	printf("ns-per-call %.1f\n", spent / (double)calls);
	truth_calls("hot", calls);
	truth_max_depth("hot", 0);
	truth_end("hot", "return", calls);
	truth_exit(0);
	return 0;
}

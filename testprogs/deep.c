/*
 * PURPOSE: very many calls open at once (no table of open calls may be fixed, and no step of the tracer may
 * cost more the deeper it gets). Runs in a thread with a stack of its own, so no limit has to be raised.
 * TRACE: dive
 * ARGUMENTS: [CALLS] = 100000
 */
#include <pthread.h>

#include "truth.h"

enum { STACK_BYTES_A_CALL = 256 };
static const size_t stack_least = (size_t)512 << 20;

TRACED long dive(long below);

static volatile long dives;

long dive(long below)
{
	dives++;
	return below == 0 ? 0 : hide(dive(below - 1)) + 1;
}

static void *diver(void *argument)
{
	long *calls = argument;

	require(dive(*calls - 1) == *calls - 1, "dive");
	return NULL;
}

int main(int argc, char **argv)
{
	long calls = argument(argc, argv, 1, 1, 100000);
	size_t needed = (size_t)calls * STACK_BYTES_A_CALL + (1 << 20);
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	require(pthread_attr_setstacksize(&attributes, needed > stack_least ? needed : stack_least) == 0,
		"stack size");
	require(pthread_create(&thread, &attributes, diver, &calls) == 0, "pthread_create");
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	require(dives == calls, "dive's calls");

	truth_calls("dive", calls);
	truth_max_depth("dive", calls - 1);
	truth_end("dive", "return", calls);
	truth_threads("dive", 1);
	truth_exit(0);
	return 0;
}

/*
 * PURPOSE: threads that run through one function at the same time: not one call may be missed, and each belongs to
 * its thread. They start together, and the threads themselves count.
 * TRACE: work
 * ARGUMENTS: [THREADS [CALLS_EACH]] = 8 1000
 */
#include <pthread.h>
#include <stdatomic.h>

#include "truth.h"

TRACED void work(void);

static atomic_long work_calls;
static pthread_barrier_t start;
static long calls_each;

void work(void)
{
	atomic_fetch_add(&work_calls, 1);
}

static void *worker(void *unused)
{
	pthread_barrier_wait(&start);
	for (long i = 0; i < calls_each; i++)
		work();
	return unused;
}

int main(int argc, char **argv)
{
	long count = argument(argc, argv, 1, 1, 8);
	calls_each = argument(argc, argv, 2, 1, 1000);
	pthread_t *threads = calloc((size_t)count, sizeof(*threads));

	require(threads != NULL, "out of memory");
	pthread_barrier_init(&start, NULL, (unsigned)count);
	for (long i = 0; i < count; i++)
		require(pthread_create(&threads[i], NULL, worker, NULL) == 0, "pthread_create");
	for (long i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
	free(threads);
	require(work_calls == count * calls_each, "work's calls");

	truth_calls("work", work_calls);
	truth_max_depth("work", 0);
	truth_end("work", "return", work_calls);
	truth_threads("work", count);
	truth_exit(0);
	return 0;
}

/*
 * PURPOSE: the process ends while calls are open in many threads: one thread calls _exit three calls deep, while
 * the others sleep, run or call on inside theirs. All open calls end with the process.
 * TRACE: outer middle inner sleeper runner
 * ARGUMENTS: [SLEEPERS [RUNNERS]] = 4 1
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "truth.h"

enum { STATUS = 3 };

TRACED void outer(void);
TRACED void middle(void);
TRACED void inner(void);
TRACED void sleeper(void);
TRACED void runner(void);

static atomic_long inside;

void sleeper(void)
{
	atomic_fetch_add(&inside, 1);
	for (;;)
		pause();
}

void runner(void)
{
	atomic_fetch_add(&inside, 1);
	for (;;)
		hide(0);
}

void inner(void)
{
	_exit(STATUS);
}

void middle(void)
{
	inner();
	hide(0);
}

void outer(void)
{
	middle();
	hide(0);
}

static void *sleeper_thread(void *unused)
{
	sleeper();
	return unused;
}

static void *runner_thread(void *unused)
{
	runner();
	return unused;
}

int main(int argc, char **argv)
{
	long sleepers = argument(argc, argv, 1, 0, 4);
	long runners = argument(argc, argv, 2, 0, 1);

	for (long i = 0; i < sleepers + runners; i++) {
		pthread_t thread;
		void *(*run)(void *) = i < sleepers ? sleeper_thread : runner_thread;
		require(pthread_create(&thread, NULL, run, NULL) == 0, "pthread_create");
		pthread_detach(thread);
	}
	while (inside < sleepers + runners)
		usleep(1000);

	truth_calls("sleeper", sleepers);
	truth_threads("sleeper", sleepers);
	truth_max_depth("sleeper", sleepers > 0 ? 0 : -1);
	truth_end("sleeper", "exit", sleepers);
	truth_calls("runner", runners);
	truth_threads("runner", runners);
	truth_end("runner", "exit", runners);
	truth_end("outer", "exit", 1);
	truth_end("middle", "exit", 1);
	truth_end("inner", "exit", 1);
	truth_enter("outer", 0);
	truth_enter("middle", 1);
	truth_enter("inner", 2);
	truth_exit(STATUS);
	fflush(stdout); /* _exit does not */
	outer();
	return 0;
}

/*
 * PURPOSE: two threads raise SIGTRAP, whose handler calls a traced function: for one of them the kernel has forgotten the handler just
 * when the other one's arrives.
 * ARGUMENTS: TIMES each
 * TRACE: work
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_long handled;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

static void handler(int number)
{
	(void)number;
	handled++;
	work();
}

static void *raises(void *argument)
{
	for (long i = (long)argument; i > 0; i--) {
		work();
		raise(SIGTRAP);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = handler};
	void *times = (void *)(argc > 1 ? atol(argv[1]) : 0);
	pthread_t thread;

	sigaction(SIGTRAP, &action, NULL);
	pthread_create(&thread, NULL, raises, times);
	raises(times);
	pthread_join(thread, NULL);
	printf("handled %ld\n", (long)handled);
}

/*
 * PURPOSE: dies of a signal in the middle of traced calls, with other threads inside calls too.
 * ARGUMENTS: segv|abort|trap|int3|quit|fpe|overflow|thread|signal N
 * TRACE: outer middle inner waits
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int zero;
static pthread_barrier_t barrier;

__attribute__((noinline)) void inner(const char *how)
{
	volatile char place[64];

	place[0] = 'x';
	if (strcmp(how, "segv") == 0)
		*(volatile int *)(long)zero = 1;
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "trap") == 0)
		raise(SIGTRAP);
	if (strcmp(how, "int3") == 0)
		__asm__ volatile("int3");
	if (strcmp(how, "quit") == 0)
		kill(getpid(), SIGQUIT);
	if (strcmp(how, "fpe") == 0)
		zero = 12345 / zero; /* 1 / x is compiled without a division */
	if (strcmp(how, "overflow") == 0)
		inner(how);
	place[1] = place[0];
}

__attribute__((noinline)) void middle(const char *how)
{
	for (int i = 0; i < 3; i++)
		inner("return");
	inner(how);
	zero = 0;
}

__attribute__((noinline)) void outer(const char *how)
{
	middle(how);
	zero = 0;
}

__attribute__((noinline)) void waits(void)
{
	pthread_barrier_wait(&barrier);
	pause();
}

static void *waiter(void *argument)
{
	waits();
	return argument;
}

static void *crasher(void *argument)
{
	outer(argument);
	return argument;
}

int main(int argc, char **argv)
{
	int in_thread = argc > 2 && strcmp(argv[2], "thread") == 0;
	pthread_t thread;

	if (argc < 2)
		return 2;
	pthread_barrier_init(&barrier, NULL, 3);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread, NULL, waiter, NULL);
	pthread_barrier_wait(&barrier);
	dprintf(1, "before\n");
	if (!in_thread)
		outer(argv[1]);
	pthread_create(&thread, NULL, crasher, argv[1]);
	pthread_join(thread, NULL);
	dprintf(1, "after\n");
}

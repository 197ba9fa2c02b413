/*
 * PURPOSE: exec by a thread that is not the first, while others are inside calls.
 * ARGUMENTS: ROUNDS
 * TRACE: work inside
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static char **arguments;
static pthread_barrier_t barrier;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void inside(void)
{
	pthread_barrier_wait(&barrier);
	pause();
}

static void *waits(void *argument)
{
	inside();
	return argument;
}

static void *execs(void *argument)
{
	char rounds[16];

	(void)argument;
	work();
	pthread_barrier_wait(&barrier);
	snprintf(rounds, sizeof(rounds), "%d", atoi(arguments[1]) - 1);
	execv("/proc/self/exe", (char *[]){arguments[0], rounds, NULL});
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int rounds = argc > 1 ? atoi(argv[1]) : 0;

	dprintf(1, "rounds %d, leader %d\n", rounds, getpid() == syscall(SYS_gettid));
	if (rounds == 0)
		return 3;
	arguments = argv;
	pthread_barrier_init(&barrier, NULL, 4);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread, NULL, waits, NULL);
	pthread_create(&thread, NULL, execs, NULL);
	inside();
}

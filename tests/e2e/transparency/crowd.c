/*
 * PURPOSE: dies of a signal while other threads enter and leave traced functions on and on, so that they stand
 * anywhere: before a call, behind one, just at one. Their first instructions, and those they return to, are longer
 * than a trap, so that a place in the midst of one shows.
 * ARGUMENTS: segv|abort|trap|quit, and how many calls each of the threads has made by then
 * TRACE: long_entry
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4 };

static atomic_long made[THREADS];
static int zero;

void run_around(atomic_long *count);

/* 4 bytes at the entry, 4 where it returns to. */
__asm__(".text\n"
	".type long_entry, @function\n"
	"long_entry: nopl 0(%rax); nopl 0x11223344(%rax); ret; .size long_entry, . - long_entry\n"
	".type run_around, @function\n"
	"run_around: call long_entry; lock incq 0(%rdi); nopl 0x11223344(%rax,%rax); jmp run_around\n"
	".size run_around, . - run_around\n");

static void *run(void *argument)
{
	run_around(argument);
	return argument;
}

static void *be_born(void *argument)
{
	return argument;
}

/* Threads come and go meanwhile. */
static void *bear(void *argument)
{
	pthread_t thread;

	while (pthread_create(&thread, NULL, be_born, argument) == 0)
		pthread_join(thread, NULL);
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS + 1];
	long calls;

	if (argc != 3)
		return 2;
	calls = atol(argv[2]);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, run, &made[i]);
	pthread_create(&threads[THREADS], NULL, bear, NULL);
	for (int i = 0; i < THREADS; i++)
		while (atomic_load(&made[i]) < calls)
			sched_yield();
	if (strcmp(argv[1], "segv") == 0)
		*(volatile int *)(long)zero = 1;
	if (strcmp(argv[1], "abort") == 0)
		abort();
	if (strcmp(argv[1], "trap") == 0)
		raise(SIGTRAP);
	if (strcmp(argv[1], "quit") == 0)
		kill(getpid(), SIGQUIT);
	pause();
}

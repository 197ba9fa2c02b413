/*
 * PURPOSE: threads that block SIGTRAP, or ignore it, and call on and on until the input ends, while a tracer comes and goes.
 * ARGUMENTS: blocked|ignored|raised: blocked, and one more thread raises it all the time
 * TRACE: work
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 6 };

static atomic_int ended;
static atomic_long handled, raised, wrong;

__attribute__((noinline)) long work(long number)
{
	__asm__ volatile("");
	return number + 1;
}

static void handler(int number)
{
	(void)number;
	handled++;
}

static void *calls(void *argument)
{
	for (long i = 0; !ended; i++)
		if (work(i) != i + 1)
			wrong++;
	return argument;
}

static void *raises(void *argument)
{
	sigset_t set;

	sigemptyset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	for (; !ended; raised++)
		raise(SIGTRAP);
	return argument;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler =
					   argc > 1 && strcmp(argv[1], "ignored") == 0 ? SIG_IGN : handler};
	pthread_t threads[THREADS + 1];
	int count = THREADS;
	sigset_t set;

	sigaction(SIGTRAP, &action, NULL);
	sigemptyset(&set);
	if (action.sa_handler == handler)
		sigaddset(&set, SIGTRAP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (argc > 1 && strcmp(argv[1], "raised") == 0)
		count++;
	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, i < THREADS ? calls : raises, NULL);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	ended = 1;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("lost %ld wrong %ld\n", raised - handled, (long)wrong);
}

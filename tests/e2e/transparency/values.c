/*
 * PURPOSE: a thread sends itself one queued signal after the other, each with another value, until its input ends. A tracer comes and goes
 * meanwhile, often just when a signal arrives.
 * ARGUMENTS: none
 * TRACE: work, all of libc
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile long handled, wrong;
static volatile int expected;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	handled++;
	if (info->si_code == SI_QUEUE && info->si_pid == getpid() && info->si_value.sival_int == expected)
		return;
	if (!wrong++)
		printf("code %d value %d instead of %d\n", info->si_code, info->si_value.sival_int, expected);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	struct pollfd input = {.fd = 0, .events = POLLIN};
	long sent = 0;

	sigaction(SIGUSR1, &action, NULL);
	puts("ready");
	fflush(stdout);
	do {
		for (int i = 0; i < 50; i++) {
			expected = (int)++sent;
			sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = expected});
			work();
		}
	} while (poll(&input, 1, 0) == 0);
	printf("lost %ld wrong %ld\n", sent - handled, wrong);
}

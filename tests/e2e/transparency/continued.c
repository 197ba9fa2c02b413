/*
 * PURPOSE: a process that ignores SIGTRAP is stopped and continued while it calls on and on. SIGCONT is never followed by a stop.
 * ARGUMENTS: TIMES
 * TRACE: work
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	atomic_long calls, ended;
};

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

/* Whether it calls on, within 5 s. */
static int goes_on(const struct shared *shared, long calls)
{
	for (int i = 0; i < 50000; i++) {
		if (shared->calls != calls)
			return 1;
		usleep(100);
	}
	return 0;
}

static int stop_and_continue(struct shared *shared, pid_t pid, int times)
{
	int done;

	for (done = 0; done < times; done++) {
		long calls;

		kill(pid, SIGSTOP);
		for (volatile int wait = 0; wait < done * 37 % 4000; wait++)
			;
		kill(pid, SIGCONT);
		calls = shared->calls;
		if (!goes_on(shared, calls))
			break;
	}
	if (done < times)
		printf("stays stopped\n");
	shared->ended = 1;
	kill(pid, SIGCONT);
	return done < times;
}

int main(int argc, char **argv)
{
	struct shared *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int times = argc > 1 ? atoi(argv[1]) : 0, status;
	pid_t pid = getpid();

	signal(SIGTRAP, SIG_IGN);
	if (fork() == 0)
		return stop_and_continue(shared, pid, times);
	for (; !shared->ended; shared->calls++)
		work();
	wait(&status);
	printf("went on %s\n", WEXITSTATUS(status) == 0 ? "each time" : "not always");
}

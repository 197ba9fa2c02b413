/*
 * PURPOSE: queued signals come in order, each once, with what their sender said. The program, a thread and a
 * child send real-time signals with values and take them by handlers and by sigwaitinfo.
 * ARGUMENTS: [SIGNALS] = 200
 * TRACE: work log_one
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int count = 200;
static pid_t self;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void log_one(const char *how, int number, const siginfo_t *info)
{
	printf("%s: signal %d code %d value %d own %d uid %d\n", how, number - SIGRTMIN, info->si_code,
	       info->si_value.sival_int, info->si_pid == self, info->si_uid == getuid());
}

static void handler(int number, siginfo_t *info, void *context)
{
	(void)context;
	log_one("handler", number, info);
	work();
}

static void send_all(void)
{
	for (int i = 0; i < count; i++) {
		work();
		if (sigqueue(self, SIGRTMIN + i % 4, (union sigval){.sival_int = i}) != 0)
			perror("sigqueue");
	}
}

static void *thread_main(void *argument)
{
	send_all();
	return argument;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	siginfo_t info;
	pthread_t thread;
	sigset_t mask;
	pid_t child;

	count = argc > 1 ? atoi(argv[1]) : count;
	self = getpid();
	sigemptyset(&mask);
	for (int i = 0; i < 4; i++) {
		sigaddset(&mask, SIGRTMIN + i);
		action.sa_mask = mask;
		sigaction(SIGRTMIN + i, &action, NULL);
	}
	pthread_sigmask(SIG_BLOCK, &mask, NULL);

	send_all();
	pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);

	pthread_create(&thread, NULL, thread_main, NULL);
	pthread_join(thread, NULL);
	for (int i = 0; i < count; i++) {
		work();
		int number = sigwaitinfo(&mask, &info);
		log_one("sigwaitinfo", number, &info);
	}

	fflush(stdout);
	child = fork();
	if (child == 0) {
		send_all();
		_exit(0);
	}
	waitpid(child, NULL, 0);
	pthread_sigmask(SIG_UNBLOCK, &mask, NULL);

	/* Not blocked: each is handled before the next is sent. */
	send_all();
	printf("end\n");
}

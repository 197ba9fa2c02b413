/*
 * PURPOSE: what a program does with SIGTRAP itself, whoever sends it.
 * ARGUMENTS: default|ignored|handled, open|blocked|all (what the mask holds), and a source:
 * raise, kill, child, thread, queue, both, int3, int3-long, none
 * TRACE: work
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int seen, worked;

__attribute__((noinline)) void work(void)
{
	worked++;
}

static void handler(int number, siginfo_t *info, void *context)
{
	(void)context;
	work();
	seen++;
	dprintf(1, "handler: signal %d code %d value %d own %d\n", number, info->si_code,
		info->si_code == SI_QUEUE ? info->si_value.sival_int : 0, info->si_pid == getpid());
}

static void tell(const char *what)
{
	struct sigaction action;
	sigset_t mask, pending;

	sigaction(SIGTRAP, NULL, &action);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigpending(&pending);
	dprintf(1, "%s: seen %d worked %d mask", what, seen, worked);
	for (int i = 1; i < 32; i++)
		if (sigismember(&mask, i))
			dprintf(1, " %d", i);
	dprintf(1, " pending %d %s flags %x\n", sigismember(&pending, SIGTRAP),
		action.sa_handler == SIG_DFL   ? "default"
		: action.sa_handler == SIG_IGN ? "ignored"
					       : "handled",
		action.sa_flags);
}

static void *from_thread(void *argument)
{
	work();
	pthread_kill(*(pthread_t *)argument, SIGTRAP);
	return NULL;
}

static void send(const char *source)
{
	pthread_t self = pthread_self(), thread;
	pid_t child;

	if (strcmp(source, "raise") == 0)
		raise(SIGTRAP);
	if (strcmp(source, "both") == 0) {
		raise(SIGTRAP);
		work();
		sigqueue(getpid(), SIGTRAP, (union sigval){.sival_int = 7});
		work();
		raise(SIGTRAP);
	}
	if (strcmp(source, "kill") == 0)
		kill(getpid(), SIGTRAP);
	if (strcmp(source, "queue") == 0)
		sigqueue(getpid(), SIGTRAP, (union sigval){.sival_int = 42});
	if (strcmp(source, "int3") == 0)
		__asm__ volatile("int3");
	if (strcmp(source, "int3-long") == 0)
		__asm__ volatile(".byte 0xcd, 0x03");
	if (strcmp(source, "thread") == 0) {
		pthread_create(&thread, NULL, from_thread, &self);
		pthread_join(thread, NULL);
	}
	if (strcmp(source, "child") == 0) {
		child = fork();
		if (child == 0) {
			kill(getppid(), SIGTRAP);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigset_t mask;

	if (argc != 4)
		return 2;
	if (strcmp(argv[1], "handled") == 0)
		sigaction(SIGTRAP, &action, NULL);
	else
		signal(SIGTRAP, strcmp(argv[1], "ignored") == 0 ? SIG_IGN : SIG_DFL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTRAP);
	if (strcmp(argv[2], "all") == 0)
		sigfillset(&mask);
	if (strcmp(argv[2], "open") != 0)
		sigprocmask(SIG_BLOCK, &mask, NULL);
	work();
	tell("before");
	send(argv[3]);
	tell("sent");
	work();
	tell("worked");
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
	work();
	tell("unblocked");
}

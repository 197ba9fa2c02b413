/*
 * What the terminal sends (^C, ^\, hangup) reaches the program as well as us, so
 * we only have to survive it. What somebody sends to us alone (kill, timeout) is
 * meant for the program: it is handed on.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "recorder.h"

struct forwarder {
	pthread_t thread;
	sigset_t signals, before;
	pid_t pid;
};

static void *forwarder_run(void *argument)
{
	const struct forwarder *forwarder = argument;
	siginfo_t info;

	for (;;) {
		int signal = sigwaitinfo(&forwarder->signals, &info);

		if (signal > 0 && info.si_code != SI_KERNEL)
			kill(forwarder->pid, signal);
	}
	return NULL;
}

/* The signals are blocked here, so call it before other threads are started. */
struct forwarder *forwarder_start(pid_t pid)
{
	static const int forwarded[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
	struct forwarder *forwarder = mem_alloc(sizeof(*forwarder));

	forwarder->pid = pid;
	sigemptyset(&forwarder->signals);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(*forwarded); i++)
		sigaddset(&forwarder->signals, forwarded[i]);
	pthread_sigmask(SIG_BLOCK, &forwarder->signals, &forwarder->before);
	if (pthread_create(&forwarder->thread, NULL, forwarder_run, forwarder) != 0) {
		pthread_sigmask(SIG_SETMASK, &forwarder->before, NULL);
		free(forwarder);
		return NULL;
	}
	return forwarder;
}

void forwarder_stop(struct forwarder *forwarder)
{
	if (!forwarder)
		return;
	pthread_cancel(forwarder->thread);
	pthread_join(forwarder->thread, NULL);
	pthread_sigmask(SIG_SETMASK, &forwarder->before, NULL);
	free(forwarder);
}

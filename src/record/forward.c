/*
 * What the terminal sends (^C, ^\\, hangup) reaches a launched program as well as us, so
 * we only have to survive it. What somebody sends to us alone (kill, timeout) is
 * meant for the program: it is handed on. A program that was attached to has nothing to do
 * with our signals: there each of them, and the end of the time, ends the recording.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "recorder.h"

struct forwarder {
	pthread_t thread;
	sigset_t signals, before;
	struct recorder *recorder;
	atomic_bool stop;
};

/* After the program's end only our own file is left to wait for, and perhaps nobody reads it:
 * whoever wants to end us then shall. */
static void end_by(int signal_number)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, signal_number);
	signal(signal_number, SIG_DFL);
	kill(getpid(), signal_number);
	pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

static void *forward(void *argument)
{
	struct forwarder *forwarder = argument;
	siginfo_t info;

	while (!atomic_load(&forwarder->stop)) {
		int signal_number = sigwaitinfo(&forwarder->signals, &info);

		if (signal_number <= 0 || atomic_load(&forwarder->stop))
			continue;
		if (atomic_load(&forwarder->recorder->ended))
			end_by(signal_number);
		else if (info.si_code != SI_KERNEL)
			kill(forwarder->recorder->pid, signal_number);
	}
	return NULL;
}

static void *wait_to_leave(void *argument)
{
	struct forwarder *forwarder = argument;
	const struct recorder *recorder = forwarder->recorder;
	uint64_t timeout = recorder->plan->timeout_ns;
	const struct timespec limit = {.tv_sec = (time_t)(timeout / 1000000000),
				       .tv_nsec = (long)(timeout % 1000000000)};
	int signal;

	do
		signal = timeout ? sigtimedwait(&forwarder->signals, NULL, &limit)
				 : sigwaitinfo(&forwarder->signals, NULL);
	while (signal < 0 && errno == EINTR);
	if (!atomic_load(&forwarder->stop))
		target_ask(recorder->target);
	return NULL;
}

/* The signals are blocked here, so call it before other threads are started. */
struct forwarder *forwarder_start(struct recorder *recorder)
{
	static const int forwarded[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
	struct forwarder *forwarder = mem_alloc(sizeof(*forwarder));

	forwarder->recorder = recorder;
	sigemptyset(&forwarder->signals);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(*forwarded); i++)
		sigaddset(&forwarder->signals, forwarded[i]);
	pthread_sigmask(SIG_BLOCK, &forwarder->signals, &forwarder->before);
	if (pthread_create(&forwarder->thread, NULL, recorder->plan->argv ? forward : wait_to_leave,
			   forwarder) != 0) {
		pthread_sigmask(SIG_SETMASK, &forwarder->before, NULL);
		free(forwarder);
		return NULL;
	}
	return forwarder;
}

void forwarder_stop(struct forwarder *forwarder)
{
	const struct timespec at_once = {0, 0};

	if (!forwarder)
		return;
	/* Not pthread_cancel: it loads libgcc_s, which may not be there. */
	atomic_store(&forwarder->stop, true);
	target_ask_no_more(forwarder->recorder->target);
	pthread_kill(forwarder->thread, SIGTERM);
	pthread_join(forwarder->thread, NULL);
	/* A ^C that came while the program was ending was meant for that. */
	while (sigtimedwait(&forwarder->signals, NULL, &at_once) > 0)
		;
	pthread_sigmask(SIG_SETMASK, &forwarder->before, NULL);
	free(forwarder);
}

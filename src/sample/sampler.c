#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "fmprof/sample.h"

struct sampler {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stopping;
	bool stop;
	uint64_t start_ns, interval_ns, missed;
	void (*tick)(void *context);
	void *context;
};

/* A sleep costs a fifth less of a tick than a wait for a condition, but cannot be ended early: it is
 * for intervals that nobody notices at the end. */
#define SHORT_INTERVAL_NS UINT64_C(50000000)

/* True when the deadline came, false when sampling is to stop. */
static bool wait_until(struct sampler *sampler, uint64_t deadline_ns)
{
	const struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / 1000000000),
					  .tv_nsec = (long)(deadline_ns % 1000000000)};
	bool is_short = sampler->interval_ns <= SHORT_INTERVAL_NS, stop;

	while (is_short && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR)
		;
	pthread_mutex_lock(&sampler->lock);
	while (!is_short && !sampler->stop &&
	       pthread_cond_timedwait(&sampler->stopping, &sampler->lock, &deadline) != ETIMEDOUT)
		;
	stop = sampler->stop;
	pthread_mutex_unlock(&sampler->lock);
	return !stop;
}

static void *sampler_run(void *argument)
{
	struct sampler *sampler = argument;
	uint64_t deadline = sampler->start_ns + sampler->interval_ns;

	/* The default slack of 50 µs is half of the shortest interval. It is
	 * this thread's alone. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	while (wait_until(sampler, deadline)) {
		uint64_t late;

		sampler->tick(sampler->context);
		late = clock_monotonic_ns();
		deadline += sampler->interval_ns;
		if (late > deadline) {
			uint64_t skipped = (late - deadline) / sampler->interval_ns + 1;

			sampler->missed += skipped;
			deadline += skipped * sampler->interval_ns;
		}
	}
	return NULL;
}

int sampler_start(struct sampler **result, uint64_t interval_ns, void (*tick)(void *context), void *context,
		  struct error *err)
{
	struct sampler *sampler = mem_alloc(sizeof(*sampler));
	pthread_condattr_t attributes;
	int failed;

	sampler->interval_ns = interval_ns;
	sampler->start_ns = clock_monotonic_ns(); /* not when the thread gets a CPU: that may be late */
	sampler->tick = tick;
	sampler->context = context;
	pthread_mutex_init(&sampler->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&sampler->stopping, &attributes);
	pthread_condattr_destroy(&attributes);
	failed = pthread_create(&sampler->thread, NULL, sampler_run, sampler);
	if (failed) {
		pthread_cond_destroy(&sampler->stopping);
		pthread_mutex_destroy(&sampler->lock);
		free(sampler);
		return error_set(err, STATUS_FAILED,
				 "cannot start the sampling thread: %s; raise the limit of processes",
				 strerror(failed));
	}
	*result = sampler;
	return 0;
}

uint64_t sampler_stop(struct sampler *sampler)
{
	uint64_t missed;

	if (!sampler)
		return 0;
	pthread_mutex_lock(&sampler->lock);
	sampler->stop = true;
	pthread_cond_signal(&sampler->stopping);
	pthread_mutex_unlock(&sampler->lock);
	pthread_join(sampler->thread, NULL);
	missed = sampler->missed;
	pthread_cond_destroy(&sampler->stopping);
	pthread_mutex_destroy(&sampler->lock);
	free(sampler);
	return missed;
}

/*
 * What the exit_ programs share: a log of what becomes of their calls, written as it happens and printed as truth at
 * the end (README.md has the lines). It keeps its own list of open calls and never looks at the machine's stack. Usable
 * from C, C++ and signal handlers, on any stack; threads take turns.
 */
#ifndef TESTPROGS_EXIT_LOG_H
#define TESTPROGS_EXIT_LOG_H

#include <time.h>

#include "truth.h"

enum { EXIT_EVENTS_MOST = 1 << 16, EXIT_OPEN_MOST = 100 };

struct exit_call {
	const char *function;
	long depth; /* -1: not told */
};

/* Open calls of one flow of control: a thread, or a coroutine on behalf of who resumed it. */
struct exit_calls {
	struct exit_call open[EXIT_OPEN_MOST];
	long count;
	struct exit_calls *resumer;
};

struct exit_event {
	struct exit_call call;
	const char *how;       /* it was left, NULL: it was entered */
	struct timespec known; /* when the program knew; 0: it did not */
};

static struct exit_event exit_events[EXIT_EVENTS_MOST];
static long exit_event_count;
static int exit_depth_untold;
static __thread struct exit_calls exit_calls_of_thread, *exit_calls_running;

static inline struct exit_calls *exit_calls_now(void)
{
	if (!exit_calls_running)
		exit_calls_running = &exit_calls_of_thread;
	return exit_calls_running;
}

static inline void exit_log_add(struct exit_call call, const char *how, struct timespec known)
{
	struct exit_event *event = &exit_events[exit_event_count++];

	require(exit_event_count < EXIT_EVENTS_MOST, "too many events");
	event->call = call;
	event->how = how;
	event->known = known;
}

/* First in each traced function. */
static inline void entered(const char *function)
{
	struct exit_calls *now = exit_calls_now();
	struct exit_call call = {function, exit_depth_untold ? -1 : 0};
	struct timespec unknown = {0, 0};

	for (struct exit_calls *calls = now; calls && !exit_depth_untold; calls = calls->resumer)
		call.depth += calls->count;
	exit_log_add(call, NULL, unknown);
	require(now->count < EXIT_OPEN_MOST, "too many open calls");
	now->open[now->count++] = call;
}

static inline void exit_log_left(const char *how, long count, struct timespec known)
{
	struct exit_calls *calls = exit_calls_now();

	require(calls->count >= count, "more calls were left than are open");
	while (count-- > 0)
		exit_log_add(calls->open[--calls->count], how, known);
}

/* Last in each traced function. */
static inline void returns(void)
{
	struct timespec unknown = {0, 0};

	exit_log_left("return", 1, unknown);
}

/* The innermost `count` calls are found to have been left just now: first thing in a handler, after setjmp … */
static inline void left(const char *how, long count)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	exit_log_left(how, count, now);
}

/* … and at a time that the program cannot tell. */
static inline void left_sometime(const char *how, long count)
{
	struct timespec unknown = {0, 0};

	exit_log_left(how, count, unknown);
}

static inline void exit_log_print(void)
{
	for (long i = 0; i < exit_event_count; i++) {
		const struct exit_event *event = &exit_events[i];
		char depth[24] = "-";

		if (event->call.depth >= 0)
			snprintf(depth, sizeof(depth), "%ld", event->call.depth);
		if (!event->how)
			printf("truth enter %s %s\n", event->call.function, depth);
		else if (event->known.tv_sec == 0)
			printf("truth leave %s %s %s\n", event->call.function, depth, event->how);
		else
			printf("truth leave %s %s %s %lld.%09ld\n", event->call.function, depth, event->how,
			       (long long)event->known.tv_sec, event->known.tv_nsec);
	}
}

#endif

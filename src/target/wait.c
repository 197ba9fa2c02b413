/*
 * Reports from waitpid(2), in the order in which they are to be acted on.
 *
 * A stop that comes soon after the last one is waited for actively. A wake-up of a
 * sleeping tracer on another CPU costs more than the stop itself, and it is on
 * another CPU most of the time: the task is woken while its own CPU is busy with the
 * tracer that wakes it, so the scheduler sends it to an idle one (select_idle_sibling in
 * kernel/sched/fair.c). Measured in a virtual machine with two CPUs, Linux 6.18, a traced call
 * with both stops: 92 µs asleep, 38 µs active; on one CPU 23 and 21 µs, since giving way to the task
 * is cheaper than going to sleep for it.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "target_internal.h"

/* A task that has not stopped again by then is off to something longer. */
#define ACTIVE_WAIT_NS UINT64_C(50000)
/*
 * wait4(2) tells the high-water mark of the RSS beside the status: for 0.3 µs, where the status file costs 6.
 * But it adds up the CPU times of all threads for that; measured 1.3 µs with 16 threads, 2.7 with 128, 17 with 1000.
 */
#define MANY_TASKS 256

void target_queue(struct target *target, pid_t tid, int status)
{
	struct wait_queue *queue = &target->queue;

	if (queue->first == queue->count)
		queue->first = queue->count = 0;
	queue->items = array_reserve(queue->items, &queue->capacity, queue->count + 1, sizeof(*queue->items));
	queue->items[queue->count++] = (struct wait_report){.tid = tid, .status = status};
}

struct wait_report *target_report_of(struct target *target, pid_t tid)
{
	struct wait_queue *queue = &target->queue;

	for (size_t i = queue->count; i-- > queue->first;)
		if (queue->items[i].tid == tid)
			return &queue->items[i];
	return NULL;
}

void target_requeue(struct target *target, const struct wait_report *report)
{
	target->queue.items[--target->queue.first] = *report;
}

/* 1 collected, 0 nothing there (WNOHANG), -1 nothing left to wait for, or asked. */
static int collect_one(struct target *target, int options)
{
	struct rusage usage = {0};
	struct rusage *wanted = target->tasks.used < MANY_TASKS ? &usage : NULL;
	int status;
	pid_t tid;

	do {
		if (atomic_load(&target->asked))
			return -1;
		tid = wait4(-1, &status, options | __WALL, wanted);
	} while (tid < 0 && errno == EINTR);
	if (tid > 0) {
		target_queue(target, tid, status);
		target->queue.items[target->queue.count - 1].max_rss = (uint64_t)usage.ru_maxrss * 1024;
	}
	return tid > 0 ? 1 : tid;
}

/* Gives way all the time: where the task has no other CPU it needs this one. */
static int collect_actively(struct target *target, uint64_t until)
{
	int collected;

	while ((collected = collect_one(target, WNOHANG)) == 0 && clock_monotonic_ns() < until)
		sched_yield();
	return collected;
}

/*
 * Waits for one report and takes all others that are there, so that they are acted on in
 * that order: acting at once would serve the first tasks of the kernel's list
 * again and again while the last ones starve.
 */
static bool collect(struct target *target)
{
	uint64_t until = clock_monotonic_ns() + ACTIVE_WAIT_NS;
	int collected = target->stops_densely ? collect_actively(target, until) : 0;

	if (collected == 0)
		collected = collect_one(target, 0);
	if (collected < 0)
		return false;
	target->stops_densely = clock_monotonic_ns() < until;
	/* With a single task there can be no second report. */
	while (target->tasks.used > 1 && collect_one(target, WNOHANG) > 0)
		;
	return true;
}

int target_next_report(struct target *target, struct wait_report *report)
{
	if (target->queue.first == target->queue.count && (!target->tasks.used || !collect(target)))
		return atomic_exchange(&target->asked, false) ? -1 : 0;
	*report = target->queue.items[target->queue.first++];
	return 1;
}

bool target_wait_report(struct target *target, uint64_t ns)
{
	const struct timespec pause = {.tv_nsec = 500000};
	uint64_t until = clock_monotonic_ns() + ns;

	while (target->queue.first == target->queue.count && collect_one(target, WNOHANG) == 0 &&
	       clock_monotonic_ns() < until)
		nanosleep(&pause, NULL);
	return target->queue.first != target->queue.count;
}

/* ---- being asked ------------------------------------------------------- */

static void wake(int signal)
{
	(void)signal;
}

/*
 * A signal ends waitpid(2) with EINTR. One that comes just before the tracer begins to wait
 * would be lost, so it is sent until it has been noticed.
 */
void target_ask(struct target *target)
{
	const struct sigaction action = {.sa_handler = wake}; /* no SA_RESTART */
	const struct timespec pause = {.tv_nsec = 2000000};

	sigaction(SIGURG, &action, NULL);
	atomic_store(&target->asked, true);
	while (atomic_load(&target->asked) && !atomic_load(&target->deaf)) {
		pthread_kill(target->tracer, SIGURG);
		nanosleep(&pause, NULL);
	}
}

void target_ask_no_more(struct target *target)
{
	atomic_store(&target->deaf, true);
}

/*
 * Holding a whole process for a moment, while one of its tasks is acted on. The others are stopped, and
 * their reports wait in the queue to be decoded as ever, which lets them go on.
 */
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "ptrace.h"
#include "target_internal.h"

/*
 * A task that waits for something in the kernel and cannot be interrupted there (a page of a dead file server,
 * a userfaultfd that another held thread serves) does not stop, and runs nothing of its own either.
 */
#define PATIENCE_NS UINT64_C(200000000)

/* The other tasks of its process that can still run anything. */
static struct task *next_other(const struct target *target, const struct task *task, size_t *position)
{
	struct task *other;

	while ((other = table_next(&target->tasks, position, NULL)))
		if (other != task && other->process == task->process && !other->run->ending)
			return other;
	return NULL;
}

static void interrupt_others(struct target *target, const struct task *task)
{
	struct task *other;
	size_t position = 0;

	while ((other = next_other(target, task, &position)))
		other->run->awaited = !other->run->stopped && !target_report_of(target, other->tid) &&
				      ptrace_call(PTRACE_INTERRUPT, other->tid, 0, 0) == 0;
}

/* One look at all that are awaited. */
static void collect_others(struct target *target, const struct task *task, size_t *came, size_t *missing)
{
	struct task *other;
	size_t position = 0;
	int status;

	*came = *missing = 0;
	while ((other = next_other(target, task, &position))) {
		pid_t found = other->run->awaited ? waitpid(other->tid, &status, __WALL | WNOHANG) : -1;

		if (found == 0) {
			++*missing;
			continue;
		}
		other->run->awaited = false;
		if (found < 0) /* gone meanwhile, by an exec */
			continue;
		++*came;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_STOP << 8) && task_has_trap_pending(other)) {
			/* Its trap is reported at once when it goes on. */
			other->run->awaited = ptrace_call(PTRACE_CONT, other->tid, 0, 0) == 0;
			++*missing;
			continue;
		}
		target_queue(target, other->tid, status);
	}
}

static void await_others(struct target *target, const struct task *task)
{
	const struct timespec pause = {.tv_nsec = 50000};
	uint64_t until = clock_monotonic_ns() + PATIENCE_NS;
	size_t came, missing;

	for (;;) {
		collect_others(target, task, &came, &missing);
		if (came)
			until = clock_monotonic_ns() + PATIENCE_NS;
		if (!missing || clock_monotonic_ns() >= until)
			return;
		nanosleep(&pause, NULL);
	}
}

void task_undo_interrupt(struct task *task)
{
	struct arch_regs regs;

	if (task_get_registers(task, &regs) == 0 && arch_restart_interrupted(&regs) &&
	    !task_has_signal_pending(task))
		task_set_registers(task, &regs);
}

void target_deliver(struct target *target, struct task *task, int signal)
{
	int status;
	pid_t found;

	task_interrupt(task);
	target_resume(task, signal);
	do
		found = waitpid(task->tid, &status, __WALL);
	while (found < 0 && errno == EINTR);
	if (found == task->tid)
		target_queue(target, task->tid, status);
}

void target_hold_others(struct target *target, struct task *task,
			bool (*visit)(void *context, struct task *other, int signal), void *context)
{
	struct task *other;
	size_t position = 0;

	interrupt_others(target, task);
	await_others(target, task);
	while ((other = next_other(target, task, &position))) {
		const struct wait_report *held = target_report_of(target, other->tid);
		struct wait_report *report;

		if (!held || !WIFSTOPPED(held->status))
			continue;
		if (held->status >> 16 == PTRACE_EVENT_STOP)
			task_undo_interrupt(other);
		if (!visit || !visit(context, other, held->status >> 16 ? 0 : WSTOPSIG(held->status)))
			continue;
		report = target_report_of(target, other->tid); /* the queue may have moved */
		report->status = (SIGTRAP | PTRACE_EVENT_STOP << 8) << 8 | 0x7f;
	}
}

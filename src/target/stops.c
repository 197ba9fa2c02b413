#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptrace.h"
#include "target_internal.h"

/* ---- new tasks --------------------------------------------------------- */

static bool event_message(struct task *task, unsigned long *message)
{
	return ptrace_call(PTRACE_GETEVENTMSG, task->tid, 0, (uintptr_t)message) == 0;
}

/*
 * What the new task shares. The kind of event does not tell: FORK only means
 * that the exit signal is SIGCHLD, CLONE that it is another one (kernel_clone in
 * kernel/fork.c, Linux 6.18); either may share memory.
 */
static uint64_t clone_flags(struct task *parent)
{
	struct arch_regs regs;
	uint64_t flags = 0;

	if (task_get_registers(parent, &regs) < 0)
		return 0;
	if (!arch_clone_flags(&regs, &flags) && task_read_word(parent, flags, &flags) < 0)
		return 0;
	return flags;
}

/* The memory whose trap bytes a copy has: that of the parent, or, if that is an unwatched
 * copy itself, where the parent's came from. */
static void keep_origin(struct process *child, const struct process *parent)
{
	child->copied_from =
		parent->copied_from && !parent->space->probes ? parent->copied_from : parent->space;
	child->copied_from->processes++;
}

static enum process_made made_by(uint64_t flags)
{
	if (!(flags & CLONE_VM))
		return PROCESS_FORK;
	return flags & CLONE_VFORK ? PROCESS_VFORK : PROCESS_CLONE;
}

static void announce_task(struct target *target, struct task *parent)
{
	uint64_t flags = clone_flags(parent);
	struct process *process = parent->process;
	struct wait_report *early;
	unsigned long tid;
	struct task *task;

	if (!event_message(parent, &tid) || tid == 0)
		return;
	if (!(flags & CLONE_THREAD))
		process = process_create(target, (pid_t)tid, flags & CLONE_VM ? process->space : NULL);
	if (!(flags & CLONE_VM))
		keep_origin(process, parent->process);
	if (process != parent->process) {
		process->parent = parent->process->pid;
		process->made = made_by(flags);
		process_inherit_signals(process, parent->process);
	}
	task = task_create(target, (pid_t)tid, process);
	task->maker = parent->tid;
	known_masks_copy(&task->run->masks, &parent->run->masks);
	task->run->starting = true;
	task->run->own_memory = !(flags & CLONE_VM);
	task->run->alone = process != parent->process && flags & CLONE_VM && flags & CLONE_VFORK &&
			   parent->process->tasks == 1 && process->space->processes == 2;
	/* The new task may stop before its parent's event is seen. */
	early = table_remove(&target->early, tid);
	if (early) {
		target_queue(target, early->tid, early->status);
		free(early);
	}
}

static void keep_early(struct target *target, pid_t tid, int status)
{
	struct wait_report *report = table_remove(&target->early, (uint64_t)tid);

	if (!report)
		report = mem_alloc(sizeof(*report));
	*report = (struct wait_report){.tid = tid, .status = status};
	table_put(&target->early, (uint64_t)tid, report);
}

/* ---- decoding ---------------------------------------------------------- */

static bool decode_gone(struct target *target, struct task *task, int status, struct stop *stop)
{
	if (task->tid == target->pid) {
		target->ended = true;
		target->status = status;
	}
	target->gone = task;
	*stop = (struct stop){.kind = STOP_TASK_GONE, .task = task, .status = status};
	return true;
}

/*
 * When a thread other than the leader calls exec, the kernel ends all others,
 * the leader included, and gives the leader's tid to the caller; the caller's old
 * tid never reports again. So first every other task is reported gone, one a
 * call, and this report comes again after them.
 */
static bool decode_exec(struct target *target, struct task *task, const struct wait_report *report,
			struct stop *stop)
{
	size_t position = 0;
	struct task *other;

	while ((other = table_next(&target->tasks, &position, NULL))) {
		if (other->process != task->process || other == task)
			continue;
		target_requeue(target, report);
		target->gone = other;
		*stop = (struct stop){.kind = STOP_TASK_GONE, .task = other, .status = TARGET_GONE_BY_EXEC};
		return true;
	}
	*stop = (struct stop){.kind = STOP_EXEC, .task = task};
	return true;
}

static bool decode_event(struct target *target, struct task *task, const struct wait_report *report,
			 struct stop *stop)
{
	unsigned long message = 0;
	int status = report->status;

	switch (status >> 16) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		announce_task(target, task);
		break;
	case PTRACE_EVENT_VFORK_DONE:
		if (target->interrupting)
			break;
		*stop = (struct stop){.kind = STOP_VFORK_DONE, .task = task};
		return true;
	case PTRACE_EVENT_EXEC:
		return decode_exec(target, task, report, stop);
	case PTRACE_EVENT_EXIT:
		event_message(task, &message);
		task->run->ending = true;
		*stop = (struct stop){.kind = STOP_TASK_EXIT, .task = task, .status = (int)message};
		return true;
	case PTRACE_EVENT_STOP:
		task->run->group_stopped = WSTOPSIG(status) != SIGTRAP;
		if (!target->interrupting && !task->run->group_stopped)
			break; /* continued */
		*stop = (struct stop){
			.kind = target->interrupting ? STOP_INTERRUPTED : STOP_GROUP,
			.task = task,
			.signal = WSTOPSIG(status),
		};
		return true;
	default:
		break;
	}
	target_resume(task, 0);
	/* Any other stop takes back an interrupt that is on its way (ptrace_stop in kernel/signal.c). */
	if (target->interrupting)
		ptrace_call(PTRACE_INTERRUPT, task->tid, 0, 0);
	return false;
}

/*
 * A task that nobody has announced. Its announcement may be under way, or is lost because
 * SIGKILL has ended the task that made it: then this one is at its end as well and has only to be let
 * through. As PID 1 or subreaper, fmprof also reaps processes that it has nothing to do with.
 */
static void act_unknown(struct target *target, const struct wait_report *report)
{
	if (!WIFSTOPPED(report->status))
		free(table_remove(&target->early, (uint64_t)report->tid));
	else if (report->status >> 16 == PTRACE_EVENT_EXIT)
		ptrace_call(PTRACE_CONT, report->tid, 0, 0);
	else
		keep_early(target, report->tid, report->status);
}

/* Whether the report is a stop that somebody has to act on. */
static bool decode(struct target *target, const struct wait_report *report, struct stop *stop)
{
	struct task *task = table_get(&target->tasks, (uint64_t)report->tid);
	int status = report->status;

	if (!task) {
		act_unknown(target, report);
		return false;
	}
	if (!WIFSTOPPED(status))
		return decode_gone(target, task, status, stop);
	task->run->stopped = true;
	if (task->run->starting) {
		task->run->starting = false;
		if (status >> 16 == PTRACE_EVENT_STOP) {
			/* Born while its process is stopped: it has to stay so. */
			task->run->group_stopped = WSTOPSIG(status) != SIGTRAP;
			*stop = (struct stop){
				.kind = task->run->own_memory ? STOP_FORK : STOP_TASK_NEW,
				.task = task,
			};
			return true;
		}
	}
	if (status >> 16)
		return decode_event(target, task, report, stop);
	*stop = (struct stop){.kind = WSTOPSIG(status) == SIGTRAP ? STOP_TRAP : STOP_SIGNAL,
			      .task = task,
			      .signal = WSTOPSIG(status)};
	return true;
}

int target_next_stop(struct target *target, struct stop *stop)
{
	if (target->gone) {
		task_forget(target, target->gone);
		target->gone = NULL;
	}
	for (;;) {
		struct wait_report report;
		int found = target_next_report(target, &report);

		if (found <= 0)
			return found;

		if (decode(target, &report, stop)) {
			stop->max_rss = report.max_rss;
			if (stop->kind == STOP_TRAP)
				target_follow_cpu(target, stop->task);
			return 1;
		}
	}
}

bool task_is_alone(const struct task *task)
{
	return task->run->alone;
}

/* ---- going on ---------------------------------------------------------- */

void target_resume(struct task *task, int signal)
{
	int request = task->run->group_stopped ? PTRACE_LISTEN : PTRACE_CONT;

	task->run->stopped = false;
	task->run->group_stopped = false;
	/* ESRCH: killed meanwhile; its end will be reported. */
	ptrace_call(request, task->tid, 0, (uintptr_t)task_take_blocked_signal(task, signal));
}

void task_interrupt(struct task *task)
{
	ptrace_call(PTRACE_INTERRUPT, task->tid, 0, 0);
}

void target_interrupt(struct target *target)
{
	struct task *task;
	size_t position = 0;

	target->interrupting = true;
	while ((task = table_next(&target->tasks, &position, NULL)))
		if (!task->run->stopped)
			ptrace_call(PTRACE_INTERRUPT, task->tid, 0, 0);
}

void target_interrupt_no_more(struct target *target)
{
	target->interrupting = false;
}

void target_detach(struct target *target, struct task *task, int signal)
{
	ptrace_call(PTRACE_DETACH, task->tid, 0, (uintptr_t)task_take_blocked_signal(task, signal));
	task_forget(target, task);
}

void target_kill(struct target *target)
{
	struct stop stop;

	if (target->ended)
		return;
	kill(target->pid, SIGKILL);
	while (!target->ended && target_next_stop(target, &stop) > 0)
		if (stop.kind != STOP_TASK_GONE)
			target_resume(stop.task, 0);
}

#include <signal.h>
#include <unistd.h>

#include "recorder.h"

/* ---- signals ----------------------------------------------------------- */

static bool dumps_core(int signal)
{
	switch (signal) { /* signal(7) */
	case SIGQUIT:
	case SIGILL:
	case SIGTRAP:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGSEGV:
	case SIGXCPU:
	case SIGXFSZ:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

/* What would have become of a trap of ours is seen to; no task is left in a slot. */
static bool leave_for_core(void *context, struct task *task, int signal)
{
	struct recorder *recorder = context;
	struct stop stop = {.kind = STOP_TRAP, .task = task, .signal = signal};
	bool ours = signal == SIGTRAP && probe_trap(recorder->probe, &stop, recorder_records(recorder, task));

	probe_leave_slot(task);
	return ours;
}

/*
 * A core file is written before the exit event, with all threads in it: none may stand in a slot, and our bytes
 * have to be out. Nothing is harmed if the signal should not be deadly after all.
 */
static void prepare_core(struct recorder *recorder, struct task *task)
{
	struct address_space *space = task->process->space;

	/* Else others live on in that memory; or another thread is dying already. */
	if (space->processes != 1 || !probe_is_armed(space))
		return;
	target_hold_others(recorder->target, task, leave_for_core, recorder);
	probe_disarm(space);
}

static bool is_ignored_by_default(int signal)
{
	return signal == SIGCHLD || signal == SIGCONT || signal == SIGURG || signal == SIGWINCH;
}

/*
 * A signal that is ignored does not interrupt anything, except in a traced task, where the kernel
 * queues it for the tracer to see. System calls that the kernel does not restart by itself return EINTR
 * then, which they would not untraced: they are made again. (A relative time-out begins anew.)
 */
static void undo_interruption(struct task *task, int signal)
{
	struct arch_regs regs;
	enum signal_use use;

	if (task_get_registers(task, &regs) < 0 || !arch_restart_interrupted(&regs))
		return;
	use = task_signal_use(task, signal);
	if (use == SIGNAL_IGNORED || (use == SIGNAL_DEFAULT && is_ignored_by_default(signal)))
		task_set_registers(task, &regs);
}

static bool may_stop(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/*
 * A trap in a thread that blocks SIGTRAP makes the kernel forget the process's handler until we have acted on it. Another
 * thread's own SIGTRAP would be deadly meanwhile: it is delivered while all others are held, and their traps seen to.
 */
static void deliver_trap(struct recorder *recorder, struct task *task)
{
	target_hold_others(recorder->target, task, leave_for_core, recorder);
	task_expect_handler(task, SIGTRAP);
	target_deliver(recorder->target, task, SIGTRAP);
}

void pass_signal(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;

	probe_leave_slot(task);
	task_see_mask(task);
	if (stop->kind == STOP_TRAP && task->process->tasks > 1 && task_keeps_handler(task)) {
		deliver_trap(recorder, task);
		return;
	}
	task_expect_handler(task, stop->signal);
	if (dumps_core(stop->signal) && task_signal_use(task, stop->signal) == SIGNAL_DEFAULT)
		prepare_core(recorder, task);
	undo_interruption(task, stop->signal);
	if (may_stop(stop->signal))
		recorder->stops_itself = task_signal_sender(task) == task->process->pid;
	target_resume(task, stop->signal);
}

/* ---- job control ------------------------------------------------------- */

/*
 * A shell waits for us, not for the program: when that stops itself, we stop with the
 * same signal, so that the shell sees it. It may have meant us as well (kill(0, SIGTSTP), as editors do
 * at ^Z): then, when we are continued, so is the program, and that is reported within the time that is
 * waited here. A stop by the terminal hits us as well, and one by somebody else is between those two.
 * With a plan's group no shell waits for us: nobody would continue us, and we would not see the program killed.
 */
void pass_group_stop(struct recorder *recorder, const struct stop *stop)
{
	const uint64_t patience_ns = 20000000;

	target_resume(stop->task, 0);
	if (!recorder->plan->argv || recorder->plan->group || !recorder->stops_itself ||
	    stop->task->tid != recorder->pid || target_wait_report(recorder->target, patience_ns))
		return;
	kill(getpid(), stop->signal);
	/* Here again: somebody has continued us, and perhaps nobody the program. */
	if (!target_wait_report(recorder->target, patience_ns))
		kill(recorder->pid, SIGCONT);
}

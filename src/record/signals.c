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

/* A core file is written before the exit event: our bytes have to be out of it. */
static void prepare_core(struct task *task)
{
	if (task->process->space->processes == 1) /* else others live on in that memory */
		probe_disarm(task->process->space);
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

void pass_signal(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;

	probe_leave_slot(task);
	if (dumps_core(stop->signal) && task_signal_use(task, stop->signal) == SIGNAL_DEFAULT)
		prepare_core(task);
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
 */
void pass_group_stop(struct recorder *recorder, const struct stop *stop)
{
	const uint64_t patience_ns = 20000000;

	target_resume(stop->task, 0);
	if (!recorder->plan->argv || !recorder->stops_itself || stop->task->tid != recorder->pid ||
	    target_wait_report(recorder->target, patience_ns))
		return;
	kill(getpid(), stop->signal);
	/* Here again: somebody has continued us, and perhaps nobody the program. */
	if (!target_wait_report(recorder->target, patience_ns))
		kill(recorder->pid, SIGCONT);
}

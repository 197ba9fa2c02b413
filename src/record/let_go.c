/*
 * Letting a program run on without us: its bytes as they were, every task where it would be. Bytes
 * are put back first, while it runs; then each task is stopped, moved out of its slot, and
 * detached. A task may have run a trap instruction whose signal is only reported after the interrupt: it
 * is resumed until then.
 */
#include "recorder.h"

static void disarm_all(struct recorder *recorder)
{
	struct recorded *recorded;
	size_t position = 0;

	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		probe_disarm(recorded->process->space);
}

static bool see_trap(void *context, struct task *task, int signal)
{
	struct recorder *recorder = context;
	struct stop stop = {.kind = STOP_TRAP, .task = task, .signal = signal};

	return signal == SIGTRAP && probe_trap(recorder->probe, &stop, false);
}

static void let_task_go(struct recorder *recorder, struct task *task, int signal)
{
	struct recorded *recorded = recorded_of(recorder, task);

	/* What is let go may raise a SIGTRAP, which is deadly while the trap of another thread is not seen to. */
	if (recorded && !recorded->leaving) {
		recorded->leaving = true;
		target_hold_others(recorder->target, task, see_trap, recorder);
	}
	if (recorder->writer && recorded)
		probe_end_task(task, PROBE_END_DETACHED, true);
	if (recorded && task->process->tasks == 1) {
		if (recorder->writer && !recorder->disarmed) {
			recorded_finish(recorded);
			recorder_put_process_end(recorded, TRACE_FINISH_DETACHED, 0);
		}
		recorded_remove(recorder, recorded);
	}
	target_detach(recorder->target, task, signal);
}

static void act_leaving(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;
	struct recorded *recorded;

	recorder_take_hint(recorder, stop);
	switch (stop->kind) {
	case STOP_TRAP:
		if (probe_trap(recorder->probe, stop, false)) {
			/* Back at its instruction, which is its own again. */
			probe_leave_slot(task);
			let_task_go(recorder, task, 0);
			break;
		}
		probe_leave_slot(task);
		let_task_go(recorder, task, stop->signal);
		break;
	case STOP_SIGNAL:
		probe_leave_slot(task);
		let_task_go(recorder, task, stop->signal);
		break;
	case STOP_GROUP:
	case STOP_INTERRUPTED:
		if (task_has_trap_pending(task)) {
			target_resume(task, 0);
			break;
		}
		probe_leave_slot(task);
		if (stop->kind == STOP_INTERRUPTED)
			task_undo_interrupt(task);
		let_task_go(recorder, task, 0);
		break;
	case STOP_FORK:
		probe_clean_copy(task);
		let_task_go(recorder, task, 0);
		break;
	case STOP_EXEC:
		recorded = recorded_of(recorder, task);
		if (recorder->writer && recorded) {
			recorded_end_program(recorded, stop->max_rss);
			probe_end_task(task, PROBE_END_EXEC, true);
		}
		target_renew_memory(recorder->target, task->process);
		let_task_go(recorder, task, 0);
		break;
	case STOP_TASK_NEW:
	case STOP_VFORK_DONE:
		let_task_go(recorder, task, 0);
		break;
	case STOP_TASK_EXIT:
	case STOP_TASK_GONE:
		recorder_act(recorder, stop);
		break;
	}
}

void recorder_let_go(struct recorder *recorder)
{
	struct stop stop;
	int found;

	disarm_all(recorder);
	target_interrupt(recorder->target);
	while ((found = target_next_stop(recorder->target, &stop)) != 0)
		if (found > 0)
			act_leaving(recorder, &stop);
}

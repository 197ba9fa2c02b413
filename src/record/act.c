#include <sys/wait.h>

#include "recorder.h"

bool recorder_records(const struct recorder *recorder, const struct task *task)
{
	return recorder->writer && !recorder->disarmed && recorded_of(recorder, task);
}

/* ---- ends -------------------------------------------------------------- */

/* How the calls of a task end that is at its exit event, or past it. */
static enum probe_end end_of_task(const struct recorder *recorder, struct task *task, int status)
{
	struct arch_regs regs;

	if (status == TARGET_GONE_BY_EXEC)
		return PROBE_END_EXEC;
	if (WIFSIGNALED(status))
		return PROBE_END_KILLED;
	if (!target_other_task(recorder->target, task))
		return PROBE_END_EXIT;
	/* One that is gone while others go on has no registers any more. */
	return task_get_registers(task, &regs) < 0 || arch_is_thread_exit(&regs) ? PROBE_END_THREAD_EXIT
										 : PROBE_END_EXIT;
}

/* Memory is read through one thread, and that thread may end before the others. */
static void read_through(struct recorded *recorded, const struct task *task)
{
	struct error err = {0};

	/* It may have been killed meanwhile: then there is nothing more to read. */
	if (task)
		recorded_read_from(recorded, task->tid, &err);
	error_free(&err);
}

static void act_task_exit(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;
	struct recorded *recorded = recorded_of(recorder, task);
	enum probe_end end = end_of_task(recorder, task, stop->status);

	if (recorder_records(recorder, task)) {
		probe_end_task(task, end, true);
		recorder_put_task(recorder, task, TRACE_TASK_EXIT);
		if (end != PROBE_END_THREAD_EXIT) {
			recorder_sample(recorder);
			/* Whoever waits for the program finds the file complete up to here. */
			trace_writer_flush(recorder->writer);
		}
		if (!target_other_task(recorder->target, task))
			recorded_finish(recorded);
		else if (task->tid == recorded->memory.tid)
			read_through(recorded, target_other_task(recorder->target, task));
	}
	target_resume(task, 0);
}

static void act_task_gone(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;
	struct recorded *recorded = recorded_of(recorder, task);

	/* Nothing is left open here unless SIGKILL has swallowed the exit event. */
	if (recorder_records(recorder, task)) {
		bool is_last = task->process->tasks == 1;

		if (stop->status == TARGET_GONE_BY_EXEC || (is_last && !recorded->finished))
			recorded_end_program(recorded, stop->max_rss);
		probe_end_task(task, end_of_task(recorder, task, stop->status),
			       stop->status == TARGET_GONE_BY_EXEC);
		if (is_last)
			recorder_put_process_end(
				recorded, WIFSIGNALED(stop->status) ? TRACE_FINISH_SIGNAL : TRACE_FINISH_EXIT,
				stop->status);
	}
	if (recorded && task->process->tasks == 1) {
		/* The kernel may give its number to another process from now on. */
		if (recorded == recorder->first)
			atomic_store(&recorder->ended, true);
		recorded_remove(recorder, recorded);
	}
}

/* ---- programs and processes -------------------------------------------- */

static void act_exec(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;
	struct recorded *recorded = recorded_of(recorder, task);

	if (recorder_records(recorder, task)) {
		read_through(recorded, task);
		recorded_end_program(recorded, stop->max_rss);
		probe_end_task(task, PROBE_END_EXEC, true);
	}
	target_renew_memory(recorder->target, task->process);
	if (!recorded && recorder->plan->children == RECORD_CHILDREN_NOT) {
		/* A child that shared our memory until now: it is safe from it. */
		let_go_with_privileges(recorder, task);
		return;
	}
	warn_about_privileges(recorder, task);
	if (!recorded) {
		recorded = recorded_add(recorder, task->process);
		recorder_put_process_start(recorder, task->process);
	}
	process_see_signals(recorder->target, task);
	read_through(recorded, task);
	recorded_begin_program(recorded, stop->max_rss);
	recorder_put_task(recorder, task, TRACE_TASK_EXEC);
	if (resolve_program(recorded, task) < 0) {
		/* The program that is recorded became one that cannot be: it runs on. */
		recorder_note(recorder, recorder->err->message);
		error_free(recorder->err);
	}
	target_resume(task, 0);
}

static void act_fork(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;
	struct recorded *recorded;

	if (recorder->plan->children == RECORD_CHILDREN_NOT || !recorder->writer || recorder->disarmed) {
		/* Memory that cannot be written, of a program that is not dumpable, keeps our bytes:
		 * then we have to stay. */
		if (probe_clean_copy(task))
			target_detach(recorder->target, task, 0);
		else
			target_resume(task, 0);
		return;
	}
	probe_inherit_copy(recorder->probe, task);
	recorded = recorded_add(recorder, task->process);
	recorder_put_process_start(recorder, task->process);
	read_through(recorded, task);
	recorded_begin_copy(recorded);
	recorder_put_task(recorder, task, TRACE_TASK_START);
	resolve_copy(recorded);
	target_resume(task, 0);
}

/*
 * A child that shares memory meets the trap bytes that its parent needs. By vfork from a process of
 * one thread, nobody needs them as long as it is there: it is let go without them. From another it is watched.
 */
static void act_task_new(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;
	struct address_space *space = task->process->space;

	if (recorder->plan->children == RECORD_CHILDREN_NOT && task_is_alone(task) && recorder->first &&
	    recorder->first->process->space == space) {
		probe_disarm(space);
		target_detach(recorder->target, task, 0);
		return;
	}
	if (recorder_records(recorder, task)) {
		probe_begin_task(recorder->probe, task);
		recorder_put_task(recorder, task, TRACE_TASK_START);
	}
	target_resume(task, 0);
}

static void act_vfork_done(struct recorder *recorder, const struct stop *stop)
{
	if (!recorder->disarmed)
		probe_rearm(stop->task->process->space);
	target_resume(stop->task, 0);
}

/* ---- stops ------------------------------------------------------------- */

void recorder_act(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;

	recorder_take_hint(recorder, stop);
	switch (stop->kind) {
	case STOP_TRAP:
		if (!probe_trap(recorder->probe, stop, recorder_records(recorder, task)))
			pass_signal(recorder, stop);
		else if (!recorder->failed) /* else not one instruction more of its own */
			target_resume(task, 0);
		recorder_limit_overhead(recorder);
		break;
	case STOP_SIGNAL:
		pass_signal(recorder, stop);
		break;
	case STOP_EXEC:
		act_exec(recorder, stop);
		break;
	case STOP_TASK_NEW:
		act_task_new(recorder, stop);
		break;
	case STOP_VFORK_DONE:
		act_vfork_done(recorder, stop);
		break;
	case STOP_FORK:
		act_fork(recorder, stop);
		break;
	case STOP_TASK_EXIT:
		act_task_exit(recorder, stop);
		break;
	case STOP_GROUP:
		pass_group_stop(recorder, stop);
		break;
	case STOP_INTERRUPTED:
		task_undo_interrupt(task);
		target_resume(task, 0);
		break;
	case STOP_TASK_GONE:
		act_task_gone(recorder, stop);
		break;
	}
}

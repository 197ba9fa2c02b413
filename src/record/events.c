#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "recorder.h"

void recorder_note(struct recorder *recorder, const char *text)
{
	uint64_t now;

	if (recorder->writer) {
		now = trace_begin(recorder->writer, &recorder->clock);
		trace_put_note(recorder->writer, now, text);
		trace_end(recorder->writer);
	}
	recorder->plan->warn(recorder->plan->context, text);
}

static void read_comm(pid_t pid, pid_t tid, char *name, size_t size)
{
	char *path = mem_printf("/proc/%d/task/%d/comm", pid, tid);
	FILE *file = fopen(path, "re");

	if (!file || !fgets(name, (int)size, file))
		snprintf(name, size, "?");
	name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
	free(path);
}

void recorder_put_task(struct recorder *recorder, const struct task *task, enum trace_task_event event)
{
	char name[64]; /* the kernel's are at most 16 bytes, those of kernel threads 64 */
	struct trace_task line = {.pid = task->process->pid, .tid = task->tid, .event = event, .name = name};

	if (!recorder->writer)
		return;
	if (task->process->tasks > recorder->most_threads)
		recorder->most_threads = task->process->tasks;
	read_comm(line.pid, line.tid, name, sizeof(name));
	line.time_ns = trace_begin(recorder->writer, &recorder->clock);
	trace_put_task(recorder->writer, &line);
	trace_end(recorder->writer);
}

static enum trace_made trace_made_of(enum process_made made)
{
	switch (made) {
	case PROCESS_FORK:
		return TRACE_MADE_FORK;
	case PROCESS_VFORK:
		return TRACE_MADE_VFORK;
	case PROCESS_CLONE:
		break;
	}
	return TRACE_MADE_CLONE;
}

void recorder_put_process_start(struct recorder *recorder, const struct process *process)
{
	struct trace_process line = {
		.pid = process->pid,
		.event = TRACE_PROCESS_START,
		.parent = process->parent,
		.made = trace_made_of(process->made),
	};

	if (!recorder->writer)
		return;
	line.time_ns = trace_begin(recorder->writer, &recorder->clock);
	trace_put_process(recorder->writer, &line);
	trace_end(recorder->writer);
}

void recorder_put_process_end(const struct recorded *recorded, enum trace_finish_how how, int wait_status)
{
	struct recorder *recorder = recorded->recorder;
	struct trace_process line = {
		.pid = recorded->pid,
		.event = TRACE_PROCESS_END,
		.how = how,
		.code = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status),
		.peak = recorded->peak,
		.peak_exact = recorded->peak_most <= recorded->peak,
	};

	line.time_ns = trace_begin(recorder->writer, &recorder->clock);
	trace_put_process(recorder->writer, &line);
	trace_end(recorder->writer);
}

/* ---- what the probe sees ----------------------------------------------- */

static void on_enter(void *context, struct probe_call *call)
{
	struct recorder *recorder = context;
	struct sample_peaks *peaks;

	call->enter_ns = trace_begin(recorder->writer, &recorder->clock);
	call->number = ++recorder->calls;
	recorder->charged++;
	recorder->functions[call->function - 1]->calls++;
	call->enter_rss = recorder_read_rss(recorder, call->pid);
	peaks = recorder_peaks_of(recorder, call->pid);
	if (peaks)
		call->peak_from = sample_peaks_begin(peaks, call->enter_rss);
	trace_put_enter(recorder->writer, &(struct trace_enter){
						  .call = call->number,
						  .function = call->function,
						  .pid = call->pid,
						  .tid = call->tid,
						  .depth = call->depth,
						  .rss = call->enter_rss,
						  .time_ns = call->enter_ns,
					  });
	trace_end(recorder->writer);
}

static enum trace_end trace_end_of(enum probe_end end)
{
	switch (end) {
	case PROBE_END_RETURN:
		return TRACE_END_RETURN;
	case PROBE_END_TAIL:
		return TRACE_END_TAIL;
	case PROBE_END_UNWOUND:
		return TRACE_END_UNWOUND;
	case PROBE_END_LONGJMP:
		return TRACE_END_LONGJMP;
	case PROBE_END_THREAD_EXIT:
		return TRACE_END_THREAD_EXIT;
	case PROBE_END_EXIT:
		return TRACE_END_EXIT;
	case PROBE_END_EXEC:
		return TRACE_END_EXEC;
	case PROBE_END_KILLED:
		return TRACE_END_KILLED;
	case PROBE_END_DETACHED:
		return TRACE_END_DETACHED;
	}
	return TRACE_END_UNFINISHED;
}

/* Between trace_begin and trace_end. */
static void read_call(struct recorder *recorder, const struct probe_call *call, uint64_t time_ns,
		      struct probe_reading *now)
{
	now->time_ns = time_ns;
	now->rss = recorder_read_rss(recorder, call->pid);
	now->peak = recorder_peak_since(recorder, call->pid, call->peak_from, &now->peak_exact);
}

static void on_leave(void *context, const struct probe_call *call, enum probe_end end, bool exact,
		     const struct probe_reading *at)
{
	struct recorder *recorder = context;
	struct trace_call line = {
		.call = call->number,
		.function = call->function,
		.name = recorder->functions[call->function - 1]->name,
		.pid = call->pid,
		.tid = call->tid,
		.depth = call->depth,
		.enter_rss = call->enter_rss,
		.enter_ns = call->enter_ns,
		.end = trace_end_of(end),
		.exact = exact,
	};
	struct probe_reading now;

	line.leave_ns = trace_begin(recorder->writer, &recorder->clock);
	if (at)
		now = *at;
	else
		read_call(recorder, call, line.leave_ns, &now);
	line.leave_ns = now.time_ns;
	line.leave_rss = now.rss;
	line.peak = now.peak;
	line.peak_exact = now.peak_exact;
	/* A child's call has a sample of the first process in its bracket, not its own. */
	if (!at && call->pid != recorder->pid && recorder->plan->children == RECORD_CHILDREN_SEPARATE &&
	    recorder->first && recorded_refresh(recorder->first))
		recorder_put_sample(recorder, line.leave_ns, NULL);
	trace_put_call(recorder->writer, &line);
	trace_end(recorder->writer);
}

/* What was read is a sample too: a call that is closed with it later needs one inside
 * its bracket. */
static void on_read(void *context, const struct probe_call *call, struct probe_reading *now)
{
	struct recorder *recorder = context;

	now->time_ns = trace_begin(recorder->writer, &recorder->clock);
	now->rss = recorder_read_rss(recorder, call->pid);
	if (recorder->first &&
	    (call->pid == recorder->pid || recorder->plan->children == RECORD_CHILDREN_SUM))
		recorder_put_sample(recorder, now->time_ns, NULL);
	trace_end(recorder->writer);
}

static void on_read_peak(void *context, const struct probe_call *call, struct probe_reading *now)
{
	struct recorder *recorder = context;

	trace_begin(recorder->writer, &recorder->clock);
	now->peak = recorder_peak_since(recorder, call->pid, call->peak_from, &now->peak_exact);
	trace_end(recorder->writer);
}

static void on_hook(void *context, struct task *task, unsigned hook)
{
	struct recorder *recorder = context;
	struct recorded *recorded = recorded_of(recorder, task);

	if (recorded && resolve_at_hook(recorded, task, hook) < 0)
		recorder->failed = true;
}

static void on_warn(void *context, const char *text)
{
	recorder_note(context, text);
}

const struct probe_observer recorder_observer = {
	.enter = on_enter,
	.leave = on_leave,
	.read = on_read,
	.read_peak = on_read_peak,
	.hook = on_hook,
	.warn = on_warn,
};

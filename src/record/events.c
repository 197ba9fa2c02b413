#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

static bool refresh_rss(struct recorder *recorder)
{
	if (!sample_read_rss(&recorder->memory, &recorder->last_rss))
		return false;
	if (recorder->last_rss > recorder->peak)
		recorder->peak = recorder->last_rss;
	return true;
}

/*
 * The RSS now. Between trace_begin and trace_end, which also keep the source in place. A process that is just
 * being killed has no memory any more: what it had last is what its calls end with.
 */
static uint64_t read_rss(struct recorder *recorder)
{
	refresh_rss(recorder);
	return recorder->last_rss;
}

int recorder_read_from(struct recorder *recorder, pid_t tid, struct error *err)
{
	int failed;

	trace_begin(recorder->writer, &recorder->clock);
	sample_source_close(&recorder->memory);
	failed = sample_source_open(&recorder->memory, recorder->pid, tid, err);
	trace_end(recorder->writer);
	return failed;
}

void recorder_sample(void *context)
{
	struct recorder *recorder = context;
	struct trace_sample sample;

	sample.time_ns = trace_begin(recorder->writer, &recorder->clock);
	if (refresh_rss(recorder)) {
		sample.rss = recorder->last_rss;
		trace_put_sample(recorder->writer, &sample);
		recorder->samples++;
	}
	trace_end(recorder->writer);
}

void recorder_note(struct recorder *recorder, const char *text)
{
	uint64_t now;

	if (recorder->writer) {
		now = trace_begin(recorder->writer, &recorder->clock);
		trace_put_note(recorder->writer, now, text);
		trace_end(recorder->writer);
	}
	recorder->plan->warn(text);
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
	read_comm(line.pid, line.tid, name, sizeof(name));
	line.time_ns = trace_begin(recorder->writer, &recorder->clock);
	trace_put_task(recorder->writer, &line);
	trace_end(recorder->writer);
}

void recorder_read_peak(struct recorder *recorder)
{
	uint64_t peak;

	if (sample_read_peak(&recorder->memory, &peak) && peak > recorder->peak)
		recorder->peak = peak;
}

/* ---- what the probe sees ----------------------------------------------- */

static void on_enter(void *context, struct probe_call *call)
{
	struct recorder *recorder = context;

	call->number = ++recorder->calls;
	call->enter_ns = trace_begin(recorder->writer, &recorder->clock);
	call->enter_rss = read_rss(recorder);
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
	}
	return TRACE_END_UNFINISHED;
}

static void on_leave(void *context, const struct probe_call *call, enum probe_end end, bool exact,
		     const struct probe_reading *at)
{
	struct recorder *recorder = context;
	struct trace_call line = {
		.call = call->number,
		.function = call->function,
		.name = recorder->functions[call->function - 1].name,
		.pid = call->pid,
		.tid = call->tid,
		.depth = call->depth,
		.enter_rss = call->enter_rss,
		.enter_ns = call->enter_ns,
		.end = trace_end_of(end),
		.exact = exact,
	};

	line.leave_ns = trace_begin(recorder->writer, &recorder->clock);
	line.leave_rss = at ? at->rss : read_rss(recorder);
	if (at)
		line.leave_ns = at->time_ns;
	trace_put_call(recorder->writer, &line);
	trace_end(recorder->writer);
}

/* What was read is a sample too: a call that is closed with it later needs one inside
 * its bracket. */
static void on_read(void *context, struct probe_reading *now)
{
	struct recorder *recorder = context;

	now->time_ns = trace_begin(recorder->writer, &recorder->clock);
	now->rss = read_rss(recorder);
	trace_put_sample(recorder->writer, &(struct trace_sample){.time_ns = now->time_ns, .rss = now->rss});
	trace_end(recorder->writer);
}

static void on_hook(void *context, struct task *task, unsigned hook)
{
	struct recorder *recorder = context;

	if (task->process == target_process(recorder->target) && resolve_at_hook(recorder, task, hook) < 0)
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
	.hook = on_hook,
	.warn = on_warn,
};

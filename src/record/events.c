#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

/* All between here and recorder_sample runs between trace_begin and trace_end. */

static bool refresh_rss(struct recorded *recorded)
{
	return recorded && sample_read_rss(&recorded->memory, &recorded->last_rss);
}

/* The sum over all processes, as each was when it was last read. */
static uint64_t sum_of_tree(const struct recorder *recorder)
{
	const struct recorded *recorded;
	size_t position = 0;
	uint64_t sum = 0;

	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		sum += recorded->last_rss;
	return sum;
}

static void note_peak(struct recorder *recorder, uint64_t rss)
{
	if (rss > recorder->peak)
		recorder->peak = rss;
}

/*
 * What a call's enter and leave show: the memory of its process, or of the tree where
 * the curve is the tree's. A process that is just being killed has no memory
 * any more: what it had last is what its calls end with.
 */
static uint64_t read_rss(struct recorder *recorder, pid_t pid)
{
	struct recorded *recorded = table_get(&recorder->processes, (uint64_t)pid);
	uint64_t rss;

	refresh_rss(recorded);
	rss = recorded ? recorded->last_rss : 0;
	if (recorder->plan->children == RECORD_CHILDREN_SUM)
		rss = sum_of_tree(recorder);
	if (recorder->plan->children == RECORD_CHILDREN_SUM || recorded == recorder->first)
		note_peak(recorder, rss);
	return rss;
}

static void put_sample(struct recorder *recorder, uint64_t time_ns, uint64_t rss)
{
	trace_put_sample(recorder->writer, &(struct trace_sample){.time_ns = time_ns, .rss = rss});
	note_peak(recorder, rss);
	recorder->samples++;
}

static void put_children(struct recorder *recorder, uint64_t time_ns)
{
	struct recorded *recorded;
	size_t position = 0;

	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		if (recorded != recorder->first && refresh_rss(recorded))
			trace_put_child(recorder->writer, &(struct trace_child){
								  .pid = recorded->pid,
								  .time_ns = time_ns,
								  .rss = recorded->last_rss,
							  });
}

static void put_sum(struct recorder *recorder, uint64_t time_ns)
{
	struct recorded *recorded;
	size_t position = 0;

	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		refresh_rss(recorded);
	put_sample(recorder, time_ns, sum_of_tree(recorder));
}

void recorder_sample(void *context)
{
	struct recorder *recorder = context;
	uint64_t now = trace_begin(recorder->writer, &recorder->clock);

	if (recorder->plan->children == RECORD_CHILDREN_SUM)
		put_sum(recorder, now);
	else if (refresh_rss(recorder->first))
		put_sample(recorder, now, recorder->first->last_rss);
	if (recorder->plan->children == RECORD_CHILDREN_SEPARATE)
		put_children(recorder, now);
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

void recorder_read_peak(struct recorded *recorded)
{
	struct recorder *recorder = recorded->recorder;
	uint64_t peak;

	/* The kernel keeps none for a tree: there it is the highest sum that was sampled. */
	if (recorded == recorder->first && recorder->plan->children != RECORD_CHILDREN_SUM &&
	    sample_read_peak(&recorded->memory, &peak))
		note_peak(recorder, peak);
}

/* ---- what the probe sees ----------------------------------------------- */

static void on_enter(void *context, struct probe_call *call)
{
	struct recorder *recorder = context;

	call->number = ++recorder->calls;
	call->enter_ns = trace_begin(recorder->writer, &recorder->clock);
	call->enter_rss = read_rss(recorder, call->pid);
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

	line.leave_ns = trace_begin(recorder->writer, &recorder->clock);
	line.leave_rss = at ? at->rss : read_rss(recorder, call->pid);
	if (at)
		line.leave_ns = at->time_ns;
	/* A child's call has a sample of the first process in its bracket, not its own. */
	if (!at && call->pid != recorder->pid && recorder->plan->children == RECORD_CHILDREN_SEPARATE &&
	    refresh_rss(recorder->first))
		put_sample(recorder, line.leave_ns, recorder->first->last_rss);
	trace_put_call(recorder->writer, &line);
	trace_end(recorder->writer);
}

/* What was read is a sample too: a call that is closed with it later needs one inside
 * its bracket. */
static void on_read(void *context, const struct probe_call *call, struct probe_reading *now)
{
	struct recorder *recorder = context;

	now->time_ns = trace_begin(recorder->writer, &recorder->clock);
	now->rss = read_rss(recorder, call->pid);
	if (call->pid == recorder->pid || recorder->plan->children == RECORD_CHILDREN_SUM)
		put_sample(recorder, now->time_ns, now->rss);
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
	.hook = on_hook,
	.warn = on_warn,
};

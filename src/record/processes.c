#include <stdlib.h>

#include "recorder.h"

struct recorded *recorded_of(const struct recorder *recorder, const struct task *task)
{
	struct recorded *recorded = table_get(&recorder->processes, (uint64_t)task->process->pid);

	/* A child that shares the memory of a recorded process has a pid of its own. */
	return recorded && recorded->process == task->process ? recorded : NULL;
}

/* Before the recording has begun there is no sampler that could be disturbed. */
static void lock_sampler(struct recorder *recorder)
{
	if (recorder->writer)
		trace_begin(recorder->writer, &recorder->clock);
}

static void unlock_sampler(struct recorder *recorder)
{
	if (recorder->writer)
		trace_end(recorder->writer);
}

struct recorded *recorded_add(struct recorder *recorder, struct process *process)
{
	struct recorded *recorded = mem_alloc(sizeof(*recorded));

	recorded->recorder = recorder;
	recorded->process = process;
	recorded->pid = process->pid;
	recorded->modules.sources = recorder->plan->sources;
	sample_source_init(&recorded->memory);
	if (recorder->plan->metrics->count > 1)
		recorded->values = mem_alloc(recorder->plan->metrics->count * sizeof(*recorded->values));
	lock_sampler(recorder);
	table_put(&recorder->processes, (uint64_t)recorded->pid, recorded);
	if (recorded->pid == recorder->pid)
		recorder->first = recorded;
	unlock_sampler(recorder);
	return recorded;
}

void recorded_remove(struct recorder *recorder, struct recorded *recorded)
{
	lock_sampler(recorder);
	table_remove(&recorder->processes, (uint64_t)recorded->pid);
	if (recorded == recorder->first) {
		recorder->first = NULL;
		recorder->peak_most = recorded->peak_most;
	}
	unlock_sampler(recorder);
	sample_source_close(&recorded->memory);
	modules_free(&recorded->modules);
	table_free(&recorded->traced);
	sample_peaks_free(&recorded->peaks);
	free(recorded->values);
	free(recorded);
}

int recorded_read_from(struct recorded *recorded, pid_t tid, struct error *err)
{
	int failed;

	lock_sampler(recorded->recorder);
	sample_source_close(&recorded->memory);
	failed = sample_source_open(&recorded->memory, recorded->pid, tid, err);
	unlock_sampler(recorded->recorder);
	return failed;
}

/*
 * Samples. Metrics for which the kernel has to walk all pages are read before the lock is taken: a traced call would
 * wait for them. They are some milliseconds older than the line that they stand in.
 */
#include <stdlib.h>

#include "recorder.h"

/* What was read of a process without the lock. */
struct rollup {
	pid_t pid, tid;
	uint64_t *values;
};

struct rollups {
	struct rollup *items;
	size_t count, capacity;
};

static bool is_sampled(const struct recorder *recorder, const struct recorded *recorded)
{
	return recorded == recorder->first || recorder->plan->children != RECORD_CHILDREN_NOT;
}

static void rollups_read(struct recorder *recorder, struct rollups *rollups)
{
	const struct sample_metrics *metrics = recorder->plan->metrics;
	const struct recorded *recorded;
	size_t position = 0;

	if (!metrics->from_rollup)
		return;
	trace_begin(recorder->writer, &recorder->clock);
	while ((recorded = table_next(&recorder->processes, &position, NULL))) {
		if (!is_sampled(recorder, recorded))
			continue;
		rollups->items = array_reserve(rollups->items, &rollups->capacity, rollups->count + 1,
					       sizeof(*rollups->items));
		rollups->items[rollups->count++] = (struct rollup){
			.pid = recorded->pid,
			.tid = recorded->memory.tid,
			.values = mem_alloc(metrics->count * sizeof(uint64_t)),
		};
	}
	trace_end(recorder->writer);
	for (size_t i = 0; i < rollups->count; i++)
		sample_metrics_from_rollup(metrics, rollups->items[i].pid, rollups->items[i].tid,
					   rollups->items[i].values);
}

static void rollups_free(struct rollups *rollups)
{
	while (rollups->count)
		free(rollups->items[--rollups->count].values);
	free(rollups->items);
}

/* ---- inside the lock --------------------------------------------------- */

static const struct rollup *rollup_of(const struct rollups *rollups, pid_t pid)
{
	for (size_t i = 0; i < rollups->count; i++)
		if (rollups->items[i].pid == pid)
			return &rollups->items[i];
	return NULL;
}

/* False if the process is gone. */
static bool read_process(struct recorded *recorded, const struct rollups *rollups)
{
	const struct recorder *recorder = recorded->recorder;
	const struct sample_metrics *metrics = recorder->plan->metrics;
	const struct rollup *rollup = rollup_of(rollups, recorded->pid);

	/* The sum has no marks: where nothing else is wanted either, the cheaper file will do. */
	if (!recorded->values && recorder->plan->children == RECORD_CHILDREN_SUM)
		return recorded_refresh(recorded);
	if (!recorded_refresh_whole(recorded))
		return false;
	if (!recorded->values)
		return true;
	for (size_t i = 0; i < metrics->count; i++)
		recorded->values[i] = rollup ? rollup->values[i] : SAMPLE_NOT_KNOWN;
	sample_metrics_from_status(metrics, &recorded->memory, recorded->values);
	sample_metrics_from_cgroup(metrics, recorder->cgroup, recorded->values);
	return true;
}

/* Exact, or 0. */
static uint64_t peak_of_sample(struct recorded *recorded)
{
	bool exact;
	uint64_t peak = recorder_peak_since(recorded->recorder, recorded->pid, recorded->sample_from, &exact);

	recorded->sample_from = sample_peaks_begin(&recorded->peaks, recorded->last_rss);
	return exact ? peak : 0;
}

void recorder_put_sample(struct recorder *recorder, uint64_t time_ns, const uint64_t *values)
{
	struct trace_sample sample = {.time_ns = time_ns, .values = values};

	if (recorder->plan->children == RECORD_CHILDREN_SUM) {
		sample.rss = recorder_sum_of_tree(recorder);
		recorder_reach_sum(recorder, sample.rss);
	} else {
		sample.rss = recorder->first->last_rss;
		sample.peak = peak_of_sample(recorder->first);
	}
	trace_put_sample(recorder->writer, &sample);
	recorder->samples++;
}

static void put_children(struct recorder *recorder, uint64_t time_ns, const struct rollups *rollups)
{
	struct recorded *recorded;
	size_t position = 0;

	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		if (recorded != recorder->first && read_process(recorded, rollups))
			trace_put_child(recorder->writer, &(struct trace_child){
								  .pid = recorded->pid,
								  .time_ns = time_ns,
								  .rss = recorded->last_rss,
								  .peak = peak_of_sample(recorded),
								  .values = recorded->values,
							  });
}

/* What a process has that cannot be read makes the sum unknown. */
static void add_values(const struct sample_metrics *metrics, const uint64_t *values, uint64_t *sums)
{
	for (size_t i = 0; i < metrics->count; i++) {
		if (!sample_metric_adds_up(metrics, i))
			sums[i] = values[i];
		else if (values[i] == SAMPLE_NOT_KNOWN || sums[i] == SAMPLE_NOT_KNOWN)
			sums[i] = SAMPLE_NOT_KNOWN;
		else
			sums[i] += values[i];
	}
}

static void put_sum(struct recorder *recorder, uint64_t time_ns, const struct rollups *rollups)
{
	const struct sample_metrics *metrics = recorder->plan->metrics;
	uint64_t *sums = metrics->count > 1 ? mem_alloc(metrics->count * sizeof(*sums)) : NULL;
	struct recorded *recorded;
	size_t position = 0;

	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		if (read_process(recorded, rollups) && sums)
			add_values(metrics, recorded->values, sums);
	recorder_put_sample(recorder, time_ns, sums);
	free(sums);
}

void recorder_sample(void *context)
{
	struct recorder *recorder = context;
	struct rollups rollups = {0};
	uint64_t now;

	rollups_read(recorder, &rollups);
	now = trace_begin(recorder->writer, &recorder->clock);
	if (recorder->plan->children == RECORD_CHILDREN_SUM)
		put_sum(recorder, now, &rollups);
	else if (recorder->first && read_process(recorder->first, &rollups))
		recorder_put_sample(recorder, now, recorder->first->values);
	if (recorder->plan->children == RECORD_CHILDREN_SEPARATE)
		put_children(recorder, now, &rollups);
	trace_end(recorder->writer);
	rollups_free(&rollups);
}

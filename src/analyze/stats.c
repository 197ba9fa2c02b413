/* stats: order, and the figures of a run and its functions. */
#include <stdlib.h>

#include "load.h"

static int u64_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int sample_compare(const void *left, const void *right)
{
	const struct run_sample *a = left, *b = right;
	int by_time = u64_compare(a->time_ns, b->time_ns);
	return by_time ? by_time : u64_compare(a->rss, b->rss);
}

static int call_compare(const void *left, const void *right)
{
	const struct run_call *a = left, *b = right;
	int by_enter = u64_compare(a->enter_ns, b->enter_ns);
	if (by_enter)
		return by_enter;
	return a->depth != b->depth ? u64_compare(a->depth, b->depth) : u64_compare(a->call, b->call);
}

static void samples_sort(struct run *run)
{
	for (size_t i = 1; i < run->sample_count; i++) {
		if (run->samples[i - 1].time_ns > run->samples[i].time_ns) {
			qsort(run->samples, run->sample_count, sizeof *run->samples, sample_compare);
			return;
		}
	}
}

static void calls_sort(struct run *run)
{
	for (size_t i = 1; i < run->call_count; i++) {
		if (call_compare(&run->calls[i - 1], &run->calls[i]) > 0) {
			qsort(run->calls, run->call_count, sizeof *run->calls, call_compare);
			return;
		}
	}
}

static void unfinished_close(struct run *run)
{
	const struct run_sample *last = &run->samples[run->sample_count - 1];

	for (size_t i = 0; i < run->call_count; i++) {
		struct run_call *call = &run->calls[i];
		if (call->end != TRACE_END_UNFINISHED)
			continue;
		call->leave_ns = run->end_ns;
		if (last->time_ns >= call->enter_ns)
			call->leave_rss = last->rss;
	}
}

static void peak_find(struct run *run)
{
	for (size_t i = 0; i < run->sample_count; i++) {
		if (i > 0 && run->samples[i].rss <= run->peak_sample_rss)
			continue;
		run->peak_sample_rss = run->samples[i].rss;
		run->peak_sample_ns = run->samples[i].time_ns;
	}
	if (run->peak_sample_rss > run->peak_rss)
		run->peak_rss = run->peak_sample_rss;
	if (run->complete && run->finish.peak > run->peak_rss)
		run->peak_rss = run->finish.peak;
}

/* What is left of the old numbers once functions stand in the order of their first call. */
static void functions_sort(struct run *run)
{
	struct run_function *sorted = mem_alloc(run->function_count * sizeof *sorted);
	size_t *place = mem_alloc(run->function_count * sizeof *place);
	size_t count = 0;

	for (size_t i = 0; i < run->call_count; i++) {
		size_t old = run->calls[i].function;
		if (place[old] == 0) {
			sorted[count++] = run->functions[old];
			place[old] = count; /* index + 1 */
		}
		run->calls[i].function = place[old] - 1;
	}
	for (size_t old = 0; old < run->function_count; old++) {
		if (place[old] == 0)
			sorted[count++] = run->functions[old];
	}
	free(place);
	free(run->functions);
	run->functions = sorted;
}

/* Up to when the calls seen so far of one function in one task reach. */
struct cover {
	struct table index; /* by function and task, index + 1 */
	uint64_t *until;
	size_t count, capacity;
};

static uint64_t *cover_of(struct cover *cover, const struct run_call *call)
{
	uint64_t key = (uint64_t)call->function << 32 | (uint32_t)call->tid;
	size_t index = (size_t)(uintptr_t)table_get(&cover->index, key);
	if (index == 0) {
		cover->until =
			array_reserve(cover->until, &cover->capacity, cover->count + 1, sizeof *cover->until);
		cover->until[cover->count] = 0;
		index = ++cover->count;
		table_put(&cover->index, key, (void *)(uintptr_t)index);
	}
	return &cover->until[index - 1];
}

static void functions_sum(struct run *run)
{
	struct cover cover = {0};

	for (size_t i = 0; i < run->call_count; i++) {
		const struct run_call *call = &run->calls[i];
		struct run_function *function = &run->functions[call->function];
		if (function->calls++ == 0)
			function->first_enter_ns = call->enter_ns;
		if (call->end == TRACE_END_UNFINISHED)
			function->unfinished++;
		/* Calls come in the order of their enters: what an earlier one covers is counted. */
		uint64_t *until = cover_of(&cover, call);
		uint64_t from = call->enter_ns > *until ? call->enter_ns : *until;
		if (call->leave_ns > from) {
			function->total_ns += call->leave_ns - from;
			*until = call->leave_ns;
		}
	}
	table_free(&cover.index);
	free(cover.until);
}

void run_complete(struct run *run)
{
	samples_sort(run);
	unfinished_close(run);
	calls_sort(run);
	peak_find(run);
	functions_sort(run);
	functions_sum(run);
}

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

void samples_sort(struct run_sample *samples, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (samples[i - 1].time_ns > samples[i].time_ns) {
			qsort(samples, count, sizeof *samples, sample_compare);
			return;
		}
	}
}

void run_sort_calls(struct run *run)
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

void run_peak(struct run *run)
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

/* The calls of one function in one task that are open at a time, as those seen so far tell. */
struct cover {
	uint64_t until;
	bool selected; /* the outermost of them is */
};

struct covers {
	struct table index; /* by function and task, index + 1 */
	struct cover *items;
	size_t count, capacity;
};

static struct cover *cover_of(struct covers *covers, const struct run_call *call)
{
	uint64_t key = (uint64_t)call->function << 32 | (uint32_t)call->tid;
	size_t index = (size_t)(uintptr_t)table_get(&covers->index, key);
	if (index == 0) {
		covers->items = array_reserve(covers->items, &covers->capacity, covers->count + 1,
					      sizeof *covers->items);
		covers->items[covers->count] = (struct cover){0};
		index = ++covers->count;
		table_put(&covers->index, key, (void *)(uintptr_t)index);
	}
	return &covers->items[index - 1];
}

static void call_sum(struct run *run, const struct run_call *call, bool selected, struct cover *cover)
{
	struct run_function *function = &run->functions[call->function];

	/* Calls come in the order of their enters: what an earlier one covers is counted. */
	if (call->enter_ns >= cover->until)
		cover->selected = selected;
	uint64_t from = call->enter_ns > cover->until ? call->enter_ns : cover->until;
	if (call->leave_ns > from) {
		function->total_ns += cover->selected ? call->leave_ns - from : 0;
		cover->until = call->leave_ns;
	}
	if (!selected)
		return;
	if (function->calls++ == 0)
		function->first_enter_ns = call->enter_ns;
	function->unfinished += run_call_is_unfinished(call);
}

bool run_call_is_unfinished(const struct run_call *call)
{
	return call->end != TRACE_END_RETURN && call->end != TRACE_END_TAIL &&
	       call->end != TRACE_END_UNWOUND && call->end != TRACE_END_LONGJMP;
}

void run_sum(struct run *run, const bool *selected)
{
	struct covers covers = {0};

	for (size_t i = 0; i < run->function_count; i++)
		run->functions[i].calls = run->functions[i].unfinished = run->functions[i].total_ns = 0;
	for (size_t i = 0; i < run->call_count; i++)
		call_sum(run, &run->calls[i], !selected || selected[i], cover_of(&covers, &run->calls[i]));
	table_free(&covers.index);
	free(covers.items);
}

void run_complete(struct run *run)
{
	samples_sort(run->samples, run->sample_count);
	for (size_t i = 0; i < run->line_count; i++)
		samples_sort(run->lines[i].points, run->lines[i].count);
	unfinished_close(run);
	run_sort_calls(run);
	run_peak(run);
	run_find_peaks(run);
	functions_sort(run);
	run_sum(run, NULL);
}

#include "lanes.h"

#include <limits.h>
#include <stdlib.h>

/* A table holds pointers that are not NULL: an index + 1. */
static size_t lane_find(struct lanes *lanes, struct table *known, size_t *capacity, const struct run *run,
			const struct run_call *call)
{
	uint64_t key = scene_thread_key(run, call);
	size_t number = (size_t)(uintptr_t)table_get(known, key);

	if (number > 0)
		return number - 1;
	lanes->lanes = array_reserve(lanes->lanes, capacity, lanes->count + 1, sizeof(*lanes->lanes));
	lanes->lanes[lanes->count] = (struct lane){
		.pid = call->pid,
		.tid = call->tid,
		.recording = run->functions[call->function].recording,
	};
	table_put(known, key, (void *)(uintptr_t)(lanes->count + 1));
	return lanes->count++;
}

/* Of each call; the lanes of a recording follow those of the one before. */
static size_t *lanes_find(struct lanes *lanes, const struct run *run)
{
	size_t *lane_of = mem_alloc((run->call_count + 1) * sizeof(*lane_of)), capacity = 0, recording = 0;
	struct table known = {0};

	do {
		for (size_t i = 0; i < run->call_count; i++) {
			const struct run_call *call = &run->calls[i];
			if (run->functions[call->function].recording != recording)
				continue;
			lane_of[i] = lane_find(lanes, &known, &capacity, run, call);
			struct lane *lane = &lanes->lanes[lane_of[i]];
			/* A damaged file may have any depth. */
			if (call->depth >= lane->depths)
				lane->depths = call->depth < UINT_MAX ? call->depth + 1 : UINT_MAX;
			lanes->many_processes |= lane->pid != lanes->lanes[0].pid;
		}
	} while (++recording < run->recording_count);
	table_free(&known);
	return lane_of;
}

static size_t rows_with(const struct lanes *lanes, unsigned deepest)
{
	size_t rows = 0;

	for (size_t i = 0; i < lanes->count; i++)
		rows += lanes->lanes[i].depths < deepest ? lanes->lanes[i].depths : deepest;
	return rows;
}

/* The deepest rows give way first, then the last lanes. */
static void rows_assign(struct lanes *lanes, unsigned most)
{
	unsigned deepest = most;

	while (deepest > 1 && rows_with(lanes, deepest) > most)
		deepest--;
	for (size_t i = 0; i < lanes->count; i++) {
		struct lane *lane = &lanes->lanes[i];
		unsigned rows = lane->depths < deepest ? lane->depths : deepest;
		if (lanes->rows + rows > most) {
			lanes->left_out = lanes->count - i;
			lanes->count = i;
			return;
		}
		lane->first_row = lanes->rows;
		lane->rows = rows;
		lanes->rows += rows;
	}
}

/* Short calls of a function that follow each other are one bar. Of several functions too close to be told apart it is
 * one as narrow as that, in the colour of the longest: else a million calls that alternate were a million bars. */
static bool bar_may_join(const struct lane_bar *bar, const struct run_call *call, size_t shown,
			 uint64_t least_ns)
{
	if (call->leave_ns - call->enter_ns >= least_ns ||
	    (bar->calls == 1 && bar->to_ns - bar->from_ns >= least_ns))
		return false;
	if (bar->shown == shown && !bar->mixed)
		return call->enter_ns < bar->to_ns + least_ns;
	return call->leave_ns < bar->from_ns + least_ns;
}

static void bar_take(struct lane_bar *bar, const struct run_call *call, size_t shown)
{
	uint64_t span_ns = call->leave_ns - call->enter_ns;

	bar->mixed |= bar->shown != shown;
	if (span_ns > bar->longest_ns) {
		bar->longest_ns = span_ns;
		bar->shown = shown;
	}
	bar->calls++;
	if (call->leave_ns < bar->to_ns)
		return;
	bar->to_ns = call->leave_ns;
	bar->open = run_call_is_unfinished(call);
	bar->noticed = !call->exact && !bar->open;
	bar->unwound = call->end == TRACE_END_UNWOUND || call->end == TRACE_END_LONGJMP;
}

/* Index among the functions shown, of each function of the run. */
static size_t *shown_find(const struct scene *scene)
{
	size_t *shown_of = mem_alloc((scene->run->function_count + 1) * sizeof(*shown_of));

	for (size_t i = 0; i < scene->run->function_count; i++)
		shown_of[i] = scene->function_count;
	for (size_t i = 0; i < scene->function_count; i++)
		shown_of[scene->functions[i].function] = i;
	return shown_of;
}

void lanes_build(struct lanes *lanes, const struct scene *scene, unsigned most, uint64_t least_ns)
{
	const struct run *run = scene->run;
	size_t capacity = 0;

	*lanes = (struct lanes){0};
	size_t *lane_of = lanes_find(lanes, run), *shown_of = shown_find(scene);
	rows_assign(lanes, most);
	size_t *lasts = mem_alloc((lanes->rows + 1U) * sizeof(*lasts)); /* an index + 1 */
	for (size_t i = 0; i < run->call_count; i++) {
		const struct run_call *call = &run->calls[i];
		if (lane_of[i] >= lanes->count)
			continue;
		const struct lane *lane = &lanes->lanes[lane_of[i]];
		unsigned row = lane->first_row + (call->depth < lane->rows ? call->depth : lane->rows - 1);
		size_t shown = shown_of[call->function];
		struct lane_bar *bar = lasts[row] ? &lanes->bars[lasts[row] - 1] : NULL;
		/* Recursion below the last row is told by a number. */
		bool inside = bar && call->depth >= lane->rows && bar->shown == shown &&
			      call->leave_ns <= bar->to_ns;
		if (!bar || (!inside && !bar_may_join(bar, call, shown, least_ns))) {
			lanes->bars = array_reserve(lanes->bars, &capacity, lanes->bar_count + 1,
						    sizeof(*lanes->bars));
			bar = &lanes->bars[lanes->bar_count++];
			*bar = (struct lane_bar){.lane = lane_of[i],
						 .shown = shown,
						 .row = row,
						 .from_ns = call->enter_ns,
						 .to_ns = call->enter_ns};
			lasts[row] = lanes->bar_count;
		}
		bar_take(bar, call, shown);
	}
	free(lasts);
	free(shown_of);
	free(lane_of);
}

static bool is_of_many_processes(const struct lanes *lanes, const struct lane *lane)
{
	for (size_t i = 0; i < lanes->count; i++)
		if (lanes->lanes[i].recording == lane->recording && lanes->lanes[i].pid != lane->pid)
			return true;
	return false;
}

/* The first thread of a recording of one process has no number: it is the one that is looked for. */
static char *recording_name(const struct lanes *lanes, const struct lane *lane, const struct run *run)
{
	const char *name = run->recordings[lane->recording].name;
	bool is_first = lane->pid == lane->tid && !is_of_many_processes(lanes, lane);
	char *both = is_first ? mem_strdup(name) : mem_printf("%s/%d", name, lane->tid);
	char *clean = label_clean(both);

	free(both);
	return clean;
}

char *lanes_name(const struct lanes *lanes, const struct lane *lane, const struct run *run)
{
	if (run->recording_count > 1)
		return recording_name(lanes, lane, run);
	if (lane->tid <= 0)
		return mem_strdup("calls");
	if (!lanes->many_processes)
		return mem_printf("tid %d", lane->tid);
	return lane->pid == lane->tid ? mem_printf("pid %d", lane->pid)
				      : mem_printf("%d/%d", lane->pid, lane->tid);
}

void lanes_free(struct lanes *lanes)
{
	free(lanes->lanes);
	free(lanes->bars);
	*lanes = (struct lanes){0};
}

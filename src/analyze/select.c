/* select: a part of a recording: a window, some functions, calls that lasted. */
#include <stdlib.h>
#include <string.h>

#include "load.h"

/* ---- calls ------------------------------------------------------------- */

static bool *functions_choose(const struct run *run, const struct run_selection *selection, struct error *err)
{
	bool *chosen = mem_alloc((run->function_count + 1) * sizeof(*chosen));

	for (size_t i = 0; i < run->function_count && selection->glob_count == 0; i++)
		chosen[i] = true;
	for (size_t glob = 0; glob < selection->glob_count; glob++) {
		bool any = false;
		for (size_t i = 0; i < run->function_count; i++) {
			bool matches = function_matches(&run->functions[i], selection->globs[glob]);
			chosen[i] |= matches;
			any |= matches;
		}
		if (any)
			continue;
		error_set(err, STATUS_FAILED, "%s: no function '%s' in it; fmprof report lists them",
			  run->path, selection->globs[glob]);
		free(chosen);
		return NULL;
	}
	return chosen;
}

static bool is_inside(const struct run *run, const struct run_selection *selection,
		      const struct run_call *call)
{
	uint64_t since = call->enter_ns > run->start_ns ? call->enter_ns - run->start_ns : 0;

	return since >= selection->from_ns && (since < selection->to_ns || selection->to_ns == UINT64_MAX);
}

static bool lasts_into(const struct run *run, const struct run_selection *selection,
		       const struct run_call *call)
{
	uint64_t from_ns = run->start_ns + selection->from_ns;

	return call->enter_ns < from_ns && call->leave_ns > from_ns;
}

static void calls_select(struct run *run, const struct run_selection *selection, const bool *chosen)
{
	bool *counted = mem_alloc((run->call_count + 1) * sizeof(*counted));
	bool *kept = mem_alloc((run->call_count + 1) * sizeof(*kept));
	size_t count = 0;

	for (size_t i = 0; i < run->call_count; i++) {
		const struct run_call *call = &run->calls[i];
		bool fits = !selection->no_calls && chosen[call->function] &&
			    call->leave_ns - call->enter_ns >= selection->least_ns;
		counted[i] = fits && is_inside(run, selection, call);
		kept[i] = counted[i] || (fits && lasts_into(run, selection, call));
	}
	run_sum(run, counted);
	for (size_t i = 0; i < run->call_count; i++) {
		if (!kept[i])
			continue;
		run->calls[count] = run->calls[i];
		run->calls[count++].uncounted = !counted[i];
	}
	run->call_count = count;
	free(kept);
	free(counted);
}

/* ---- samples ----------------------------------------------------------- */

static size_t point_from(const struct run_sample *points, size_t count, uint64_t time_ns)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;
		if (points[middle].time_ns < time_ns)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* On the straight line to the point at `next`. */
static struct run_sample point_between(const struct run_sample *points, size_t next, uint64_t time_ns)
{
	const struct run_sample *one = &points[next - 1], *other = &points[next];
	double part = (double)(time_ns - one->time_ns) / (double)(other->time_ns - one->time_ns);
	double rss = (double)one->rss + part * ((double)other->rss - (double)one->rss);

	return (struct run_sample){time_ns, (uint64_t)rss};
}

/* What lies from one time to the other, with ends where the line crosses them. */
static void points_cut(struct run_sample **points, size_t *count, uint64_t from_ns, uint64_t to_ns)
{
	size_t begin = point_from(*points, *count, from_ns), end = point_from(*points, *count, to_ns + 1);
	struct run_sample *cut = mem_alloc((end - begin + 2) * sizeof(*cut));
	size_t kept = 0;

	if (begin > 0 && begin < *count && (*points)[begin].time_ns > from_ns)
		cut[kept++] = point_between(*points, begin, from_ns);
	for (size_t i = begin; i < end; i++)
		cut[kept++] = (*points)[i];
	if (end > 0 && end < *count && (*points)[end - 1].time_ns < to_ns)
		cut[kept++] = point_between(*points, end, to_ns);
	free(*points);
	*points = cut;
	*count = kept;
}

static uint64_t highest_mark(const struct run *run)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < run->line_count; i++) {
		const struct run_line *line = &run->lines[i];
		for (size_t at = 0; line->kind == RUN_LINE_PEAKS && at < line->count; at++)
			highest = line->points[at].rss > highest ? line->points[at].rss : highest;
	}
	return highest;
}

static int window_cut(struct run *run, const struct run_selection *selection, struct error *err)
{
	uint64_t span = run->end_ns - run->start_ns;
	uint64_t to_ns = selection->to_ns < span ? selection->to_ns : span;

	if (selection->from_ns == 0 && to_ns == span)
		return 0;
	if (selection->from_ns >= span)
		return error_set(err, STATUS_FAILED,
				 "%s: the window begins at %g s, but the recording has only %g s", run->path,
				 (double)selection->from_ns / 1e9, (double)span / 1e9);
	if (!run->is_for_window)
		run->trend = (struct trend){0};
	run->end_ns = run->start_ns + to_ns;
	run->start_ns += selection->from_ns;
	run->before_ns += selection->from_ns;
	points_cut(&run->samples, &run->sample_count, run->start_ns, run->end_ns);
	for (size_t i = 0; i < run->line_count; i++) {
		struct run_line *line = &run->lines[i];
		points_cut(&line->points, &line->count, run->start_ns, run->end_ns);
		line->capacity = line->count;
	}
	if (run->sample_count == 0)
		return error_set(err, STATUS_FAILED, "%s: no sample in the window; choose a wider one",
				 run->path);
	/* The kernel's mark at the end is of all of it. */
	run->finish.peak = 0;
	run->peak_sample_rss = 0;
	run->peak_rss = highest_mark(run);
	run_peak(run);
	return 0;
}

int run_select(struct run *run, const struct run_selection *selection, struct error *err)
{
	bool *chosen = functions_choose(run, selection, err);

	if (!chosen)
		return -1;
	calls_select(run, selection, chosen);
	free(chosen);
	return window_cut(run, selection, err);
}

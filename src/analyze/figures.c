/* figures: what the calls of a function come to. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

static uint64_t row_key(enum report_by by, size_t function, const struct thread *thread)
{
	return (uint64_t)function << 32 | (by == REPORT_BY_FUNCTION ? 0 : (uint32_t)thread->process->number);
}

struct report_row *figures_row(struct stream *stream, size_t function, const struct thread *thread)
{
	struct report *report = stream->report;
	enum report_by by = stream->options->by;
	uint64_t key = row_key(by, function, thread);
	/* A thread's own row is asked for once, by its group. */
	struct report_row *row = by == REPORT_BY_THREAD ? NULL : table_get(&stream->rows, key);

	if (row)
		return row;
	row = mem_alloc(sizeof(*row));
	row->function = function;
	row->process = by == REPORT_BY_FUNCTION ? NULL : thread->process->shown;
	row->pid = by == REPORT_BY_FUNCTION ? 0 : thread->pid;
	row->tid = by == REPORT_BY_THREAD ? thread->tid : 0;
	row->peak.exact = true;
	row->largest_growth = INT64_MIN;
	if (by != REPORT_BY_THREAD)
		table_put(&stream->rows, key, row);
	report->rows = array_reserve(report->rows, &stream->row_capacity, report->row_count + 1,
				     sizeof(*report->rows));
	report->rows[report->row_count++] = row;
	return row;
}

static void outermost_take(struct report_row *row, const struct open_call *call, const struct trace_call *end)
{
	int64_t growth = (int64_t)(end->leave_rss - call->enter_rss);

	row->outermost++;
	row->outermost_ns += end->leave_ns - call->enter_ns;
	/* Unsigned, as figures of a damaged file may be anything. */
	row->net_growth = (int64_t)((uint64_t)row->net_growth + (uint64_t)growth);
	row->largest_growth = growth > row->largest_growth ? growth : row->largest_growth;
}

static void fits_take(struct report_row *row, const struct open_call *call, const struct trace_call *end)
{
	double retained = (double)(int64_t)(end->leave_rss - call->enter_rss);

	if (row->by_call.count == 0)
		row->first_leave_ns = end->leave_ns;
	fit_add(&row->by_call, (double)row->by_call.count, retained);
	/* Seconds since the epoch would leave doubles no nanoseconds. */
	fit_add(&row->by_second, (double)(int64_t)(end->leave_ns - row->first_leave_ns) / 1e9, retained);
}

void figures_take(struct report_row *row, const struct open_call *call, const struct trace_call *end)
{
	if (row->calls++ == 0) {
		row->first_enter_ns = call->enter_ns;
		row->first_enter_rss = call->enter_rss;
	}
	if (call->enter_ns < row->first_enter_ns) {
		row->first_enter_ns = call->enter_ns;
		row->first_enter_rss = call->enter_rss;
	}
	if (end->leave_ns >= row->last_leave_ns) {
		row->last_leave_ns = end->leave_ns;
		row->last_leave_rss = end->leave_rss;
	}
	row->ends[end->end]++;
	row->noticed += !end->exact && end->end != TRACE_END_UNFINISHED;
	row->self_ns += call->self_ns;
	if (end->leave_ns - call->enter_ns > row->max_ns)
		row->max_ns = end->leave_ns - call->enter_ns;
	row->peak.bytes = end->peak > row->peak.bytes ? end->peak : row->peak.bytes;
	row->peak.exact = row->peak.exact && end->peak_exact;
	if (!call->outermost)
		return;
	outermost_take(row, call, end);
	if (end->end != TRACE_END_UNFINISHED)
		fits_take(row, call, end);
}

uint64_t report_row_returned(const struct report_row *row)
{
	return row->ends[TRACE_END_RETURN] + row->ends[TRACE_END_TAIL];
}

uint64_t report_row_unwound(const struct report_row *row)
{
	return row->ends[TRACE_END_UNWOUND] + row->ends[TRACE_END_LONGJMP];
}

uint64_t report_row_unfinished(const struct report_row *row)
{
	return row->calls - report_row_returned(row) - report_row_unwound(row);
}

/* A name that is meant as it is may hold what globs use: operator[]. */
static bool name_matches(const struct run_function *function, const char *glob)
{
	return strcmp(glob, function->name) == 0 || strcmp(glob, function->full_name) == 0 ||
	       fnmatch(glob, function->name, 0) == 0 || fnmatch(glob, function->full_name, 0) == 0;
}

bool function_matches(const struct run_function *function, const char *glob)
{
	const char *mark = strchr(glob, '!');

	if (name_matches(function, glob))
		return true;
	if (!mark || mark == glob)
		return false;
	const char *slash = strrchr(function->module, '/'), *base = slash ? slash + 1 : function->module;
	char *module = mem_strndup(glob, (size_t)(mark - glob));
	bool matches = fnmatch(module, base, 0) == 0 && name_matches(function, mark + 1);
	free(module);
	return matches;
}

/* Whether a row of its own is of a process that was over by then. */
static bool ended_before(const struct report_row *row, uint64_t time_ns)
{
	return row->process && row->process->ended && row->process->end_ns <= time_ns;
}

void figures_complete(struct report *report, const struct report_options *options)
{
	for (size_t i = 0; i < report->row_count; i++) {
		struct report_row *row = report->rows[i];
		uint64_t until_ns = report->functions[row->function].until_ns;

		if (until_ns < report->start_ns || until_ns - report->start_ns >= options->to_ns ||
		    ended_before(row, until_ns))
			continue;
		row->until_ns = until_ns;
		row->peak.exact = false;
	}
}

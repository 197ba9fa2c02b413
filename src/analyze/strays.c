/*
 * strays: calls whose lines are not where their times belong: those that were noticed late, those whose ENTER was
 * lost, and all of mprof's, which writes a call when it has ended. The first pass gathers them, the second
 * passes over their lines and lets them begin and end at their times.
 */
#include <stdlib.h>

#include "stream.h"

struct stray {
	struct trace_call call; /* without its name */
	size_t function;
	struct open_call *open; /* once it has begun */
};

void strays_add(struct strays *strays, const struct trace_call *call, size_t function)
{
	strays->items =
		array_reserve(strays->items, &strays->capacity, strays->count + 1, sizeof(*strays->items));
	struct stray *stray = &strays->items[strays->count++];
	*stray = (struct stray){.call = *call, .function = function};
	stray->call.name = NULL;
	if (stray->call.leave_ns < stray->call.enter_ns)
		stray->call.leave_ns = stray->call.enter_ns;
}

static int u64_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Outer before inner. */
static int enter_compare(const void *left, const void *right)
{
	const struct trace_call *a = &(*(struct stray *const *)left)->call,
				*b = &(*(struct stray *const *)right)->call;
	int order = u64_compare(a->enter_ns, b->enter_ns);

	order = order ? order : u64_compare(a->depth, b->depth);
	return order ? order : u64_compare(a->call, b->call);
}

/* Inner before outer. */
static int leave_compare(const void *left, const void *right)
{
	const struct trace_call *a = &(*(struct stray *const *)left)->call,
				*b = &(*(struct stray *const *)right)->call;
	int order = u64_compare(a->leave_ns, b->leave_ns);

	return order ? order : enter_compare(right, left);
}

void strays_sort(struct strays *strays)
{
	strays->by_enter = mem_alloc(strays->count * sizeof(struct stray *));
	strays->by_leave = mem_alloc(strays->count * sizeof(struct stray *));
	for (size_t i = 0; i < strays->count; i++) {
		struct stray *stray = &strays->items[i];
		strays->by_enter[i] = strays->by_leave[i] = stray;
		if (stray->call.call > 0)
			table_put(&strays->numbers, stray->call.call, stray);
	}
	qsort(strays->by_enter, strays->count, sizeof(struct stray *), enter_compare);
	qsort(strays->by_leave, strays->count, sizeof(struct stray *), leave_compare);
}

bool strays_has(const struct strays *strays, uint64_t call)
{
	return table_get(&strays->numbers, call) != NULL;
}

static void stray_enter(struct stream *stream, struct stray *stray)
{
	const struct trace_call *call = &stray->call;

	stray->open = nesting_enter(stream,
				    &(struct trace_enter){
					    .call = call->call,
					    .pid = call->pid,
					    .tid = call->tid,
					    .depth = call->depth,
					    .rss = call->enter_rss,
					    .time_ns = call->enter_ns,
				    },
				    stray->function);
}

void strays_run(struct stream *stream, uint64_t time_ns, bool with_leaves)
{
	struct strays *strays = &stream->strays;

	while (stream->second && strays->left < strays->count) {
		struct stray *leaving = strays->by_leave[strays->left];
		struct stray *entering =
			strays->entered < strays->count ? strays->by_enter[strays->entered] : NULL;

		if (leaving->open && (!entering || leaving->call.leave_ns <= entering->call.enter_ns)) {
			if (leaving->call.leave_ns > time_ns ||
			    (leaving->call.leave_ns == time_ns && !with_leaves))
				return;
			nesting_leave(stream, leaving->open, &leaving->call);
			strays->left++;
		} else if (entering && entering->call.enter_ns <= time_ns) {
			stray_enter(stream, entering);
			strays->entered++;
		} else {
			return;
		}
	}
}

void strays_free(struct strays *strays)
{
	free(strays->items);
	free(strays->by_enter);
	free(strays->by_leave);
	table_free(&strays->numbers);
	*strays = (struct strays){0};
}

/*
 * nesting: which calls are open in each thread, in passing.
 *
 * All is told by times. A call's own time is that in which it was the last one begun of those open in its thread; a
 * call of a suspended coroutine is open, as the file says. Threads and groups stay known; calls are
 * forgotten when they end.
 */
#include <stdlib.h>

#include "stream.h"

static struct thread *thread_get(struct stream *stream, pid_t pid, pid_t tid)
{
	uint64_t key = (uint64_t)(uint32_t)pid << 32 | (uint32_t)tid;
	struct thread *known = table_get(&stream->threads, key), *thread;

	if (known && !known->process->newer)
		return known;
	thread = mem_alloc(sizeof(*thread));
	*thread = (struct thread){
		.pid = pid,
		.tid = tid,
		.index = stream->thread_count++,
		.process = stream_series(stream, pid),
		.former = known,
	};
	table_put(&stream->threads, key, thread);
	return thread;
}

static struct group *group_get(struct stream *stream, struct thread *thread, size_t function)
{
	uint64_t key = (uint64_t)function << 32 | (uint32_t)thread->index;
	struct group *group = table_get(&stream->groups, key);

	if (!group) {
		group = mem_alloc(sizeof(*group));
		group->thread = thread;
		group->row = figures_row(stream, function, thread);
		table_put(&stream->groups, key, group);
	}
	return group;
}

/* What passed since belongs to the call that began last. */
static void thread_advance(struct thread *thread, uint64_t time_ns)
{
	if (time_ns <= thread->last_ns)
		return;
	if (thread->newest)
		thread->newest->self_ns += time_ns - thread->last_ns;
	thread->last_ns = time_ns;
}

static bool is_selected(const struct stream *stream, uint64_t enter_ns)
{
	const struct report_options *options = stream->options;
	uint64_t start_ns = stream->report->start_ns, since = enter_ns > start_ns ? enter_ns - start_ns : 0;

	return since >= options->from_ns && (since < options->to_ns || options->to_ns == UINT64_MAX);
}

static struct open_call *call_new(struct stream *stream)
{
	struct open_call *call = stream->spare;

	if (call) {
		stream->spare = call->older;
		*call = (struct open_call){0};
		return call;
	}
	return mem_alloc(sizeof(*call));
}

static void call_link(struct stream *stream, struct open_call *call)
{
	struct thread *thread = call->group->thread;

	call->older = thread->newest;
	if (call->older)
		call->older->newer = call;
	thread->newest = call;
	call->older_of_all = stream->newest;
	if (call->older_of_all)
		call->older_of_all->newer_of_all = call;
	stream->newest = call;
	stream->open_count++;
}

static void call_unlink(struct stream *stream, struct open_call *call)
{
	if (call->newer)
		call->newer->older = call->older;
	else
		call->group->thread->newest = call->older;
	if (call->older)
		call->older->newer = call->newer;
	if (call->newer_of_all)
		call->newer_of_all->older_of_all = call->older_of_all;
	else
		stream->newest = call->older_of_all;
	if (call->older_of_all)
		call->older_of_all->newer_of_all = call->newer_of_all;
	stream->open_count--;
	call->older = stream->spare;
	stream->spare = call;
}

static void nested_unlink(struct thread *thread, struct open_call *call)
{
	if (call->inner)
		call->inner->outer = call->outer;
	else
		thread->innermost = call->outer;
	if (call->outer)
		call->outer->inner = call->inner;
	call->nested = false;
}

/* Times alone must tell outer from inner. */
static void nested_begin(struct thread *thread, struct open_call *call)
{
	struct open_call *outer = thread->innermost;

	if (call->enter_ns < thread->last_ns || (outer && outer->enter_ns == call->enter_ns))
		return;
	call->nested = true;
	call->outer = outer;
	if (outer)
		outer->inner = call;
	thread->innermost = call;
}

/* What outlives a call that it began in is a coroutine's, and not nested. */
static void nested_end(struct thread *thread, struct open_call *call, uint64_t leave_ns)
{
	bool nested = call->nested && leave_ns >= thread->last_ns;

	while (nested && thread->innermost != call)
		nested_unlink(thread, thread->innermost);
	if (call->nested)
		nested_unlink(thread, call);
	call->nested = nested;
}

struct open_call *nesting_enter(struct stream *stream, const struct trace_enter *enter, size_t function)
{
	struct thread *thread = thread_get(stream, enter->pid, enter->tid);
	struct group *group = group_get(stream, thread, function);
	struct open_call *call = call_new(stream);

	call->group = group;
	call->number = enter->call;
	call->begun = ++stream->begun;
	call->enter_ns = enter->time_ns;
	call->enter_rss = enter->rss;
	call->depth = enter->depth;
	call->selected = is_selected(stream, enter->time_ns);
	call->outermost = group->open++ == 0;
	if (call->outermost) {
		group->since_ns = enter->time_ns;
		group->selected = call->selected;
	}
	nested_begin(thread, call);
	thread_advance(thread, enter->time_ns);
	call_link(stream, call);
	observe_enter(stream, call);
	return call;
}

/*
 * The samples that show the memory of this process's calls: its own; or, where children are summed (-C),
 * those of the tree, as their enters and leaves do. NULL as long as the file has not told which.
 */
static const struct series *series_of(const struct stream *stream, const struct series *process)
{
	if (process == stream->first || stream->has_children || stream->report->peaks == TRACE_PEAKS_RESET ||
	    stream->report->peaks == TRACE_PEAKS_MARK)
		return process;
	return stream->at_end ? stream->first : NULL;
}

static void peak_find(const struct series *series, const struct open_call *call, struct trace_call *end)
{
	if (end->peak > 0 && end->peak_exact)
		return;
	uint64_t sampled = series ? highs_since(&series->highs, call->begun) : 0;

	end->peak_exact = false;
	end->peak = sampled > end->peak ? sampled : end->peak;
	end->peak = call->enter_rss > end->peak ? call->enter_rss : end->peak;
	end->peak = end->leave_rss > end->peak ? end->leave_rss : end->peak;
}

void nesting_leave(struct stream *stream, struct open_call *call, const struct trace_call *line)
{
	struct group *group = call->group;
	const struct series *series = series_of(stream, group->thread->process);
	struct trace_call end = *line;

	/* mprof's times jump back when the system's clock is set. */
	if (end.leave_ns < call->enter_ns)
		end.leave_ns = call->enter_ns;
	nested_end(group->thread, call, end.leave_ns);
	thread_advance(group->thread, end.leave_ns);
	peak_find(series, call, &end);
	observe_leave(stream, call, line, &end);
	if (series && end.peak > series->shown->peak.bytes)
		series->shown->peak.bytes = end.peak;
	if (--group->open == 0 && group->selected)
		group->row->total_ns += end.leave_ns - group->since_ns;
	if (call->selected)
		figures_take(group->row, call, &end);
	group->thread->process->shown->calls++;
	stream->report->calls++;
	stream->report->unfinished += end.end == TRACE_END_UNFINISHED;
	call_unlink(stream, call);
}

void nesting_finish(struct stream *stream)
{
	stream->at_end = true;
	while (stream->newest) {
		struct open_call *call = stream->newest;
		const struct series *series = series_of(stream, call->group->thread->process);
		struct trace_call end = {
			.leave_ns = stream->report->end_ns,
			.leave_rss = series->last_ns >= call->enter_ns ? series->last_rss : call->enter_rss,
			.end = TRACE_END_UNFINISHED,
		};
		nesting_leave(stream, call, &end);
	}
}

static void highs_prune_all(struct stream *stream, struct highs *highs)
{
	uint64_t *open = mem_alloc(stream->open_count * sizeof(*open));
	size_t at = stream->open_count;

	for (const struct open_call *call = stream->newest; call; call = call->older_of_all)
		open[--at] = call->begun;
	highs_prune(highs, open, stream->open_count);
	free(open);
}

void nesting_sample(struct stream *stream, struct series *series, uint64_t time_ns, uint64_t rss,
		    uint64_t peak)
{
	/* The highest since the sample before: only calls that had begun by then can claim it. */
	if (peak > 0) {
		highs_add(&series->highs, series->begun_at_peak, peak);
		series->begun_at_peak = stream->begun;
	}
	highs_add(&series->highs, stream->begun, rss);
	if (series->highs.count > 2 * stream->open_count + 64)
		highs_prune_all(stream, &series->highs);
	series->last_ns = time_ns;
	series->last_rss = rss;
}

static void threads_free(struct thread *thread)
{
	while (thread) {
		struct thread *former = thread->former;

		free(thread);
		thread = former;
	}
}

void nesting_free(struct stream *stream)
{
	struct thread *thread;
	size_t position = 0;
	void *value;

	while (stream->newest)
		call_unlink(stream, stream->newest);
	while (stream->spare) {
		struct open_call *call = stream->spare;
		stream->spare = call->older;
		free(call);
	}
	while ((value = table_next(&stream->groups, &position, NULL)))
		free(value);
	position = 0;
	while ((thread = table_next(&stream->threads, &position, NULL)))
		threads_free(thread);
	table_free(&stream->groups);
	table_free(&stream->threads);
	table_free(&stream->open);
}

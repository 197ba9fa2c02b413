/* observe: what an observer of a recording is told. */
#include "stream.h"

bool observe_in_passing(const struct stream *stream)
{
	return stream->options->observer && !stream->options->observer->again;
}

void observe_line(const struct stream *stream, const struct trace_event *event,
		  const struct trace_reader *reader)
{
	const struct report_observer *observer = stream->options->observer;

	if (observer && observer->line && event->kind != TRACE_ENTER && event->kind != TRACE_CALL)
		observer->line(observer->data, event, reader);
}

void observe_enter(const struct stream *stream, struct open_call *call)
{
	const struct report_observer *observer = stream->options->observer;

	if (observer && observer->entered)
		call->mark = observer->entered(observer->data, call->older ? call->older->mark : NULL,
					       call->group->row->function);
}

void observe_leave(const struct stream *stream, const struct open_call *call, const struct trace_call *line,
		   const struct trace_call *end)
{
	const struct report_observer *observer = stream->options->observer;
	const struct group *group = call->group;

	if (!observer)
		return;
	observer->left(observer->data, &(struct report_call){
					       .index = group->row->function,
					       .function = &stream->functions.items[group->row->function],
					       .pid = group->thread->pid,
					       .tid = group->thread->tid,
					       .depth = call->depth,
					       .number = call->number,
					       .enter_ns = call->enter_ns,
					       .enter_rss = call->enter_rss,
					       .leave_ns = end->leave_ns,
					       .leave_rss = end->leave_rss,
					       .self_ns = call->self_ns,
					       .end = end->end,
					       .exact = end->exact,
					       .peak = line->peak,
					       .peak_exact = line->peak_exact,
					       .highest = end->peak,
					       .nested = call->nested,
					       .mark = call->mark,
				       });
}

void observe_stray(const struct stream *stream, const struct trace_call *line, size_t function)
{
	const struct report_observer *observer = stream->options->observer;

	observer->left(observer->data,
		       &(struct report_call){
			       .index = function,
			       .function = &stream->functions.items[function],
			       .pid = line->pid,
			       .tid = line->tid,
			       .depth = line->depth,
			       .number = line->call,
			       .enter_ns = line->enter_ns,
			       .enter_rss = line->enter_rss,
			       .leave_ns = line->leave_ns < line->enter_ns ? line->enter_ns : line->leave_ns,
			       .leave_rss = line->leave_rss,
			       .end = line->end,
			       .exact = line->exact,
			       .peak = line->peak,
			       .highest = line->peak,
			       .peak_exact = line->peak_exact,
		       });
}

/* json: an object for each line and each call, one a line or as elements of an array. */
#include <stdlib.h>
#include <string.h>

#include "format.h"

static void object_begin(struct export *export, const char *kind)
{
	struct text *out = &export->text;
	bool *is_later = export->state;

	if (export->options->format == EXPORT_JSON)
		text_puts(out, *is_later ? ",\n" : "\n");
	*is_later = true;
	text_putc(out, '{');
	json_put_string(out, "kind", kind);
}

static void object_end(struct export *export)
{
	text_puts(&export->text, export->options->format == EXPORT_JSON ? "}" : "}\n");
}

static void put_time(struct export *export, uint64_t time_ns)
{
	json_put_key(&export->text, "seconds");
	export_put_seconds(export, time_ns);
	json_put_u64(&export->text, "time_ns", true, time_ns);
}

static void put_command(struct export *export, const char *command)
{
	object_begin(export, "command");
	json_put_string(&export->text, "command", command);
	object_end(export);
}

static void put_header(struct export *export, const struct trace_header *header,
		       const struct trace_reader *reader)
{
	struct text *out = &export->text;
	const char *const *metrics;
	size_t count = trace_reader_metrics(reader, &metrics);

	object_begin(export, "header");
	json_put_u64(out, "version", true, header->version);
	json_put_u64(out, "start_ns", header->start_ns > 0, header->start_ns);
	json_put_u64(out, "interval_ns", header->interval_ns > 0, header->interval_ns);
	json_put_i64(out, "pid", header->pid > 0, header->pid);
	json_put_string(out, "host", header->host);
	json_put_string(out, "executable", header->executable);
	json_put_string(out, "build_id", header->build_id);
	json_put_key(out, "metrics");
	for (size_t i = 0; i < count; i++) {
		text_putc(out, i > 0 ? ',' : '[');
		text_put_json_string(out, metrics[i]);
	}
	text_puts(out, count > 0 ? "]" : "[]");
	json_put_string(out, "peaks",
			header->peaks == TRACE_PEAKS_NONE ? NULL : trace_peaks_name(header->peaks));
	json_put_u64(out, "peak_bound_bytes", header->peak_bound > 0, header->peak_bound);
	object_end(export);
}

static void put_function(struct export *export, const struct trace_function *function)
{
	struct text *out = &export->text;

	object_begin(export, "function");
	json_put_u64(out, "fn", true, function->id);
	json_put_string(out, "name", function->name);
	json_put_string(out, "full_name", function->full_name);
	json_put_string(out, "module", function->module);
	json_put_u64(out, "address", true, function->address);
	json_put_string(out, "source", function->file);
	json_put_u64(out, "line", function->file && function->line > 0, function->line);
	object_end(export);
}

static void put_function_end(struct export *export, const struct trace_function_end *end)
{
	struct text *out = &export->text;

	object_begin(export, "function_end");
	put_time(export, end->time_ns);
	json_put_u64(out, "fn", true, end->id);
	json_put_u64(out, "calls", true, end->calls);
	object_end(export);
}

static void put_task(struct export *export, const struct trace_task *task)
{
	static const char *const events[] = {
		[TRACE_TASK_START] = "start",
		[TRACE_TASK_EXEC] = "exec",
		[TRACE_TASK_EXIT] = "exit",
	};
	struct text *out = &export->text;

	object_begin(export, "task");
	put_time(export, task->time_ns);
	json_put_i64(out, "pid", true, task->pid);
	json_put_i64(out, "tid", true, task->tid);
	json_put_string(out, "event", events[task->event]);
	json_put_string(out, "name", task->name);
	object_end(export);
}

static void put_how(struct text *out, enum trace_finish_how how, int code)
{
	static const char *const words[] = {
		[TRACE_FINISH_EXIT] = "exit",
		[TRACE_FINISH_SIGNAL] = "signal",
		[TRACE_FINISH_DETACHED] = "detached",
	};

	json_put_string(out, "how", words[how]);
	json_put_i64(out, "code", how != TRACE_FINISH_DETACHED, code);
}

static void put_process(struct export *export, const struct trace_process *process)
{
	struct text *out = &export->text;
	const bool is_end = process->event == TRACE_PROCESS_END;

	object_begin(export, "process");
	put_time(export, process->time_ns);
	json_put_i64(out, "pid", true, process->pid);
	json_put_string(out, "event", is_end ? "end" : "start");
	if (is_end) {
		put_how(out, process->how, process->code);
		json_put_u64(out, "peak_bytes", process->peak > 0, process->peak);
		json_put_key(out, "peak_exact");
		text_puts(out, process->peak == 0 ? "null" : process->peak_exact ? "true" : "false");
	} else {
		json_put_i64(out, "parent", process->parent > 0, process->parent);
		json_put_string(out, "made_by", trace_made_name(process->made));
	}
	object_end(export);
}

static void put_sample(struct export *export, const struct export_sample *sample)
{
	struct text *out = &export->text;

	object_begin(export, "sample");
	put_time(export, sample->time_ns);
	json_put_i64(out, "pid", !sample->is_first || sample->pid > 0, sample->pid);
	json_put_u64(out, "rss_bytes", true, sample->rss);
	json_put_u64(out, "peak_bytes", sample->peak > 0, sample->peak);
	for (size_t i = 0; sample->values && i < sample->metric_count; i++) {
		if (strcmp(sample->metrics[i], "rss") == 0 || sample->values[i] == TRACE_NOT_KNOWN)
			continue;
		char *key = mem_printf("%s_bytes", sample->metrics[i]);
		json_put_u64(out, key, true, sample->values[i]);
		free(key);
	}
	object_end(export);
}

static void put_note(struct export *export, uint64_t time_ns, const char *text)
{
	object_begin(export, "note");
	put_time(export, time_ns);
	json_put_string(&export->text, "text", text);
	object_end(export);
}

static void put_finish(struct export *export, const struct trace_finish *finish)
{
	struct text *out = &export->text;

	object_begin(export, "end");
	put_time(export, finish->time_ns);
	put_how(out, finish->how, finish->code);
	json_put_u64(out, "peak_bytes", finish->peak > 0, finish->peak);
	json_put_key(out, "peak_least");
	text_puts(out, finish->peak == 0 ? "null" : finish->peak_least ? "true" : "false");
	json_put_u64(out, "calls", true, finish->calls);
	json_put_u64(out, "missed_samples", true, finish->missed);
	object_end(export);
}

static void json_line(struct export *export, const struct trace_event *event,
		      const struct trace_reader *reader)
{
	struct export_sample sample;
	enum export_what what = export->options->what;

	if (what != EXPORT_CALLS && export_sample_of(export, event, reader, &sample))
		put_sample(export, &sample);
	if (what != EXPORT_ALL)
		return;
	switch (event->kind) {
	case TRACE_COMMAND:
		put_command(export, event->u.command);
		break;
	case TRACE_HEADER:
		put_header(export, &event->u.header, reader);
		break;
	case TRACE_FUNCTION:
		put_function(export, &event->u.function);
		break;
	case TRACE_FUNCTION_END:
		put_function_end(export, &event->u.function_end);
		break;
	case TRACE_TASK:
		put_task(export, &event->u.task);
		break;
	case TRACE_PROCESS:
		put_process(export, &event->u.process);
		break;
	case TRACE_NOTE:
		put_note(export, event->u.note.time_ns, event->u.note.text);
		break;
	case TRACE_FINISH:
		put_finish(export, &event->u.finish);
		break;
	case TRACE_SAMPLE:
	case TRACE_CHILD:
	case TRACE_ENTER:
	case TRACE_CALL:
		break;
	}
}

static void json_left(struct export *export, const struct report_call *call)
{
	struct text *out = &export->text;
	bool is_told = call->number > 0;

	object_begin(export, "call");
	json_put_string(out, "function", call->function->name);
	json_put_string(out, "module", call->function->module);
	json_put_u64(out, "fn", call->function->id > 0, call->function->id);
	json_put_u64(out, "call", is_told, call->number);
	json_put_i64(out, "pid", is_told, call->pid);
	json_put_i64(out, "tid", is_told, call->tid);
	json_put_u64(out, "depth", true, call->depth);
	json_put_key(out, "seconds");
	export_put_seconds(export, call->enter_ns);
	json_put_u64(out, "enter_ns", true, call->enter_ns);
	json_put_u64(out, "leave_ns", true, call->leave_ns);
	json_put_u64(out, "duration_ns", true, call->leave_ns - call->enter_ns);
	json_put_u64(out, "enter_rss_bytes", true, call->enter_rss);
	json_put_u64(out, "leave_rss_bytes", true, call->leave_rss);
	json_put_i64(out, "growth_bytes", true, (int64_t)(call->leave_rss - call->enter_rss));
	json_put_u64(out, "peak_bytes", call->peak > 0, call->peak);
	json_put_key(out, "peak_exact");
	text_puts(out, call->peak == 0 ? "null" : call->peak_exact ? "true" : "false");
	json_put_string(out, "end", trace_end_name(call->end));
	json_put_bool(out, "leave_exact", call->exact);
	object_end(export);
}

static void json_begin(struct export *export)
{
	export->state = mem_alloc(sizeof(bool));
	if (export->options->format == EXPORT_JSON)
		text_putc(&export->text, '[');
}

static void json_end(struct export *export, const struct report *report)
{
	(void)report;
	if (export->options->format == EXPORT_JSON)
		text_puts(&export->text, "\n]\n");
}

const struct format format_json = {
	.begin = json_begin,
	.line = json_line,
	.left = json_left,
	.end = json_end,
};

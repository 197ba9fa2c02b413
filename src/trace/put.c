/* put: one line an event. The exact format is in docs/file-format.md. */
#include "encode.h"
#include "writer.h"

#include <string.h>

/* Inlined, so that the length of a literal costs nothing: some run twice per traced call. */
static inline void literal_put(struct text *out, const char *literal)
{
	text_put(out, literal, strlen(literal));
}

static inline void field_put_u64(struct text *out, const char *before, uint64_t number)
{
	literal_put(out, before);
	text_put_u64(out, number);
}

/* Nothing where it is not known. */
static inline void field_put_mib(struct text *out, const char *before, uint64_t bytes)
{
	if (bytes == 0)
		return;
	literal_put(out, before);
	text_put_mib(out, bytes);
}

/* " <MiB> <t>" */
static inline void reading_put(struct text *out, uint64_t bytes, uint64_t time_ns)
{
	text_putc(out, ' ');
	text_put_mib(out, bytes);
	text_putc(out, ' ');
	text_put_seconds(out, time_ns);
}

static void value_put(struct text *out, const char *key, const char *value)
{
	if (!value)
		return;
	text_puts(out, key);
	trace_put_encoded(out, value, TRACE_ENCODE_VALUE);
}

/* Where the line goes; NULL once writing has failed. */
static inline struct text *line_start(struct trace_writer *writer)
{
	return atomic_load_explicit(&writer->failed, memory_order_relaxed) ? NULL : &writer->pending;
}

/*
 * mprof shows the command line as the title of its picture, and matplotlib
 * (cbook.is_math_text) takes a string for mathematics when the number of '$' without those
 * in "\$" is even and not 0; it then fails on what is none.
 */
static bool command_looks_like_math(const char *command)
{
	size_t dollars = 0;
	for (const char *c = strchr(command, '$'); c; c = strchr(c + 1, '$'))
		dollars += c == command || c[-1] != '\\';
	return dollars > 0 && dollars % 2 == 0;
}

void trace_put_command(struct trace_writer *writer, char *const argv[])
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	struct text command = {0};
	for (size_t i = 0; argv[i]; i++) {
		if (i > 0)
			text_putc(&command, ' ');
		text_put_shell_word(&command, argv[i]);
	}
	literal_put(out, "CMDLINE ");
	if (command.length > 0) {
		/* An empty piece is nothing to a shell, and one '$' more to matplotlib. A quoted word never
		 * ends with a backslash that would make it "\$". */
		if (command_looks_like_math(command.data))
			literal_put(&command, "$''");
		text_put(out, command.data, command.length);
	}
	text_putc(out, '\n');
	text_free(&command);
}

void trace_put_header(struct trace_writer *writer, const struct trace_header *header)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	field_put_u64(out, "FMPROF ", header->version);
	literal_put(out, " start=");
	text_put_seconds(out, header->start_ns);
	literal_put(out, " interval=");
	text_put_seconds(out, header->interval_ns);
	field_put_u64(out, " pid=", (uint64_t)header->pid);
	value_put(out, " host=", header->host);
	value_put(out, " exe=", header->executable);
	value_put(out, " build_id=", header->build_id);
	value_put(out, " metrics=", header->metrics);
	metric_names_set(&writer->metrics, header->metrics);
	if (header->peaks != TRACE_PEAKS_NONE) {
		literal_put(out, " peaks=");
		text_puts(out, trace_peaks_name(header->peaks));
	}
	field_put_mib(out, " peak_bound=", header->peak_bound);
	text_putc(out, '\n');
}

void trace_put_function(struct trace_writer *writer, const struct trace_function *function)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	field_put_u64(out, "FN ", function->id);
	text_putc(out, ' ');
	trace_encode_name(out, function->name);
	value_put(out, " ", function->module ? function->module : "");
	text_printf(out, " 0x%llx ", (unsigned long long)function->address);
	if (function->file) {
		trace_put_encoded(out, function->file, TRACE_ENCODE_VALUE);
		field_put_u64(out, ":", function->line);
	} else {
		text_putc(out, '-');
	}
	text_putc(out, ' ');
	trace_put_encoded(out, function->full_name ? function->full_name : function->name, TRACE_ENCODE_TEXT);
	text_putc(out, '\n');
}

void trace_put_function_end(struct trace_writer *writer, const struct trace_function_end *end)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	field_put_u64(out, "FNEND ", end->id);
	text_putc(out, ' ');
	text_put_seconds(out, end->time_ns);
	field_put_u64(out, " calls=", end->calls);
	text_putc(out, '\n');
}

static const char *task_event_name(enum trace_task_event event)
{
	switch (event) {
	case TRACE_TASK_START:
		return " start ";
	case TRACE_TASK_EXEC:
		return " exec ";
	case TRACE_TASK_EXIT:
		break;
	}
	return " exit ";
}

void trace_put_task(struct trace_writer *writer, const struct trace_task *task)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	field_put_u64(out, "TASK ", (uint64_t)task->pid);
	field_put_u64(out, " ", (uint64_t)task->tid);
	text_putc(out, ' ');
	text_put_seconds(out, task->time_ns);
	text_puts(out, task_event_name(task->event));
	trace_put_encoded(out, task->name ? task->name : "", TRACE_ENCODE_TEXT);
	text_putc(out, '\n');
}

static void finish_put(struct text *out, enum trace_finish_how how, int code)
{
	switch (how) {
	case TRACE_FINISH_EXIT:
		field_put_u64(out, " exit=", (uint64_t)code);
		break;
	case TRACE_FINISH_SIGNAL:
		field_put_u64(out, " signal=", (uint64_t)code);
		break;
	case TRACE_FINISH_DETACHED:
		literal_put(out, " detached");
		break;
	}
}

static void peak_put(struct text *out, uint64_t peak, bool exact)
{
	field_put_mib(out, " peak=", peak);
	if (peak > 0)
		literal_put(out, exact ? " peak_is=exact" : " peak_is=least");
}

void trace_put_process(struct trace_writer *writer, const struct trace_process *process)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	field_put_u64(out, "PROC ", (uint64_t)process->pid);
	text_putc(out, ' ');
	text_put_seconds(out, process->time_ns);
	if (process->event == TRACE_PROCESS_START) {
		literal_put(out, " start");
		if (process->parent > 0)
			field_put_u64(out, " parent=", (uint64_t)process->parent);
		value_put(out, " how=", trace_made_name(process->made));
	} else {
		literal_put(out, " end");
		finish_put(out, process->how, process->code);
		peak_put(out, process->peak, process->peak_exact);
	}
	text_putc(out, '\n');
}

/* What stands behind the time of a sample. RSS stands before it. */
static void values_put(struct trace_writer *writer, uint64_t peak, const uint64_t *values)
{
	struct text *out = &writer->pending;

	field_put_mib(out, " peak=", peak);
	for (size_t i = 0; values && i < writer->metrics.count; i++) {
		if (i == writer->metrics.rss || values[i] == TRACE_NOT_KNOWN)
			continue;
		text_putc(out, ' ');
		text_puts(out, writer->metrics.names[i]);
		text_putc(out, '=');
		text_put_mib(out, values[i]);
	}
}

void trace_put_sample(struct trace_writer *writer, const struct trace_sample *sample)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	literal_put(out, "MEM");
	reading_put(out, sample->rss, sample->time_ns);
	values_put(writer, sample->peak, sample->values);
	text_putc(out, '\n');
	writer->last_sample_ns = sample->time_ns;
}

void trace_put_child(struct trace_writer *writer, const struct trace_child *child)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	field_put_u64(out, "CHLD ", (uint64_t)child->pid);
	reading_put(out, child->rss, child->time_ns);
	values_put(writer, child->peak, child->values);
	text_putc(out, '\n');
}

void trace_put_enter(struct trace_writer *writer, const struct trace_enter *enter)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	field_put_u64(out, "ENTER ", enter->call);
	field_put_u64(out, " ", enter->function);
	field_put_u64(out, " ", (uint64_t)enter->pid);
	field_put_u64(out, " ", (uint64_t)enter->tid);
	field_put_u64(out, " ", enter->depth);
	reading_put(out, enter->rss, enter->time_ns);
	text_putc(out, '\n');
}

void trace_put_call(struct trace_writer *writer, const struct trace_call *call)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	if (writer->last_sample_ns < call->enter_ns) {
		struct trace_sample sample = {.time_ns = call->leave_ns, .rss = call->leave_rss};
		trace_put_sample(writer, &sample);
	}
	literal_put(out, "FUNC ");
	trace_encode_name(out, call->name);
	reading_put(out, call->enter_rss, call->enter_ns);
	reading_put(out, call->leave_rss, call->leave_ns);
	field_put_u64(out, " ", call->depth);
	field_put_u64(out, " call=", call->call);
	field_put_u64(out, " fn=", call->function);
	field_put_u64(out, " pid=", (uint64_t)call->pid);
	field_put_u64(out, " tid=", (uint64_t)call->tid);
	literal_put(out, " end=");
	text_puts(out, trace_end_name(call->end));
	literal_put(out, call->exact ? " time=exact" : " time=noticed");
	peak_put(out, call->peak, call->peak_exact);
	text_putc(out, '\n');
}

void trace_put_note(struct trace_writer *writer, uint64_t time_ns, const char *note)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	literal_put(out, "NOTE ");
	text_put_seconds(out, time_ns);
	text_putc(out, ' ');
	trace_put_encoded(out, note, TRACE_ENCODE_TEXT);
	text_putc(out, '\n');
}

void trace_put_finish(struct trace_writer *writer, const struct trace_finish *finish)
{
	struct text *out = line_start(writer);
	if (!out)
		return;
	literal_put(out, "END ");
	text_put_seconds(out, finish->time_ns);
	finish_put(out, finish->how, finish->code);
	field_put_mib(out, " peak=", finish->peak);
	if (finish->peak && finish->peak_least)
		literal_put(out, " peak_is=least");
	field_put_mib(out, " peak_bound=", finish->peak_bound);
	field_put_u64(out, " calls=", finish->calls);
	field_put_u64(out, " missed=", finish->missed);
	text_putc(out, '\n');
}

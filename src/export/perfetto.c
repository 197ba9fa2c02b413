/*
 * perfetto: the Trace Event Format of Chrome, in its JSON form, which Perfetto reads as well.
 *
 * Slices of a thread must be nested, so calls that are not (coroutines, calls that were noticed late) are asynchronous
 * events, each with a track of its own. Names of threads and processes come last, as they are known then.
 */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "held.h"

struct thread_name {
	pid_t pid, tid;
	char *name;
};

struct perfetto {
	bool has_event;
	pid_t first_pid;           /* as shown; 0: it was not shown yet */
	struct thread_name *names; /* each thread once, its last name */
	size_t name_count, name_capacity;
	struct table by_thread; /* index + 1 into names */
	struct held held;       /* calls of mprof */
	uint64_t async_count;
	char *command, *host, *executable; /* NULL: not told */
};

/* ---- parts of events --------------------------------------------------- */

/* In µs with all of its nanoseconds. */
static void put_microseconds(struct text *out, const char *key, int64_t ns)
{
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	json_put_key(out, key);
	if (ns < 0)
		text_putc(out, '-');
	text_put_u64(out, size / 1000);
	text_printf(out, ".%03u", (unsigned)(size % 1000));
}

static void event_begin(struct export *export, const char *phase, const char *name, const char *category)
{
	struct perfetto *perfetto = export->state;
	struct text *out = &export->text;

	text_puts(out, perfetto->has_event ? ",\n{" : "\n{");
	perfetto->has_event = true;
	json_put_string(out, "ph", phase);
	/* A viewer wants a name. */
	json_put_string(out, "name", *name ? name : "?");
	if (category)
		json_put_string(out, "cat", category);
}

/* Of the first process. Where the file does not tell in time, as mprof's does not, that is 1. */
static pid_t first_pid(const struct export *export)
{
	struct perfetto *perfetto = export->state;

	if (perfetto->first_pid == 0)
		perfetto->first_pid = export->first_pid > 0 ? export->first_pid : 1;
	return perfetto->first_pid;
}

/* The number of a process or thread. */
static pid_t shown_number(const struct export *export, pid_t number)
{
	return number == 0 || number == export->first_pid ? first_pid(export) : number;
}

/* mprof counts children from 0. */
static pid_t shown_child(const struct export *export, pid_t pid)
{
	return export->first_pid > 0 ? shown_number(export, pid) : pid + 2;
}

static void put_place(struct export *export, pid_t pid, pid_t tid, uint64_t time_ns)
{
	json_put_i64(&export->text, "pid", true, pid);
	json_put_i64(&export->text, "tid", true, tid);
	put_microseconds(&export->text, "ts", export_since_start(export, time_ns));
}

/* ---- calls ------------------------------------------------------------- */

static void put_call_place(struct export *export, const struct report_call *call, uint64_t time_ns)
{
	put_place(export, shown_number(export, call->pid), shown_number(export, call->tid), time_ns);
}

static void put_call_arguments(struct export *export, const struct report_call *call)
{
	struct text *out = &export->text;

	json_put_key(out, "args");
	text_putc(out, '{');
	json_put_string(out, "module", call->function->module);
	json_put_u64(out, "call", call->number > 0, call->number);
	json_put_u64(out, "enter_rss_bytes", true, call->enter_rss);
	json_put_u64(out, "leave_rss_bytes", true, call->leave_rss);
	json_put_i64(out, "growth_bytes", true, (int64_t)(call->leave_rss - call->enter_rss));
	if (call->peak > 0)
		json_put_u64(out, call->peak_exact ? "peak_bytes" : "peak_at_least_bytes", true, call->peak);
	json_put_string(out, "end", trace_end_name(call->end));
	if (call->end == TRACE_END_UNFINISHED)
		json_put_bool(out, "unfinished", true);
	else if (!call->exact)
		json_put_bool(out, "end_approximate", true);
	text_putc(out, '}');
}

static void put_slice(struct export *export, const struct report_call *call)
{
	event_begin(export, "X", call->function->name, "call");
	put_call_place(export, call, call->enter_ns);
	put_microseconds(&export->text, "dur", (int64_t)(call->leave_ns - call->enter_ns));
	put_call_arguments(export, call);
	text_putc(&export->text, '}');
}

static void put_async_end(struct export *export, const struct report_call *call, bool is_begin)
{
	const struct perfetto *perfetto = export->state;

	event_begin(export, is_begin ? "b" : "e", call->function->name, "call");
	json_put_key(&export->text, "id");
	text_printf(&export->text, "\"0x%llx\"", (unsigned long long)perfetto->async_count);
	put_call_place(export, call, is_begin ? call->enter_ns : call->leave_ns);
	if (is_begin)
		put_call_arguments(export, call);
	text_putc(&export->text, '}');
}

static void put_async(struct export *export, const struct report_call *call)
{
	struct perfetto *perfetto = export->state;

	perfetto->async_count++;
	put_async_end(export, call, true);
	put_async_end(export, call, false);
}

/* In a damaged recording of fmprof's a call may have lost its number, and is not known to be nested in others. */
static bool is_of_mprof(const struct export *export, const struct report_call *call)
{
	return call->number == 0 && export->first_pid == 0;
}

static void perfetto_left(struct export *export, const struct report_call *call)
{
	struct perfetto *perfetto = export->state;

	if (is_of_mprof(export, call))
		held_add(&perfetto->held, call);
	else if (call->nested)
		put_slice(export, call);
	else
		put_async(export, call);
}

/* ---- lines ------------------------------------------------------------- */

static void put_counter(struct export *export, const char *name, pid_t pid, uint64_t time_ns, uint64_t bytes)
{
	struct text *out = &export->text;

	event_begin(export, "C", name, NULL);
	put_place(export, pid, pid, time_ns);
	json_put_key(out, "args");
	text_puts(out, "{");
	json_put_u64(out, "bytes", true, bytes);
	text_puts(out, "}}");
}

static void name_keep(char **kept, const char *name)
{
	free(*kept);
	*kept = mem_strdup(name);
}

/* Both as shown. */
static char **name_of(struct perfetto *perfetto, pid_t pid, pid_t tid)
{
	uint64_t key = (uint64_t)(uint32_t)pid << 32 | (uint32_t)tid;
	size_t index = (size_t)(uintptr_t)table_get(&perfetto->by_thread, key);

	if (index == 0) {
		perfetto->names = array_reserve(perfetto->names, &perfetto->name_capacity,
						perfetto->name_count + 1, sizeof(*perfetto->names));
		perfetto->names[perfetto->name_count] = (struct thread_name){.pid = pid, .tid = tid};
		index = ++perfetto->name_count;
		table_put(&perfetto->by_thread, key, (void *)(uintptr_t)index);
	}
	return &perfetto->names[index - 1].name;
}

/* A process that has no line that names it is a child of mprof's. */
static void child_see(struct perfetto *perfetto, pid_t shown, pid_t number)
{
	char **name = name_of(perfetto, shown, shown);

	if (!*name)
		*name = mem_printf("child %d", number);
}

static void put_sample(struct export *export, const struct export_sample *sample)
{
	pid_t pid = sample->is_first ? first_pid(export) : shown_child(export, sample->pid);

	if (!sample->is_first)
		child_see(export->state, pid, sample->pid);
	put_counter(export, "rss", pid, sample->time_ns, sample->rss);
	if (sample->peak > 0)
		put_counter(export, "peak", pid, sample->time_ns, sample->peak);
	for (size_t i = 0; sample->values && i < sample->metric_count; i++)
		if (strcmp(sample->metrics[i], "rss") != 0 && sample->values[i] != TRACE_NOT_KNOWN)
			put_counter(export, sample->metrics[i], pid, sample->time_ns, sample->values[i]);
}

static void put_note(struct export *export, uint64_t time_ns, const char *text)
{
	pid_t pid = first_pid(export);

	event_begin(export, "i", text, "note");
	put_place(export, pid, pid, time_ns);
	text_puts(&export->text, ",\"s\":\"g\"}");
}

static void header_take(struct perfetto *perfetto, const struct trace_header *header)
{
	name_keep(&perfetto->host, header->host);
	name_keep(&perfetto->executable, header->executable);
}

static void perfetto_line(struct export *export, const struct trace_event *event,
			  const struct trace_reader *reader)
{
	struct perfetto *perfetto = export->state;
	struct export_sample sample;

	if (export->options->what != EXPORT_CALLS && export_sample_of(export, event, reader, &sample))
		put_sample(export, &sample);
	if (event->kind == TRACE_TASK)
		name_keep(name_of(perfetto, shown_number(export, event->u.task.pid),
				  shown_number(export, event->u.task.tid)),
			  event->u.task.name);
	else if (event->kind == TRACE_NOTE && export->options->what == EXPORT_ALL)
		put_note(export, event->u.note.time_ns, event->u.note.text);
	else if (event->kind == TRACE_COMMAND)
		name_keep(&perfetto->command, event->u.command);
	else if (event->kind == TRACE_HEADER)
		header_take(perfetto, &event->u.header);
}

/* ---- around them ------------------------------------------------------- */

static void perfetto_begin(struct export *export)
{
	export->state = mem_alloc(sizeof(struct perfetto));
	text_puts(&export->text, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
}

static void put_name(struct export *export, const char *what, pid_t pid, pid_t tid, const char *name)
{
	struct text *out = &export->text;

	event_begin(export, "M", what, NULL);
	json_put_i64(out, "pid", true, pid);
	json_put_i64(out, "tid", true, tid);
	json_put_key(out, "args");
	text_puts(out, "{");
	json_put_string(out, "name", *name ? name : "?");
	text_puts(out, "}}");
	export_flush(export);
}

static void put_names(struct export *export)
{
	const struct perfetto *perfetto = export->state;
	bool has_first = false;

	for (size_t i = 0; i < perfetto->name_count; i++) {
		const struct thread_name *thread = &perfetto->names[i];
		if (thread->pid == thread->tid)
			put_name(export, "process_name", thread->pid, thread->tid, thread->name);
		put_name(export, "thread_name", thread->pid, thread->tid, thread->name);
		has_first = has_first || thread->tid == first_pid(export);
	}
	const char *name = perfetto->executable ? perfetto->executable
			   : perfetto->command  ? perfetto->command
						: "the process";
	if (!has_first)
		put_name(export, "process_name", first_pid(export), first_pid(export), name);
}

/* Whole seconds and more of the epoch do not fit into the time of an event. */
static void put_recording(struct export *export, const struct report *report)
{
	const struct perfetto *perfetto = export->state;
	struct text *out = &export->text;

	text_puts(out, "\n],\"otherData\":{");
	json_put_string(out, "recorded_by", "fmprof");
	json_put_string(out, "command", perfetto->command);
	json_put_string(out, "host", perfetto->host);
	json_put_string(out, "executable", perfetto->executable);
	json_put_u64(out, "start_ns", true, export->start_ns);
	json_put_bool(out, "complete", report->complete);
	json_put_u64(out, "damaged_lines", true, report->damaged_lines);
	json_put_u64(out, report->peak.exact ? "peak_bytes" : "peak_at_least_bytes", report->peak.bytes > 0,
		     report->peak.bytes);
	json_put_u64(out, "peak_bound_bytes", report->peak_bound > 0, report->peak_bound);
	text_puts(out, "}}\n");
}

static void perfetto_end(struct export *export, const struct report *report)
{
	struct perfetto *perfetto = export->state;

	held_settle(&perfetto->held, report->functions);
	for (size_t i = 0; i < perfetto->held.count; i++) {
		const struct report_call *call = &perfetto->held.calls[i];
		if (call->nested && is_of_mprof(export, call))
			put_slice(export, call);
		else
			put_async(export, call);
		export_flush(export);
	}
	put_names(export);
	put_recording(export, report);
}

static void perfetto_discard(struct export *export)
{
	struct perfetto *perfetto = export->state;

	for (size_t i = 0; i < perfetto->name_count; i++)
		free(perfetto->names[i].name);
	free(perfetto->names);
	table_free(&perfetto->by_thread);
	held_free(&perfetto->held);
	free(perfetto->command);
	free(perfetto->host);
	free(perfetto->executable);
}

const struct format format_perfetto = {
	.begin = perfetto_begin,
	.line = perfetto_line,
	.left = perfetto_left,
	.end = perfetto_end,
	.discard = perfetto_discard,
};

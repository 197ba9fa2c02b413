/* parse: one line as an event. The exact format is in docs/file-format.md. */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "number.h"

static bool command_parse(struct fields *fields, struct trace_event *event)
{
	event->u.command = rest_take(fields);
	return true;
}

static bool header_key_parse(const char *key, char *value, struct trace_header *header)
{
	if (strcmp(key, "start") == 0)
		return number_parse_seconds(value, &header->start_ns);
	if (strcmp(key, "interval") == 0)
		return number_parse_seconds(value, &header->interval_ns);
	if (strcmp(key, "pid") == 0)
		return int_parse(value, &header->pid);
	if (strcmp(key, "peak_bound") == 0)
		return number_parse_mib(value, &header->peak_bound);
	if (strcmp(key, "peaks") == 0) {
		int peaks = trace_peaks_from_name(value, strlen(value));
		/* A later fmprof may know more ways; its peaks are at least what it says. */
		header->peaks = peaks < 0 ? TRACE_PEAKS_SAMPLES : (enum trace_peaks)peaks;
	}

	const char **string = strcmp(key, "host") == 0       ? &header->host
			      : strcmp(key, "exe") == 0      ? &header->executable
			      : strcmp(key, "build_id") == 0 ? &header->build_id
			      : strcmp(key, "metrics") == 0  ? &header->metrics
							     : NULL;
	if (string) {
		trace_decode(value, strlen(value), TRACE_ENCODE_VALUE);
		*string = value;
	}
	return true;
}

static bool header_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_header *header = &event->u.header;
	struct parse_context *context = fields->context;
	char *value;
	const char *key;

	header->host = header->executable = header->metrics = "";
	if (!field_u32(fields, &header->version))
		return false;
	/* Another version may mean something else by what follows. */
	if (header->version != TRACE_VERSION)
		return true;
	while ((key = key_take(fields, &value))) {
		if (!header_key_parse(key, value, header))
			return false;
	}
	metric_names_set(&context->metrics, header->metrics);
	free(context->values);
	context->values = mem_alloc(context->metrics.count * sizeof(*context->values));
	return true;
}

/* "file:line" or "-" */
static bool field_source(struct fields *fields, struct trace_function *function)
{
	size_t length;
	char *field = field_take(fields, &length);
	if (!field || length == 0)
		return false;
	if (strcmp(field, "-") == 0)
		return true;
	char *colon = strrchr(field, ':');
	if (!colon || !u32_parse(colon + 1, &function->line))
		return false;
	*colon = '\0';
	trace_decode(field, (size_t)(colon - field), TRACE_ENCODE_VALUE);
	function->file = field;
	return true;
}

static bool function_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_function *function = &event->u.function;
	size_t length;

	if (!field_u32(fields, &function->id) || function->id == 0)
		return false;
	function->name = field_decode(fields, TRACE_ENCODE_NAME);
	function->module = field_decode(fields, TRACE_ENCODE_VALUE);
	const char *address = field_take(fields, &length);
	if (!function->name || !function->module || !address ||
	    !number_parse_hex(address, &function->address))
		return false;
	if (!field_source(fields, function) || !fields->at)
		return false;
	function->full_name = rest_decode(fields);
	return true;
}

static bool function_end_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_function_end *end = &event->u.function_end;
	char *value;
	const char *key;

	if (!field_u32(fields, &end->id) || end->id == 0 || !field_seconds(fields, &end->time_ns))
		return false;
	while ((key = key_take(fields, &value)))
		if (strcmp(key, "calls") == 0 && !number_parse_u64(value, &end->calls))
			return false;
	return true;
}

static bool task_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_task *task = &event->u.task;
	size_t length;

	if (!field_pid(fields, &task->pid) || !field_pid(fields, &task->tid) ||
	    !field_seconds(fields, &task->time_ns))
		return false;
	const char *word = field_take(fields, &length);
	if (!word)
		return false;
	if (strcmp(word, "start") == 0)
		task->event = TRACE_TASK_START;
	else if (strcmp(word, "exec") == 0)
		task->event = TRACE_TASK_EXEC;
	else if (strcmp(word, "exit") == 0)
		task->event = TRACE_TASK_EXIT;
	else
		return false;
	task->name = rest_decode(fields);
	return true;
}

/* exit=, signal= or detached. */
static bool is_finish_key(const char *key)
{
	return strcmp(key, "exit") == 0 || strcmp(key, "signal") == 0 || strcmp(key, "detached") == 0;
}

static bool finish_key_parse(const char *key, const char *value, enum trace_finish_how *how, int *code)
{
	if (strcmp(key, "detached") == 0) {
		*how = TRACE_FINISH_DETACHED;
		return true;
	}
	*how = strcmp(key, "exit") == 0 ? TRACE_FINISH_EXIT : TRACE_FINISH_SIGNAL;
	return int_parse(value, code);
}

/* "exact" or "least" */
static bool exactness_parse(const char *value, bool *exact)
{
	*exact = strcmp(value, "exact") == 0;
	return *exact || strcmp(value, "least") == 0;
}

static bool process_key_parse(const char *key, const char *value, struct trace_process *process)
{
	if (process->event == TRACE_PROCESS_START) {
		if (strcmp(key, "parent") == 0)
			return int_parse(value, &process->parent);
		if (strcmp(key, "how") == 0) {
			int made = trace_made_from_name(value, strlen(value));
			/* A later fmprof may know more ways. */
			process->made = made < 0 ? TRACE_MADE_UNKNOWN : (enum trace_made)made;
		}
		return true;
	}
	if (strcmp(key, "peak") == 0)
		return number_parse_mib(value, &process->peak);
	if (strcmp(key, "peak_is") == 0)
		return exactness_parse(value, &process->peak_exact);
	return !is_finish_key(key) || finish_key_parse(key, value, &process->how, &process->code);
}

static bool process_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_process *process = &event->u.process;
	size_t length;
	unsigned finishes = 0;
	char *value;
	const char *key;

	if (!field_pid(fields, &process->pid) || !field_seconds(fields, &process->time_ns))
		return false;
	const char *word = field_take(fields, &length);
	if (!word || (strcmp(word, "start") != 0 && strcmp(word, "end") != 0))
		return false;
	process->event = *word == 's' ? TRACE_PROCESS_START : TRACE_PROCESS_END;
	while ((key = key_take(fields, &value))) {
		if (!process_key_parse(key, value, process))
			return false;
		finishes += is_finish_key(key);
	}
	return process->event == TRACE_PROCESS_START || finishes == 1;
}

/* What stands behind the time of a sample. */
static bool values_parse(struct fields *fields, uint64_t rss, uint64_t *peak)
{
	const struct metric_names *metrics = &fields->context->metrics;
	uint64_t *values = fields->context->values;
	char *value;
	const char *key;

	for (size_t i = 0; i < metrics->count; i++)
		values[i] = i == metrics->rss ? rss : TRACE_NOT_KNOWN;
	while ((key = key_take(fields, &value))) {
		bool is_peak = strcmp(key, "peak") == 0;
		size_t metric = is_peak ? metrics->count : metric_names_find(metrics, key);

		if (is_peak && !number_parse_mib(value, peak))
			return false;
		if (metric < metrics->count && metric != metrics->rss &&
		    !number_parse_mib(value, &values[metric]))
			return false;
	}
	return true;
}

static bool sample_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_sample *sample = &event->u.sample;

	sample->values = fields->context->values;
	return field_reading(fields, &sample->rss, &sample->time_ns) &&
	       values_parse(fields, sample->rss, &sample->peak);
}

static bool enter_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_enter *enter = &event->u.enter;
	return field_id(fields, &enter->call) && field_u32(fields, &enter->function) && enter->function > 0 &&
	       field_pid(fields, &enter->pid) && field_pid(fields, &enter->tid) &&
	       field_u32(fields, &enter->depth) && field_reading(fields, &enter->rss, &enter->time_ns);
}

static bool call_key_parse(const char *key, const char *value, struct trace_call *call)
{
	if (strcmp(key, "call") == 0)
		return number_parse_u64(value, &call->call);
	if (strcmp(key, "fn") == 0)
		return u32_parse(value, &call->function);
	if (strcmp(key, "pid") == 0)
		return int_parse(value, &call->pid);
	if (strcmp(key, "tid") == 0)
		return int_parse(value, &call->tid);
	if (strcmp(key, "end") == 0) {
		int end = trace_end_from_name(value, strlen(value));
		if (end >= 0)
			call->end = (enum trace_end)end;
		return end >= 0;
	}
	if (strcmp(key, "time") == 0) {
		call->exact = strcmp(value, "exact") == 0;
		return call->exact || strcmp(value, "noticed") == 0;
	}
	if (strcmp(key, "peak") == 0)
		return number_parse_mib(value, &call->peak);
	return strcmp(key, "peak_is") != 0 || exactness_parse(value, &call->peak_exact);
}

/* mprof's own lines end after the level, those of its early versions before it. */
static bool call_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_call *call = &event->u.call;
	size_t length;
	char *value;
	const char *key;

	call->end = TRACE_END_RETURN;
	call->exact = true;
	char *name = field_take(fields, &length);
	if (!name || length == 0 || !field_reading(fields, &call->enter_rss, &call->enter_ns) ||
	    !field_reading(fields, &call->leave_rss, &call->leave_ns))
		return false;
	if (fields->at && !field_u32(fields, &call->depth))
		return false;
	while ((key = key_take(fields, &value))) {
		if (!call_key_parse(key, value, call))
			return false;
	}
	/* mprof does not encode: there a '%' is a '%'. */
	if (call->call > 0)
		trace_decode(name, length, TRACE_ENCODE_NAME);
	call->name = name;
	return true;
}

static bool note_parse(struct fields *fields, struct trace_event *event)
{
	if (!field_seconds(fields, &event->u.note.time_ns))
		return false;
	event->u.note.text = rest_decode(fields);
	return true;
}

static bool finish_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_finish *finish = &event->u.finish;
	bool known = false, good = true, exact;
	char *value;
	const char *key;

	if (!field_seconds(fields, &finish->time_ns))
		return false;
	while (good && (key = key_take(fields, &value))) {
		if (is_finish_key(key)) {
			good = !known && finish_key_parse(key, value, &finish->how, &finish->code);
			known = true;
		} else if (strcmp(key, "peak") == 0) {
			good = number_parse_mib(value, &finish->peak);
		} else if (strcmp(key, "calls") == 0) {
			good = number_parse_u64(value, &finish->calls);
		} else if (strcmp(key, "missed") == 0) {
			good = number_parse_u64(value, &finish->missed);
		} else if (strcmp(key, "peak_is") == 0) {
			good = exactness_parse(value, &exact);
			finish->peak_least = !exact;
		} else if (strcmp(key, "peak_bound") == 0) {
			good = number_parse_mib(value, &finish->peak_bound);
		}
	}
	return known && good;
}

static bool child_parse(struct fields *fields, struct trace_event *event)
{
	struct trace_child *child = &event->u.child;
	uint32_t number;
	/* mprof counts its children from 0. */
	if (!field_u32(fields, &number) || number > INT32_MAX)
		return false;
	child->pid = (pid_t)number;
	child->values = fields->context->values;
	return field_reading(fields, &child->rss, &child->time_ns) &&
	       values_parse(fields, child->rss, &child->peak);
}

struct line_kind {
	const char *word;
	enum trace_kind kind;
	bool (*parse)(struct fields *fields, struct trace_event *event);
};

static const struct line_kind line_kinds[] = {
	{"MEM", TRACE_SAMPLE, sample_parse},       {"ENTER", TRACE_ENTER, enter_parse},
	{"FUNC", TRACE_CALL, call_parse},          {"FN", TRACE_FUNCTION, function_parse},
	{"TASK", TRACE_TASK, task_parse},          {"NOTE", TRACE_NOTE, note_parse},
	{"CMDLINE", TRACE_COMMAND, command_parse}, {"FMPROF", TRACE_HEADER, header_parse},
	{"END", TRACE_FINISH, finish_parse},       {"CHLD", TRACE_CHILD, child_parse},
	{"PROC", TRACE_PROCESS, process_parse},    {"FNEND", TRACE_FUNCTION_END, function_end_parse},
};

/* Words of later kinds are upper case too; what is not was never a line of a recording. */
static bool is_kind_word(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool letter = word[i] >= 'A' && word[i] <= 'Z';
		bool other = (word[i] >= '0' && word[i] <= '9') || word[i] == '_';
		if (!letter && (i == 0 || !other))
			return false;
	}
	return length > 0;
}

enum line_verdict line_parse(struct parse_context *context, char *line, size_t length,
			     struct trace_event *event)
{
	/* A crash of the machine may leave blocks of zeroes. */
	if (memchr(line, '\0', length))
		return LINE_DAMAGED;
	struct fields fields = {.at = line, .end = line + length, .context = context};
	size_t word_length;
	const char *word = field_take(&fields, &word_length);
	for (size_t i = 0; i < sizeof line_kinds / sizeof line_kinds[0]; i++) {
		if (strcmp(word, line_kinds[i].word) != 0)
			continue;
		*event = (struct trace_event){.kind = line_kinds[i].kind};
		return line_kinds[i].parse(&fields, event) ? LINE_EVENT : LINE_DAMAGED;
	}
	return is_kind_word(word, word_length) ? LINE_UNKNOWN : LINE_DAMAGED;
}

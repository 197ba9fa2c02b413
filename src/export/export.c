#include "fmprof/export.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "format.h"

enum { FLUSH_BYTES = 64 << 10 };

static const struct {
	const char *name, *suffix;
	const struct format *format;
} formats[] = {
	[EXPORT_PERFETTO] = {"perfetto", ".json", &format_perfetto},
	[EXPORT_CSV] = {"csv", ".csv", &format_csv},
	[EXPORT_JSONL] = {"jsonl", ".jsonl", &format_json},
	[EXPORT_JSON] = {"json", NULL, &format_json},
	[EXPORT_FOLDED] = {"folded", ".folded", &format_folded},
};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(*formats) };

int export_format_from_name(const char *name, enum export_format *format, struct error *err)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (strcmp(name, formats[i].name) == 0) {
			*format = (enum export_format)i;
			return 0;
		}
	}
	return error_set(err, STATUS_FAILED,
			 "--format '%s': not one of perfetto, csv, jsonl, json and folded", name);
}

enum export_format export_format_from_path(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < FORMAT_COUNT; i++)
		if (formats[i].suffix && strcmp(dot, formats[i].suffix) == 0)
			return (enum export_format)i;
	return EXPORT_PERFETTO;
}

/* ---- for the formats --------------------------------------------------- */

static void text_send(struct export *export)
{
	output_put(&export->output, export->text.data, export->text.length);
	text_clear(&export->text);
}

void export_flush(struct export *export)
{
	if (export->text.length >= FLUSH_BYTES)
		text_send(export);
}

int64_t export_since_start(const struct export *export, uint64_t time_ns)
{
	return (int64_t)(time_ns - export->start_ns);
}

void export_put_seconds(struct export *export, uint64_t time_ns)
{
	int64_t since = export_since_start(export, time_ns);

	if (since < 0)
		text_putc(&export->text, '-');
	text_put_seconds(&export->text, since < 0 ? 0 - (uint64_t)since : (uint64_t)since);
}

bool export_sample_of(const struct export *export, const struct trace_event *event,
		      const struct trace_reader *reader, struct export_sample *sample)
{
	if (event->kind == TRACE_SAMPLE)
		*sample = (struct export_sample){
			.is_first = true,
			.pid = export->first_pid,
			.time_ns = event->u.sample.time_ns,
			.rss = event->u.sample.rss,
			.peak = event->u.sample.peak,
			.values = event->u.sample.values,
		};
	else if (event->kind == TRACE_CHILD)
		*sample = (struct export_sample){
			.pid = event->u.child.pid,
			.time_ns = event->u.child.time_ns,
			.rss = event->u.child.rss,
			.peak = event->u.child.peak,
			.values = event->u.child.values,
		};
	else
		return false;
	sample->metric_count = trace_reader_metrics(reader, &sample->metrics);
	return true;
}

/* ---- reading ----------------------------------------------------------- */

static void start_see(struct export *export, uint64_t time_ns)
{
	if (!export->start_known) {
		export->start_known = true;
		export->start_ns = time_ns;
	}
}

static void pid_see(struct export *export, pid_t pid)
{
	if (export->first_pid == 0 && pid > 0)
		export->first_pid = pid;
}

static void line_see(struct export *export, const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_HEADER:
		pid_see(export, event->u.header.pid);
		if (event->u.header.start_ns > 0)
			start_see(export, event->u.header.start_ns);
		break;
	case TRACE_TASK:
		pid_see(export, event->u.task.pid);
		start_see(export, event->u.task.time_ns);
		break;
	case TRACE_PROCESS:
		pid_see(export, event->u.process.pid);
		start_see(export, event->u.process.time_ns);
		break;
	case TRACE_FUNCTION_END:
		start_see(export, event->u.function_end.time_ns);
		break;
	case TRACE_SAMPLE:
		start_see(export, event->u.sample.time_ns);
		break;
	case TRACE_CHILD:
		start_see(export, event->u.child.time_ns);
		break;
	case TRACE_NOTE:
		start_see(export, event->u.note.time_ns);
		break;
	case TRACE_FINISH:
		start_see(export, event->u.finish.time_ns);
		break;
	case TRACE_COMMAND:
	case TRACE_FUNCTION:
	case TRACE_ENTER:
	case TRACE_CALL:
		break;
	}
}

static const struct format *format_of(const struct export *export)
{
	return formats[export->options->format].format;
}

static void line_take(void *data, const struct trace_event *event, const struct trace_reader *reader)
{
	struct export *export = data;

	line_see(export, event);
	if (format_of(export)->line)
		format_of(export)->line(export, event, reader);
	export_flush(export);
}

static void call_take(void *data, const struct report_call *call)
{
	struct export *export = data;

	start_see(export, call->enter_ns);
	pid_see(export, call->pid);
	if (export->options->what != EXPORT_SAMPLES)
		format_of(export)->left(export, call);
	export_flush(export);
}

/* Whether it begins as fmprof's do, so that it tells when it began. */
static bool has_header(const char *path)
{
	struct trace_reader *reader;
	struct trace_event event;
	struct error ignored = {0};
	bool found = false;

	if (trace_reader_open(path, &reader, &ignored) == 0) {
		for (int i = 0; i < 2 && !found && trace_reader_next(reader, &event, &ignored) > 0; i++)
			found = event.kind == TRACE_HEADER;
		trace_reader_close(reader);
	}
	error_free(&ignored);
	return found;
}

/* mprof's lines of calls come before earlier samples. What can be read once only is told from its first time on. */
static void start_find(struct export *export, const char *path)
{
	const struct report_options options = {.to_ns = UINT64_MAX};
	struct stat status;
	struct report *report;
	struct error ignored = {0};

	if (strcmp(path, "-") == 0 || stat(path, &status) < 0 || !S_ISREG(status.st_mode) || has_header(path))
		return;
	if (report_read(path, &options, &report, &ignored) == 0) {
		start_see(export, report->start_ns);
		report_free(report);
	}
	error_free(&ignored);
}

/* Opening the output would empty the recording. */
static int apart_check(const char *path, const char *output, struct error *err)
{
	struct stat from, to;

	if (!output || strcmp(path, "-") == 0 || stat(path, &from) < 0 || stat(output, &to) < 0)
		return 0;
	if (from.st_dev != to.st_dev || from.st_ino != to.st_ino)
		return 0;
	return error_set(err, STATUS_FAILED, "%s: is the recording itself; choose another --output", output);
}

static int read_all(struct export *export, const char *path, struct report **report, struct error *err)
{
	const struct format *format = format_of(export);
	const struct report_observer observer = {
		.data = export,
		.line = line_take,
		.entered = format->entered,
		.left = call_take,
		.again = format->again,
	};
	const struct report_options options = {.to_ns = UINT64_MAX, .observer = &observer};

	return report_read(path, &options, report, err);
}

int export_recording(const char *path, const struct export_options *options, size_t *damaged_lines,
		     size_t *first_damaged_line, struct error *err)
{
	struct export export = {.options = options, .output = {.path = options->output}};
	const struct format *format = format_of(&export);
	struct report *report = NULL;
	struct error ignored = {0};

	if (apart_check(path, options->output, err) < 0 ||
	    (options->output && output_check(options->output, err) < 0))
		return -1;
	start_find(&export, path);
	format->begin(&export);
	int status = read_all(&export, path, &report, err);
	if (status == 0) {
		*damaged_lines = report->damaged_lines;
		*first_damaged_line = report->first_damaged_line;
		if (format->end)
			format->end(&export, report);
		text_send(&export);
		status = output_close(&export.output, true, err);
	} else {
		output_close(&export.output, false, &ignored);
		error_free(&ignored);
	}
	if (format->discard)
		format->discard(&export);
	free(export.state);
	text_free(&export.text);
	report_free(report);
	return status;
}

/* report: one pass over the lines of a recording, or two; what a process and the whole of it come to. */
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "stream.h"

/* ---- processes --------------------------------------------------------- */

static struct series *series_new(struct stream *stream, pid_t pid)
{
	struct report *report = stream->report;
	struct series *series = mem_alloc(sizeof(*series));

	series->shown = mem_alloc(sizeof(*series->shown));
	series->shown->pid = pid;
	series->number = report->process_count;
	report->processes = array_reserve(report->processes, &stream->process_capacity,
					  report->process_count + 1, sizeof(*report->processes));
	report->processes[report->process_count++] = series->shown;
	return series;
}

/* mprof counts its children from 0, and does not tell the pid of the first process. */
static struct series *series_of_child(struct stream *stream, pid_t number)
{
	struct series *series = table_get(&stream->series, (uint64_t)number);

	if (!series) {
		series = series_new(stream, number);
		table_put(&stream->series, (uint64_t)number, series);
	}
	return series;
}

struct series *stream_series(struct stream *stream, pid_t pid)
{
	/* A file that lost its header begins with a line of the first process all the same. */
	if (!stream->first_known && pid > 0) {
		stream->first_known = true;
		stream->first->shown->pid = pid;
	}
	return pid == stream->first->shown->pid ? stream->first : series_of_child(stream, pid);
}

static void process_peak_raise(struct report_process *process, uint64_t rss)
{
	if (rss > process->peak.bytes)
		process->peak.bytes = rss;
}

/* ---- lines ------------------------------------------------------------- */

void stream_time(struct stream *stream, uint64_t time_ns)
{
	struct report *report = stream->report;

	/* The header tells the start; the first pass has to find it where there is none. */
	if (!stream->start_known && time_ns < report->start_ns)
		report->start_ns = time_ns;
	if (time_ns > report->end_ns)
		report->end_ns = time_ns;
}

static void string_keep(char **kept, const char *string)
{
	if (!*kept)
		*kept = mem_strdup(string);
}

static void header_take(struct stream *stream, const struct trace_header *header)
{
	struct report *report = stream->report;

	string_keep(&report->host, header->host);
	string_keep(&report->executable, header->executable);
	report->interval_ns = header->interval_ns;
	report->peaks = header->peaks;
	report->peak_bound = header->peak_bound;
	if (!stream->first_known && header->pid > 0) {
		stream->first_known = true;
		stream->first->shown->pid = header->pid;
	}
	if (header->start_ns > 0 && !stream->start_known) {
		stream->start_known = true;
		report->start_ns = header->start_ns;
		stream_time(stream, header->start_ns);
	}
}

static void task_take(struct stream *stream, const struct trace_task *task)
{
	struct report_process *process = stream_series(stream, task->pid)->shown;

	stream_time(stream, task->time_ns);
	process->threads += task->event == TRACE_TASK_START;
	if (task->pid != task->tid)
		return;
	if (task->event == TRACE_TASK_START && process->start_ns == 0)
		process->start_ns = task->time_ns;
	if (task->event == TRACE_TASK_EXIT)
		process->end_ns = task->time_ns;
	free(process->name);
	process->name = mem_strdup(task->name);
}

/* The kernel gives the number of a process that is gone to another one. */
static struct series *series_renew(struct stream *stream, struct series *older)
{
	struct series *series = series_new(stream, older->shown->pid);

	series->older = older;
	older->newer = series;
	table_put(&stream->series, (uint64_t)series->shown->pid, series);
	return series;
}

static void process_take(struct stream *stream, const struct trace_process *line)
{
	struct series *series = stream_series(stream, line->pid);

	if (line->event == TRACE_PROCESS_START && series->shown->ended && series != stream->first)
		series = series_renew(stream, series);
	struct report_process *process = series->shown;

	stream_time(stream, line->time_ns);
	if (line->event == TRACE_PROCESS_START) {
		process->parent = line->parent;
		process->made = line->made;
		if (process->start_ns == 0)
			process->start_ns = line->time_ns;
		return;
	}
	process->ended = true;
	process->how = line->how;
	process->code = line->code;
	process->end_ns = line->time_ns;
	series->told = (struct report_peak){line->peak, line->peak_exact};
}

static void sample_take(struct stream *stream, struct series *series, uint64_t time_ns, uint64_t rss,
			uint64_t peak)
{
	struct report_process *process = series->shown;

	stream_time(stream, time_ns);
	strays_run(stream, time_ns, false);
	nesting_sample(stream, series, time_ns, rss, peak);
	if (time_ns > stream->latest_ns)
		stream->latest_ns = time_ns;
	process->samples++;
	process->last_sample_rss = rss;
	process_peak_raise(process, rss);
	process_peak_raise(process, peak);
}

static void mem_take(struct stream *stream, const struct trace_sample *sample)
{
	struct report *report = stream->report;

	sample_take(stream, stream->first, sample->time_ns, sample->rss, sample->peak);
	trend_add(&report->trend, (double)(int64_t)(sample->time_ns - report->start_ns) / 1e9,
		  (double)sample->rss);
	if (report->samples++ == 0 || sample->rss > report->peak_sample_rss) {
		report->peak_sample_rss = sample->rss;
		report->peak_sample_ns = sample->time_ns;
	}
}

static void enter_take(struct stream *stream, const struct trace_enter *enter)
{
	stream_time(stream, enter->time_ns);
	strays_run(stream, enter->time_ns, true);
	if (strays_has(&stream->strays, enter->call))
		return;
	struct open_call *call =
		nesting_enter(stream, enter, function_list_by_id(&stream->functions, enter->function, NULL));
	call->disordered = enter->time_ns < stream->latest_ns;
	if (!call->disordered)
		stream->latest_ns = enter->time_ns;
	table_put(&stream->open, enter->call, call);
}

static void call_take(struct stream *stream, const struct trace_call *line)
{
	size_t function = function_list_of_call(&stream->functions, line);

	stream_time(stream, line->enter_ns);
	stream_time(stream, line->leave_ns);
	if (stream->second)
		strays_run(stream, line->leave_ns, true);
	if (stream->second && (line->call == 0 || strays_has(&stream->strays, line->call)))
		return;
	struct open_call *call = line->call > 0 ? table_remove(&stream->open, line->call) : NULL;
	if (observe_in_passing(stream)) {
		if (!call)
			observe_stray(stream, line, function);
	} else if (!stream->second && (!call || call->disordered || line->leave_ns < stream->latest_ns)) {
		strays_add(&stream->strays, line, function);
	}
	if (line->leave_ns > stream->latest_ns)
		stream->latest_ns = line->leave_ns;
	if (call)
		nesting_leave(stream, call, line);
}

static void event_take(struct stream *stream, const struct trace_event *event)
{
	struct report *report = stream->report;

	switch (event->kind) {
	case TRACE_COMMAND:
		string_keep(&report->command, event->u.command);
		break;
	case TRACE_HEADER:
		header_take(stream, &event->u.header);
		break;
	case TRACE_FUNCTION:
		function_list_take(&stream->functions, &event->u.function);
		break;
	case TRACE_FUNCTION_END:
		function_list_end(&stream->functions, &event->u.function_end);
		stream_time(stream, event->u.function_end.time_ns);
		break;
	case TRACE_TASK:
		task_take(stream, &event->u.task);
		break;
	case TRACE_PROCESS:
		process_take(stream, &event->u.process);
		break;
	case TRACE_SAMPLE:
		mem_take(stream, &event->u.sample);
		break;
	case TRACE_CHILD:
		stream->has_children = true;
		sample_take(stream, series_of_child(stream, event->u.child.pid), event->u.child.time_ns,
			    event->u.child.rss, event->u.child.peak);
		break;
	case TRACE_ENTER:
		enter_take(stream, &event->u.enter);
		break;
	case TRACE_CALL:
		call_take(stream, &event->u.call);
		break;
	case TRACE_NOTE:
		report->notes++;
		stream_time(stream, event->u.note.time_ns);
		break;
	case TRACE_FINISH:
		report->complete = true;
		report->finish = event->u.finish;
		stream_time(stream, event->u.finish.time_ns);
		break;
	}
}

/* ---- passes ------------------------------------------------------------ */

static void report_free_content(struct report *report)
{
	functions_free(report->functions, report->function_count);
	for (size_t i = 0; i < report->row_count; i++)
		free(report->rows[i]);
	for (size_t i = 0; i < report->process_count; i++) {
		free(report->processes[i]->name);
		free(report->processes[i]);
	}
	free(report->rows);
	free(report->processes);
	free(report->command);
	free(report->host);
	free(report->executable);
}

void report_free(struct report *report)
{
	if (!report)
		return;
	report_free_content(report);
	free(report->path);
	free(report);
}

static void stream_begin(struct stream *stream)
{
	struct report *report = stream->report;

	if (!stream->start_known)
		report->start_ns = UINT64_MAX;
	stream->first = series_new(stream, 0);
	stream->first_known = false;
	stream->has_event = stream->at_end = false;
	stream->begun = stream->latest_ns = 0;
}

static void series_free(struct series *series)
{
	struct series *older;

	for (; series; series = older) {
		older = series->older;
		highs_free(&series->highs);
		free(series);
	}
}

/* What was needed while reading; the figures stay. */
static void stream_end(struct stream *stream)
{
	size_t position = 0;
	struct series *series;

	nesting_free(stream);
	while ((series = table_next(&stream->series, &position, NULL)))
		series_free(series);
	series_free(stream->first);
	table_free(&stream->series);
	table_free(&stream->rows);
}

static int pass(struct stream *stream, struct error *err)
{
	struct report *report = stream->report;
	struct trace_reader *reader;
	struct trace_event event;
	int status;

	if (trace_reader_open(report->path, &reader, err) != 0)
		return -1;
	while ((status = trace_reader_next(reader, &event, err)) > 0) {
		stream->has_event = true;
		event_take(stream, &event);
		observe_line(stream, &event, reader);
	}
	report->damaged_lines = trace_reader_damaged(reader, &report->first_damaged_line);
	trace_reader_close(reader);
	strays_run(stream, UINT64_MAX, true);
	nesting_finish(stream);
	if (status == 0 && report->samples == 0)
		status = recording_empty_error(report->path, stream->has_event, report->damaged_lines, err);
	return status;
}

/* Back to nothing but what the first pass is needed for: the strays, with the numbers of their functions, and
 * the start. */
static void stream_reset(struct stream *stream)
{
	struct report *report = stream->report, fresh = {.path = report->path, .start_ns = report->start_ns};

	stream_end(stream);
	report_free_content(report);
	*report = fresh;
	stream->has_children = false;
	stream->thread_count = stream->row_capacity = stream->process_capacity = 0;
	stream->start_known = stream->second = true;
	strays_sort(&stream->strays);
	if (stream->options->observer)
		stream->options->observer->again(stream->options->observer->data);
}

static int second_pass_prepare(const char *path, off_t start, struct error *err)
{
	if (source_rewind(path, start) == 0)
		return 0;
	return error_set(
		err, STATUS_FAILED,
		"%s: calls in it are not in the order of their times, which takes a second reading, and "
		"this can be read only once; name a file",
		strcmp(path, "-") == 0 ? "standard input" : path);
}

static void peak_settle(struct series *series)
{
	for (; series; series = series->older)
		if (series->told.bytes > 0)
			series->shown->peak = series->told;
}

static void peaks_complete(struct stream *stream)
{
	struct report *report = stream->report;
	struct report_process *first = stream->first->shown;
	struct series *series;
	size_t position = 0;

	if (report->complete && report->finish.peak > 0) {
		process_peak_raise(first, report->finish.peak);
		first->peak.exact = !report->finish.peak_least &&
				    (report->peaks == TRACE_PEAKS_RESET || report->peaks == TRACE_PEAKS_MARK);
		if (report->finish.peak_bound > report->peak_bound)
			report->peak_bound = report->finish.peak_bound;
	}
	report->peak = first->peak;
	if (report->peaks == TRACE_PEAKS_SAMPLES) /* of the tree: not its own */
		first->peak = (struct report_peak){0};
	peak_settle(stream->first);
	while ((series = table_next(&stream->series, &position, NULL)))
		peak_settle(series);
}

int report_read(const char *path, const struct report_options *options, struct report **report,
		struct error *err)
{
	struct stream stream = {.report = mem_alloc(sizeof(**report)), .options = options};
	off_t start = source_start(path);

	stream.report->path = mem_strdup(path);
	stream_begin(&stream);
	int status = pass(&stream, err);
	if (status == 0 && stream.strays.count > 0) {
		stream_reset(&stream);
		stream_begin(&stream);
		status = second_pass_prepare(path, start, err);
		status = status == 0 ? pass(&stream, err) : status;
	}
	peaks_complete(&stream);
	stream_end(&stream);
	strays_free(&stream.strays);
	table_free(&stream.functions.by_key);
	stream.report->functions = stream.functions.items;
	stream.report->function_count = stream.functions.count;
	if (status != 0) {
		report_free(stream.report);
		return -1;
	}
	figures_complete(stream.report, options);
	string_keep(&stream.report->command, "");
	string_keep(&stream.report->host, "");
	string_keep(&stream.report->executable, "");
	*report = stream.report;
	return 0;
}

bool report_missed_known(const struct report *report)
{
	/* Files from before there were peaks do not tell. */
	return report->complete && report->peaks != TRACE_PEAKS_NONE;
}

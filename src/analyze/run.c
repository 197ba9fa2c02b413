/* run: a recording's events gathered in memory. */
#include <stdlib.h>
#include <string.h>

#include "functions.h"
#include "load.h"
#include "passing.h"

enum {
	/* A picture has some thousand columns. When so many samples are there, only what draws this many columns
	 * stays, which is half of them at most: memory and time do not grow with the length of the file. */
	MOST_SAMPLES = 1 << 19,
	KEPT_COLUMNS = MOST_SAMPLES / 8,
};

struct loader {
	struct run *run;
	const struct run_selection *selection;
	bool reduced; /* samples were left out */
	/* The peaks that were found in passing are doubtful: calls are not in the order of their times, or were taken
	 * for the first process's memory before a child had any. */
	bool doubtful, assumed;
	struct passing passing;
	uint64_t latest_ns; /* of enters, leaves and samples so far */
	size_t sample_capacity, call_capacity;
	struct function_list functions;
	/* Calls that were entered and not left yet, by number. Values are an index + 1, as the table holds
	 * pointers that are not NULL. */
	struct table open;
	struct table children;             /* lines of processes, by pid; an index + 1 */
	struct table names;                /* of processes, by pid */
	size_t metrics_from, metric_count; /* lines of metrics, in the order of the header */
	bool has_event, has_metrics;
};

static void *index_pack(size_t index)
{
	return (void *)(uintptr_t)(index + 1);
}

static size_t index_unpack(const void *packed)
{
	return (size_t)(uintptr_t)packed - 1;
}

static void time_note(struct run *run, uint64_t time_ns)
{
	if (time_ns < run->start_ns)
		run->start_ns = time_ns;
	if (time_ns > run->end_ns)
		run->end_ns = time_ns;
}

/* Whether it is not before another. */
static bool is_in_order(struct loader *loader, uint64_t time_ns)
{
	if (time_ns < loader->latest_ns)
		return false;
	loader->latest_ns = time_ns;
	return true;
}

static struct run_line *line_add(struct run *run, enum run_line_kind kind, char *name)
{
	run->lines = array_reserve(run->lines, &run->line_capacity, run->line_count + 1, sizeof *run->lines);
	run->lines[run->line_count] = (struct run_line){.kind = kind, .name = name};
	return &run->lines[run->line_count++];
}

/* What is beyond the window goes first. */
static size_t samples_reduce(struct loader *loader, struct run_sample *samples, size_t count)
{
	const struct run_selection *selection = loader->selection;
	uint64_t start_ns = loader->run->start_ns;

	loader->reduced = true;
	samples_sort(samples, count);
	if (selection && selection->to_ns < UINT64_MAX - start_ns)
		count = samples_window(samples, count, start_ns + selection->from_ns,
				       start_ns + selection->to_ns);
	else if (selection)
		count = samples_window(samples, count, start_ns + selection->from_ns, UINT64_MAX);
	return count > MOST_SAMPLES / 2 ? samples_thin(samples, count, KEPT_COLUMNS) : count;
}

static void point_add(struct loader *loader, struct run_line *line, uint64_t time_ns, uint64_t rss)
{
	if (line->count == MOST_SAMPLES)
		line->count = samples_reduce(loader, line->points, line->count);
	line->points = array_reserve(line->points, &line->capacity, line->count + 1, sizeof *line->points);
	line->points[line->count++] = (struct run_sample){time_ns, rss};
}

/* The line of peaks is the first, once there is one. */
static void peak_take(struct loader *loader, uint64_t time_ns, uint64_t peak)
{
	struct run *run = loader->run;

	if (peak == 0)
		return;
	/* What was higher between two samples: a recording that was cut has no other mark. */
	if (peak > run->peak_rss)
		run->peak_rss = peak;
	point_add(loader, &run->lines[0], time_ns, peak);
}

static void metrics_announce(struct loader *loader, const struct trace_reader *reader)
{
	const char *const *names;
	size_t count = trace_reader_metrics(reader, &names);

	if (loader->has_metrics) { /* a second header, of a damaged file */
		loader->metric_count = 0;
		return;
	}
	loader->has_metrics = true;
	loader->metrics_from = loader->run->line_count;
	loader->metric_count = count;
	for (size_t i = 0; i < count; i++)
		line_add(loader->run, RUN_LINE_METRIC, mem_strdup(names[i]));
}

static void metrics_take(struct loader *loader, const struct trace_sample *sample)
{
	for (size_t i = 0; sample->values && i < loader->metric_count; i++)
		if (sample->values[i] != TRACE_NOT_KNOWN)
			point_add(loader, &loader->run->lines[loader->metrics_from + i], sample->time_ns,
				  sample->values[i]);
}

static void reading_take(struct loader *loader, pid_t pid, uint64_t time_ns, uint64_t rss, uint64_t peak)
{
	struct passing_reading reading = {.rss = rss, .peak = peak, .begun = loader->run->call_count};

	passing_sample(&loader->passing, pid, &reading, &loader->open);
	if (time_ns > loader->latest_ns)
		loader->latest_ns = time_ns;
}

static void child_take(struct loader *loader, const struct trace_child *child)
{
	struct run *run = loader->run;
	uint64_t key = (uint64_t)(uint32_t)child->pid;
	const void *known = table_get(&loader->children, key);

	loader->doubtful |= loader->assumed;
	if (!known) {
		struct run_line *line = line_add(run, RUN_LINE_CHILD, NULL);
		line->pid = child->pid;
		known = index_pack(run->line_count - 1);
		table_put(&loader->children, key, (void *)known);
	}
	point_add(loader, &run->lines[index_unpack(known)], child->time_ns, child->rss);
	reading_take(loader, child->pid, child->time_ns, child->rss, child->peak);
	time_note(run, child->time_ns);
}

static void task_take(struct loader *loader, const struct trace_task *task)
{
	uint64_t key = (uint64_t)(uint32_t)task->pid;

	time_note(loader->run, task->time_ns);
	if (task->pid != task->tid)
		return;
	free(table_get(&loader->names, key));
	table_put(&loader->names, key, mem_strdup(task->name));
}

/* "worker 4712", as far as the file tells. */
static void children_name(struct loader *loader)
{
	size_t position = 0;
	char *name;

	for (size_t i = 0; i < loader->run->line_count; i++) {
		struct run_line *line = &loader->run->lines[i];
		if (line->kind != RUN_LINE_CHILD)
			continue;
		name = table_get(&loader->names, (uint64_t)(uint32_t)line->pid);
		line->name = name && *name ? mem_printf("%s %d", name, line->pid)
					   : mem_printf("child %d", line->pid);
	}
	while ((name = table_next(&loader->names, &position, NULL)))
		free(name);
	table_free(&loader->names);
	table_free(&loader->children);
}

static void trend_take(struct loader *loader, const struct trace_sample *sample)
{
	struct run *run = loader->run;
	const struct run_selection *selection = loader->selection;
	/* A file without a header begins with its first sample. */
	uint64_t start_ns = run->start_ns < sample->time_ns ? run->start_ns : sample->time_ns;
	uint64_t since = sample->time_ns - start_ns;

	if (selection && (since < selection->from_ns || since > selection->to_ns))
		return;
	if (run->trend.count == 0)
		run->trend_from_ns = start_ns;
	trend_add(&run->trend, (double)(int64_t)(sample->time_ns - run->trend_from_ns) / 1e9,
		  (double)sample->rss);
}

static void sample_take(struct loader *loader, const struct trace_sample *sample)
{
	struct run *run = loader->run;
	trend_take(loader, sample);
	if (run->sample_count == MOST_SAMPLES)
		run->sample_count = samples_reduce(loader, run->samples, run->sample_count);
	run->samples = array_reserve(run->samples, &loader->sample_capacity, run->sample_count + 1,
				     sizeof *run->samples);
	run->samples[run->sample_count++] =
		(struct run_sample){.time_ns = sample->time_ns, .rss = sample->rss};
	peak_take(loader, sample->time_ns, sample->peak);
	metrics_take(loader, sample);
	reading_take(loader, 0, sample->time_ns, sample->rss, sample->peak);
	time_note(run, sample->time_ns);
}

static struct run_call *call_add(struct loader *loader)
{
	struct run *run = loader->run;
	run->calls =
		array_reserve(run->calls, &loader->call_capacity, run->call_count + 1, sizeof *run->calls);
	return &run->calls[run->call_count++];
}

/* The highest inside of an open call until now. Where children are summed, all have the tree's memory. */
static void peak_raise(struct loader *loader, struct run_call *call, const void *entered)
{
	bool is_first = call->pid == loader->run->pid || loader->run->pid == 0;

	loader->assumed |= !is_first && loader->children.used == 0;
	uint64_t highest =
		passing_highest(&loader->passing, is_first || loader->children.used == 0 ? 0 : call->pid,
				(uint64_t)(uintptr_t)entered);
	if (!call->peak_exact && highest > call->peak_rss)
		call->peak_rss = highest;
}

static void enter_take(struct loader *loader, const struct trace_enter *enter)
{
	loader->doubtful |= !is_in_order(loader, enter->time_ns);
	struct run_call *call = call_add(loader);
	*call = (struct run_call){
		.function = function_list_by_id(&loader->functions, enter->function, NULL),
		.pid = enter->pid,
		.tid = enter->tid,
		.depth = enter->depth,
		.call = enter->call,
		.enter_ns = enter->time_ns,
		.enter_rss = enter->rss,
		.leave_ns = enter->time_ns,
		.leave_rss = enter->rss,
		.end = TRACE_END_UNFINISHED,
	};
	table_put(&loader->open, enter->call, index_pack((size_t)(call - loader->run->calls)));
	time_note(loader->run, enter->time_ns);
}

static void call_take(struct loader *loader, const struct trace_call *source)
{
	void *entered = source->call > 0 ? table_remove(&loader->open, source->call) : NULL;
	struct run_call *call = entered ? &loader->run->calls[index_unpack(entered)] : call_add(loader);
	*call = (struct run_call){
		.function = function_list_of_call(&loader->functions, source),
		.pid = source->pid,
		.tid = source->tid,
		.depth = source->depth,
		.call = source->call,
		.enter_ns = source->enter_ns,
		.enter_rss = source->enter_rss,
		/* mprof's times jump back when the system's clock is set. */
		.leave_ns = source->leave_ns > source->enter_ns ? source->leave_ns : source->enter_ns,
		.leave_rss = source->leave_rss,
		.end = source->end,
		.exact = source->exact,
		.peak_rss = source->peak,
		.peak_exact = source->peak > 0 && source->peak_exact,
	};
	if (entered && is_in_order(loader, call->leave_ns))
		peak_raise(loader, call, entered);
	else
		loader->doubtful |= !call->peak_exact;
	time_note(loader->run, call->enter_ns);
	time_note(loader->run, call->leave_ns);
}

static void event_take(struct loader *loader, const struct trace_reader *reader,
		       const struct trace_event *event)
{
	struct run *run = loader->run;

	switch (event->kind) {
	case TRACE_COMMAND:
		if (!run->command)
			run->command = mem_strdup(event->u.command);
		break;
	case TRACE_HEADER:
		run->interval_ns = event->u.header.interval_ns;
		run->pid = event->u.header.pid;
		metrics_announce(loader, reader);
		if (event->u.header.start_ns > 0)
			time_note(run, event->u.header.start_ns);
		break;
	case TRACE_FUNCTION:
		function_list_take(&loader->functions, &event->u.function);
		break;
	case TRACE_FUNCTION_END:
		function_list_end(&loader->functions, &event->u.function_end);
		time_note(run, event->u.function_end.time_ns);
		break;
	case TRACE_TASK:
		task_take(loader, &event->u.task);
		break;
	case TRACE_PROCESS:
		time_note(run, event->u.process.time_ns);
		break;
	case TRACE_SAMPLE:
		sample_take(loader, &event->u.sample);
		break;
	case TRACE_CHILD:
		child_take(loader, &event->u.child);
		break;
	case TRACE_ENTER:
		enter_take(loader, &event->u.enter);
		break;
	case TRACE_CALL:
		call_take(loader, &event->u.call);
		break;
	case TRACE_NOTE:
		time_note(run, event->u.note.time_ns);
		break;
	case TRACE_FINISH:
		run->complete = true;
		run->finish = event->u.finish;
		time_note(run, event->u.finish.time_ns);
		break;
	}
}

static void open_calls_raise(struct loader *loader)
{
	size_t position = 0;
	const void *entered;

	while ((entered = table_next(&loader->open, &position, NULL)))
		peak_raise(loader, &loader->run->calls[index_unpack(entered)], entered);
}

static int events_load(struct loader *loader, struct trace_reader *reader, struct error *err)
{
	struct run *run = loader->run;
	struct trace_event event;
	int status;

	while ((status = trace_reader_next(reader, &event, err)) > 0) {
		loader->has_event = true;
		event_take(loader, reader, &event);
	}
	run->damaged_lines = trace_reader_damaged(reader, &run->first_damaged_line);
	run->functions = loader->functions.items;
	run->function_count = loader->functions.count;
	table_free(&loader->functions.by_key);
	open_calls_raise(loader);
	passing_free(&loader->passing);
	table_free(&loader->open);
	children_name(loader);
	return status;
}

int run_load(const char *path, const struct run_selection *selection, struct run **run, struct error *err)
{
	struct trace_reader *reader;
	off_t start = source_start(path);

	if (trace_reader_open(path, &reader, err) != 0)
		return -1;

	struct loader loader = {.run = mem_alloc(sizeof **run), .selection = selection};
	loader.run->is_for_window = selection != NULL;
	loader.run->path = mem_strdup(path);
	loader.run->start_ns = UINT64_MAX;
	line_add(loader.run, RUN_LINE_PEAKS, mem_strdup("peak"));
	int status = events_load(&loader, reader, err);
	trace_reader_close(reader);
	if (status == 0 && loader.run->sample_count == 0)
		status = recording_empty_error(path, loader.has_event, loader.run->damaged_lines, err);
	if (status != 0) {
		run_free(loader.run);
		return -1;
	}
	if (!loader.run->command)
		loader.run->command = mem_strdup("");
	run_complete(loader.run);
	if (loader.reduced && loader.doubtful)
		run_settle_peaks(loader.run, start);
	*run = loader.run;
	return 0;
}

void run_free(struct run *run)
{
	if (!run)
		return;
	functions_free(run->functions, run->function_count);
	for (size_t i = 0; i < run->line_count; i++) {
		free(run->lines[i].name);
		free(run->lines[i].points);
	}
	for (size_t i = 0; i < run->recording_count; i++)
		free(run->recordings[i].name);
	free(run->lines);
	free(run->recordings);
	free(run->samples);
	free(run->calls);
	free(run->command);
	free(run->path);
	free(run);
}

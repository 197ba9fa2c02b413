/* batch_progress: what is told on stderr while a batch runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch_show.h"
#include "cmd.h"

/* Cells: of the bar, and of what runs, if that is to say anything. */
enum { BAR = 20, LEAST_RUNNING = 12 };

struct batch_progress {
	struct batch_observer observer;
	const struct batch_result **running; /* one a job; NULL: free */
	unsigned jobs;
	size_t runs, done, failed;
	uint64_t start_ns; /* of CLOCK_MONOTONIC */
	bool on_terminal;
};

/* ---- a line for each run ------------------------------------------------------ */

static void put_run(struct text *line, const struct batch_result *result, size_t number)
{
	const struct batch_run *run = &result->runs[number];
	char *name = label_clean(result->name), *reason = run->reason ? label_clean(run->reason) : NULL;

	text_printf(line, "%s %s", batch_verdict_name(run->verdict), name);
	if (result->run_count > 1)
		text_printf(line, " (run %zu)", number + 1);
	if (reason) {
		text_printf(line, ": %s", reason);
	} else {
		text_puts(line, ", ");
		label_put_duration(line, run->measures.wall_ns);
		text_puts(line, run->measures.peak_exact ? ", " : ", ≥ ");
		label_put_bytes(line, run->measures.peak);
	}
	text_putc(line, '\n');
	free(name);
	free(reason);
}

/* ---- the bar ------------------------------------------------------------------- */

static void put_time_left(struct text *line, const struct batch_progress *progress)
{
	double passed = (double)(clock_monotonic_ns() - progress->start_ns) / 1e9;
	uint64_t left;

	if (progress->done == 0 || progress->done == progress->runs)
		return;
	left = (uint64_t)(passed * (double)(progress->runs - progress->done) / (double)progress->done + 0.5);
	text_printf(line, ", about %llu:%02llu left", (unsigned long long)(left / 60),
		    (unsigned long long)(left % 60));
}

/* In so many cells. */
static void put_running(struct text *line, const struct batch_progress *progress, unsigned cells)
{
	struct text names = {0};
	char *fitting;

	for (unsigned i = 0; i < progress->jobs; i++)
		if (progress->running[i]) {
			char *name = label_clean(progress->running[i]->name);

			text_printf(&names, "%s%s", names.length > 0 ? ", " : ": ", name);
			free(name);
		}
	fitting = label_shorten(names.data ? names.data : "", cells, 0);
	text_puts(line, fitting);
	free(fitting);
	text_free(&names);
}

/* How far it is stands in any line; the bar and what runs have what that leaves. */
static void draw_bar(void *context)
{
	const struct batch_progress *progress = context;
	size_t filled = progress->runs > 0 ? BAR * progress->done / progress->runs : BAR;
	const unsigned columns = cmd_terminal_width(STDERR_FILENO);
	const unsigned width = columns > 1 ? columns - 1 : 79;
	struct text line = {0}, figures = {0};

	text_printf(&figures, "%zu/%zu", progress->done, progress->runs);
	if (progress->failed > 0)
		text_printf(&figures, ", %zu failed", progress->failed);
	put_time_left(&figures, progress);
	if (BAR + strlen("[] ") + figures.length + LEAST_RUNNING <= width) {
		text_putc(&line, '[');
		for (size_t i = 0; i < BAR; i++)
			text_putc(&line, i < filled ? '#' : '.');
		text_puts(&line, "] ");
	}
	text_printf(&line, "%.*s", (int)width, figures.data);
	if (line.length + LEAST_RUNNING <= width)
		put_running(&line, progress, width - (unsigned)line.length);
	fprintf(stderr, "\r\033[K%s", line.data);
	text_free(&figures);
	text_free(&line);
}

/* ---- told by batch ---------------------------------------------------------------- */

static void on_started(void *context, const struct batch_result *result, size_t run)
{
	struct batch_progress *progress = context;

	(void)run;
	for (unsigned i = 0; i < progress->jobs; i++)
		if (!progress->running[i]) {
			progress->running[i] = result;
			break;
		}
}

static void on_finished(void *context, const struct batch_result *result, size_t number)
{
	struct batch_progress *progress = context;
	bool passed = result->runs[number].verdict == BATCH_PASSED;
	struct text line = {0};

	for (unsigned i = 0; i < progress->jobs; i++)
		if (progress->running[i] == result) {
			progress->running[i] = NULL;
			break;
		}
	progress->done++;
	progress->failed += !passed;
	if (progress->on_terminal)
		text_puts(&line, "\r\033[K");
	else
		text_printf(&line, "[%zu/%zu] ", progress->done, progress->runs);
	if (!progress->on_terminal || !passed) {
		put_run(&line, result, number);
		fputs(line.data, stderr);
	}
	text_free(&line);
}

struct batch_progress *batch_progress_begin(const struct batch_suite *suite, unsigned jobs)
{
	struct batch_progress *progress = mem_alloc(sizeof(*progress));

	progress->jobs = jobs;
	progress->running = mem_alloc(jobs * sizeof(*progress->running));
	progress->start_ns = clock_monotonic_ns();
	progress->on_terminal = isatty(STDERR_FILENO);
	for (size_t i = 0; i < suite->count; i++)
		progress->runs += suite->programs[i].repeat;
	progress->observer = (struct batch_observer){
		.started = on_started,
		.finished = on_finished,
		.tick = progress->on_terminal ? draw_bar : NULL,
		.context = progress,
	};
	return progress;
}

const struct batch_observer *batch_progress_observer(const struct batch_progress *progress)
{
	return &progress->observer;
}

void batch_progress_end(struct batch_progress *progress)
{
	if (!progress)
		return;
	if (progress->on_terminal)
		fputs("\r\033[K", stderr);
	free(progress->running);
	free(progress);
}

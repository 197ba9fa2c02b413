#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder.h"

/* Between two lines of progress. */
#define PROGRESS_NS UINT64_C(200000000)

/* ---- begin ------------------------------------------------------------- */

/*
 * Before anything runs: can the file be written? Nothing is truncated or left
 * behind, since the program may still turn out not to exist. A FIFO stays open in *fifo until it
 * is opened to be written: closing it would be its reader's end of file. Like a shell's
 * redirection, this waits until there is a reader.
 */
static int check_output(const char *path, int *fifo, struct error *err)
{
	struct stat info;
	bool existed = stat(path, &info) == 0;
	int fd;

	*fifo = -1;
	if (strcmp(path, "-") == 0)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return error_set(err, STATUS_FAILED, "%s: cannot be written: %s; choose another file with -o",
				 path, strerror(errno));
	if (existed && S_ISFIFO(info.st_mode)) {
		*fifo = fd;
		return 0;
	}
	close(fd);
	if (!existed)
		unlink(path);
	return 0;
}

/* What runs already tells its own command line. */
static void put_command(struct recorder *recorder)
{
	char *path = mem_printf("/proc/%d/cmdline", recorder->pid), *line = NULL, **argv = NULL;
	FILE *file = recorder->plan->argv ? NULL : fopen(path, "re");
	size_t capacity = 0, count = 0, room = 0;

	free(path);
	while (file && getdelim(&line, &capacity, '\0', file) > 0) {
		argv = array_reserve(argv, &room, count + 2, sizeof(*argv));
		argv[count++] = mem_strdup(line);
		argv[count] = NULL;
	}
	if (file)
		fclose(file);
	if (recorder->plan->argv || count)
		trace_put_command(recorder->writer, count ? argv : recorder->plan->argv);
	while (count)
		free(argv[--count]);
	free(argv);
	free(line);
}

static enum trace_peaks peaks_of_run(const struct recorder *recorder)
{
	if (recorder->plan->children == RECORD_CHILDREN_SUM)
		return TRACE_PEAKS_SAMPLES;
	return recorded_resets(recorder->first) ? TRACE_PEAKS_RESET : TRACE_PEAKS_MARK;
}

static void put_header(struct recorder *recorder)
{
	const struct sym_module *main = recorder->first->modules.items[0].file;
	struct text metrics = {0};
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	recorder->start_ns = trace_begin(recorder->writer, &recorder->clock);
	put_command(recorder);
	sample_metrics_put_names(recorder->plan->metrics, &metrics);
	trace_put_header(recorder->writer, &(struct trace_header){
						   .version = TRACE_VERSION,
						   .start_ns = recorder->start_ns,
						   .interval_ns = recorder->plan->interval_ns,
						   .pid = recorder->pid,
						   .host = host,
						   .executable = main->path,
						   .build_id = main->build_id,
						   .metrics = metrics.data,
						   .peaks = peaks_of_run(recorder),
						   .peak_bound = recorder->peak_bound,
					   });
	trace_end(recorder->writer);
	text_free(&metrics);
}

/* Not from the sampler's thread: a terminal may be held up. */
static void show_progress(void *context)
{
	struct recorder *recorder = context;
	struct record_progress now = {0};
	bool shown = recorder->plan->children == RECORD_CHILDREN_SUM;

	now.elapsed_ns = trace_begin(recorder->writer, &recorder->clock) - recorder->start_ns;
	now.calls = recorder->calls;
	now.peak = recorder->peak;
	now.rss = shown ? recorder_sum_of_tree(recorder) : 0;
	if (recorder->first && !shown)
		now.rss = recorder->first->last_rss;
	shown |= recorder->first != NULL;
	trace_end(recorder->writer);
	if (shown)
		recorder->plan->progress(recorder->plan->context, &now);
}

static void stop_ticking(struct recorder *recorder)
{
	recorder->missed += sampler_stop(recorder->sampler);
	sampler_stop(recorder->progress);
	recorder->sampler = recorder->progress = NULL;
}

int recorder_begin(struct recorder *recorder)
{
	if (trace_writer_open(recorder->plan->output, &recorder->writer, recorder->err) < 0 ||
	    recorded_read_from(recorder->first, recorder->pid, recorder->err) < 0)
		return -1;
	clock_anchor_set(&recorder->clock);
	recorder->most_threads = recorder->first->process->tasks;
	recorder->peak_bound = sample_peak_bound(recorder->most_threads);
	if (recorder->plan->metrics->from_cgroup)
		recorder->cgroup = sample_cgroup_open(recorder->pid);
	put_header(recorder);
	recorded_begin_program(recorder->first, recorder->first->process->launch_max_rss);
	recorder_put_task(recorder, target_first_task(recorder->target), TRACE_TASK_START);
	recorder_sample(recorder);
	if (sampler_start(&recorder->sampler, recorder->plan->interval_ns, recorder_sample, recorder,
			  recorder->err) < 0)
		return -1;
	if (recorder->plan->progress &&
	    sampler_start(&recorder->progress, PROGRESS_NS, show_progress, recorder, recorder->err) < 0)
		return -1;
	target_follow_cpus(recorder->target);
	return 0;
}

/* ---- serving ----------------------------------------------------------- */

/* The file can take no more: the program runs on without us noticing anything. */
static void stop_recording(struct recorder *recorder)
{
	struct recorded *recorded;
	size_t position = 0;

	recorder->disarmed = true;
	stop_ticking(recorder);
	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		probe_disarm(recorded->process->space);
}

/* Until the process that is recorded is gone, or we are asked to leave it. */
static void serve_until_end(struct recorder *recorder)
{
	struct stop stop;
	int found = 1;

	while (!recorder->failed && !recorder->detached &&
	       (found = target_next_stop(recorder->target, &stop)) > 0) {
		recorder_act(recorder, &stop);
		if (recorder->writer && !recorder->disarmed && trace_writer_failed(recorder->writer))
			stop_recording(recorder);
		/* What it has left behind, daemons for instance, is not waited for. */
		if (!recorder->first)
			break;
	}
	recorder->detached |= found < 0;
}

/* ---- end --------------------------------------------------------------- */

static void put_finish(struct recorder *recorder, const struct record_result *result)
{
	int status = result->wait_status;
	struct trace_finish finish = {
		.how = result->detached      ? TRACE_FINISH_DETACHED
		       : WIFSIGNALED(status) ? TRACE_FINISH_SIGNAL
					     : TRACE_FINISH_EXIT,
		.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		.peak = recorder->peak,
		.peak_least =
			recorder->plan->children != RECORD_CHILDREN_SUM && recorder_peak_is_least(recorder),
		.calls = recorder->calls,
		.missed = result->missed_samples,
	};

	if (result->peak_bound > recorder->peak_bound)
		finish.peak_bound = result->peak_bound;
	finish.time_ns = trace_begin(recorder->writer, &recorder->clock);
	trace_put_finish(recorder->writer, &finish);
	trace_end(recorder->writer);
}

static int finish(struct recorder *recorder, struct record_result *result)
{
	int failed;

	*result = (struct record_result){.detached = recorder->detached};
	if (!recorder->detached && !target_exit_status(recorder->target, &result->wait_status))
		return error_set(recorder->err, STATUS_FAILED,
				 "process %d: vanished without a status; try again", recorder->pid);
	if (!recorder->writer) {
		recorder->plan->warn(
			recorder->plan->context,
			"the program ended before its functions could be looked up: nothing was recorded; "
			"run it without fmprof to see why");
		return 0;
	}
	stop_ticking(recorder);
	result->missed_samples = recorder->missed;
	resolve_report_pending(recorder);
	recorder_tell_reset_error(recorder);
	if (recorder->plan->children != RECORD_CHILDREN_SUM && !recorder_peak_is_least(recorder))
		result->peak_bound = sample_peak_bound(recorder->most_threads);
	put_finish(recorder, result);
	result->functions = recorder->function_count;
	result->calls = recorder->calls;
	result->samples = recorder->samples;
	result->peak = recorder->peak;
	result->duration_ns = clock_epoch_ns(&recorder->clock) - recorder->start_ns;
	failed = trace_writer_close(recorder->writer, recorder->err);
	recorder->writer = NULL;
	return failed;
}

static void free_processes(struct recorder *recorder)
{
	struct recorded *recorded;
	size_t position = 0;

	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		recorded_remove(recorder, recorded);
	table_free(&recorder->processes);
}

static void recorder_free(struct recorder *recorder)
{
	struct error ignored = {0};

	stop_ticking(recorder);
	if (recorder->writer)
		trace_writer_close(recorder->writer, &ignored);
	error_free(&ignored);
	free_processes(recorder);
	sample_peaks_free(&recorder->tree_peaks);
	if (recorder->cgroup >= 0)
		close(recorder->cgroup);
	target_destroy(recorder->target);
	probe_destroy(recorder->probe);
	recorded_functions_free(recorder);
	free(recorder->spec_matched);
	free(recorder->exclude_matched);
}

/*
 * Whether the first task can be worked on: it was interrupted, or has just begun a program. At a signal's stop a system
 * call of ours would make the kernel forget who sent it.
 */
static bool is_first_stop(const struct recorder *recorder, const struct stop *stop)
{
	return stop->task->tid == recorder->pid &&
	       (stop->kind == STOP_INTERRUPTED || stop->kind == STOP_EXEC);
}

/* 1 and the stop, 0 if the process has ended. */
static int await_first_stop(struct recorder *recorder, struct stop *stop)
{
	for (;;) {
		int found = target_next_stop(recorder->target, stop);
		struct task *first;
		bool goes_on;

		if (found == 0)
			return 0;
		if (found < 0) { /* the time is over already */
			recorder->detached = true;
			continue;
		}
		if (is_first_stop(recorder, stop))
			return 1;
		goes_on = stop->task->tid == recorder->pid && stop->kind != STOP_TASK_GONE &&
			  stop->kind != STOP_TASK_EXIT;
		recorder_act(recorder, stop);
		first = target_first_task(recorder->target);
		if (goes_on && first) /* its stop took the interrupt back */
			task_interrupt(first);
	}
}

static int begin_attached(struct recorder *recorder)
{
	struct stop stop;
	int failed;

	if (await_first_stop(recorder, &stop) == 0)
		return error_set(recorder->err, STATUS_FAILED,
				 "process %d: ended before it could be recorded; try again", recorder->pid);
	target_interrupt_no_more(recorder->target);
	if (stop.kind == STOP_EXEC) { /* as one that is launched */
		target_renew_memory(recorder->target, stop.task->process);
		process_see_signals(recorder->target, stop.task);
		failed = resolve_program(recorder->first, stop.task);
		target_resume(stop.task, 0);
		return failed;
	}
	/* No library may come or go until they are watched, nor a child share memory that is not seen. */
	target_hold_others(recorder->target, stop.task, NULL, NULL);
	process_see_signals(recorder->target, stop.task);
	failed = resolve_attached(recorder->first, stop.task);
	recorder_act(recorder, &stop);
	return failed;
}

static int begin(struct recorder *recorder)
{
	if (!recorder->plan->argv)
		return begin_attached(recorder);
	process_see_signals(recorder->target, target_first_task(recorder->target));
	if (resolve_program(recorder->first, target_first_task(recorder->target)) < 0)
		return -1;
	target_resume(target_first_task(recorder->target), 0);
	return 0;
}

/* After the end: a launched program that was not to run is killed, everything else lives on. */
static void leave(struct recorder *recorder)
{
	if (recorder->plan->argv && recorder->first)
		target_kill(recorder->target);
	else
		recorder_let_go(recorder);
}

/* Each process that is recorded takes some. The program has been launched with the limit as it was. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int record_run(const struct record_plan *plan, struct record_result *result, struct error *err)
{
	struct recorder recorder = {.plan = plan, .err = err, .cgroup = -1};
	struct probe_observer observer = recorder_observer;
	struct forwarder *forwarder;
	int failed, fifo;

	if (check_output(plan->output, &fifo, err) < 0 ||
	    (plan->argv ? target_launch(plan->argv, &recorder.target, err)
			: target_attach(plan->pid, &recorder.target, err)) < 0)
		return -1;
	recorder.pid = target_process(recorder.target)->pid;
	if (plan->group)
		setpgid(0, plan->group);
	raise_descriptor_limit();
	forwarder = forwarder_start(&recorder);
	signal(SIGPIPE, SIG_IGN); /* after the launch: the program must not inherit it */
	observer.context = &recorder;
	recorder.probe = probe_create(recorder.target, &observer);
	recorder.spec_matched = mem_alloc(plan->spec_count * sizeof(bool));
	recorder.exclude_matched = mem_alloc(plan->exclude_count * sizeof(bool));
	recorded_add(&recorder, target_process(recorder.target));
	if (plan->argv)
		warn_about_privileges(&recorder, target_first_task(recorder.target));
	failed = begin(&recorder);
	if (!failed)
		serve_until_end(&recorder);
	if (recorder.failed)
		failed = -1;
	leave(&recorder);
	if (!failed)
		failed = finish(&recorder, result);
	forwarder_stop(forwarder);
	recorder_free(&recorder);
	if (fifo >= 0)
		close(fifo);
	return failed;
}

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder.h"

/* ---- begin ------------------------------------------------------------- */

/*
 * Before anything runs: can the file be written? Nothing is truncated or left
 * behind, since the program may still turn out not to exist.
 */
static int check_output(const char *path, struct error *err)
{
	struct stat info;
	bool existed = stat(path, &info) == 0;
	int fd;

	if (strcmp(path, "-") == 0)
		return 0;
	/* Opening a FIFO would wait for its reader and closing it would end it. */
	if (existed && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
		fd = access(path, W_OK) == 0 ? dup(STDERR_FILENO) : -1;
	else
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return error_set(err, STATUS_FAILED, "%s: cannot be written: %s; choose another file with -o",
				 path, strerror(errno));
	close(fd);
	if (!existed)
		unlink(path);
	return 0;
}

static void put_header(struct recorder *recorder)
{
	const struct sym_module *main = recorder->modules.items[0].file;
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	recorder->start_ns = trace_begin(recorder->writer, &recorder->clock);
	trace_put_command(recorder->writer, recorder->plan->argv);
	trace_put_header(recorder->writer, &(struct trace_header){
						   .version = TRACE_VERSION,
						   .start_ns = recorder->start_ns,
						   .interval_ns = recorder->plan->interval_ns,
						   .pid = recorder->pid,
						   .host = host,
						   .executable = main->path,
						   .build_id = main->build_id,
						   .metrics = "rss",
					   });
	trace_end(recorder->writer);
}

int recorder_begin(struct recorder *recorder)
{
	if (trace_writer_open(recorder->plan->output, &recorder->writer, recorder->err) < 0 ||
	    sample_source_open(&recorder->memory, recorder->pid, recorder->pid, recorder->err) < 0)
		return -1;
	clock_anchor_set(&recorder->clock);
	put_header(recorder);
	recorder_put_task(recorder, target_first_task(recorder->target), TRACE_TASK_START);
	recorder_sample(recorder);
	if (sampler_start(&recorder->sampler, recorder->plan->interval_ns, recorder_sample, recorder,
			  recorder->err) < 0)
		return -1;
	target_follow_cpus(recorder->target);
	return 0;
}

/* ---- stops ------------------------------------------------------------- */

static bool is_recorded(const struct recorder *recorder, const struct task *task)
{
	return recorder->writer && !recorder->disarmed && task->process == target_process(recorder->target);
}

/* How the calls of a task end that is at its exit event, or past it. */
static enum probe_end end_of_task(const struct recorder *recorder, struct task *task, int status)
{
	struct arch_regs regs;

	if (status == TARGET_GONE_BY_EXEC)
		return PROBE_END_EXEC;
	if (WIFSIGNALED(status))
		return PROBE_END_KILLED;
	if (task->process == target_process(recorder->target) && task->process->tasks > 1 &&
	    task_get_registers(task, &regs) == 0 && arch_is_thread_exit(&regs))
		return PROBE_END_THREAD_EXIT;
	return PROBE_END_EXIT;
}

/* Memory is read through one thread, and that thread may end before the others. */
static void read_through(struct recorder *recorder, const struct task *task)
{
	struct error err = {0};

	if (recorder->writer && task && recorder_read_from(recorder, task->tid, &err) < 0)
		recorder_note(recorder, err.message);
	error_free(&err);
}

static void act_exec(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;

	probe_end_task(recorder->probe, task, PROBE_END_EXEC, true);
	target_renew_memory(recorder->target, task->process);
	if (task->process != target_process(recorder->target)) {
		/* A child that shared our memory until now: it is safe from it. */
		target_detach(recorder->target, task);
		return;
	}
	recorder_put_task(recorder, task, TRACE_TASK_EXEC);
	read_through(recorder, task);
	if (resolve_program(recorder, task) < 0) {
		/* The program that is recorded became one that cannot be: it runs on. */
		recorder_note(recorder, recorder->err->message);
		error_free(recorder->err);
	}
	target_resume(recorder->target, task, 0);
}

static void act_task_exit(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;
	enum probe_end end = end_of_task(recorder, task, stop->status);

	if (is_recorded(recorder, task)) {
		probe_end_task(recorder->probe, task, end, true);
		recorder_put_task(recorder, task, TRACE_TASK_EXIT);
		if (end != PROBE_END_THREAD_EXIT) {
			recorder_sample(recorder);
			recorder_read_peak(recorder);
			/* Whoever waits for the program finds the file complete up to here. */
			trace_writer_flush(recorder->writer);
		}
		if (task->tid == recorder->memory.tid)
			read_through(recorder, target_other_task(recorder->target, task));
	}
	target_resume(recorder->target, task, 0);
}

static void act_signal(struct recorder *recorder, const struct stop *stop)
{
	probe_leave_slot(recorder->probe, stop->task);
	target_resume(recorder->target, stop->task, stop->signal);
}

static void act(struct recorder *recorder, const struct stop *stop)
{
	struct task *task = stop->task;

	switch (stop->kind) {
	case STOP_TRAP:
		if (probe_trap(recorder->probe, stop, is_recorded(recorder, task)))
			target_resume(recorder->target, task, 0);
		else
			act_signal(recorder, stop);
		break;
	case STOP_SIGNAL:
		act_signal(recorder, stop);
		break;
	case STOP_EXEC:
		act_exec(recorder, stop);
		break;
	case STOP_TASK_NEW:
		if (is_recorded(recorder, task))
			recorder_put_task(recorder, task, TRACE_TASK_START);
		target_resume(recorder->target, task, 0);
		break;
	case STOP_FORK:
		probe_clean_copy(recorder->probe, task);
		target_detach(recorder->target, task);
		break;
	case STOP_TASK_EXIT:
		act_task_exit(recorder, stop);
		break;
	case STOP_TASK_GONE:
		/* Nothing is left open here unless SIGKILL has swallowed the exit event. */
		if (is_recorded(recorder, task))
			probe_end_task(recorder->probe, task, end_of_task(recorder, task, stop->status),
				       stop->status == TARGET_GONE_BY_EXEC);
		break;
	}
}

/* The file can take no more: the program runs on without us noticing anything. */
static void stop_recording(struct recorder *recorder)
{
	recorder->disarmed = true;
	sampler_stop(recorder->sampler);
	recorder->sampler = NULL;
	probe_disarm(recorder->probe, target_process(recorder->target)->space);
}

static void serve_until_end(struct recorder *recorder)
{
	struct stop stop;

	while (!recorder->failed && target_next_stop(recorder->target, &stop)) {
		act(recorder, &stop);
		if (recorder->writer && !recorder->disarmed && trace_writer_failed(recorder->writer) &&
		    target_process(recorder->target))
			stop_recording(recorder);
	}
}

/* ---- end --------------------------------------------------------------- */

static void put_finish(struct recorder *recorder, int status)
{
	struct trace_finish finish = {
		.how = WIFSIGNALED(status) ? TRACE_FINISH_SIGNAL : TRACE_FINISH_EXIT,
		.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		.peak = recorder->peak,
		.calls = recorder->calls,
	};

	finish.time_ns = trace_begin(recorder->writer, &recorder->clock);
	trace_put_finish(recorder->writer, &finish);
	trace_end(recorder->writer);
}

static int finish(struct recorder *recorder, struct record_result *result)
{
	result->missed_samples = sampler_stop(recorder->sampler);
	recorder->sampler = NULL;
	if (!target_exit_status(recorder->target, &result->wait_status))
		return error_set(recorder->err, STATUS_FAILED,
				 "process %d: vanished without a status; try again", recorder->pid);
	resolve_report_pending(recorder);
	put_finish(recorder, result->wait_status);
	result->functions = recorder->function_count;
	result->calls = recorder->calls;
	result->samples = recorder->samples;
	result->peak = recorder->peak;
	result->duration_ns = clock_epoch_ns(&recorder->clock) - recorder->start_ns;
	int failed = trace_writer_close(recorder->writer, recorder->err);

	recorder->writer = NULL;
	return failed;
}

static void recorder_free(struct recorder *recorder)
{
	struct error ignored = {0};

	sampler_stop(recorder->sampler);
	if (recorder->writer)
		trace_writer_close(recorder->writer, &ignored);
	error_free(&ignored);
	sample_source_close(&recorder->memory);
	modules_free(&recorder->modules);
	target_destroy(recorder->target);
	probe_destroy(recorder->probe);
	for (size_t i = 0; i < recorder->function_count; i++)
		free(recorder->functions[i].name);
	free(recorder->functions);
	free(recorder->spec_matched);
	table_free(&recorder->traced);
}

int record_run(const struct record_plan *plan, struct record_result *result, struct error *err)
{
	struct recorder recorder = {.plan = plan, .err = err, .memory.fd = -1};
	struct probe_observer observer = recorder_observer;
	struct forwarder *forwarder;
	int failed = -1;

	if (check_output(plan->output, err) < 0 || target_launch(plan->argv, &recorder.target, err) < 0)
		return -1;
	recorder.pid = target_process(recorder.target)->pid;
	forwarder = forwarder_start(recorder.pid);
	signal(SIGPIPE, SIG_IGN); /* after the launch: the program must not inherit it */
	observer.context = &recorder;
	recorder.probe = probe_create(recorder.target, &observer);
	recorder.spec_matched = mem_alloc(plan->spec_count * sizeof(bool));
	if (resolve_program(&recorder, target_first_task(recorder.target)) == 0) {
		target_resume(recorder.target, target_first_task(recorder.target), 0);
		serve_until_end(&recorder);
		if (!recorder.failed)
			failed = finish(&recorder, result);
	}
	target_kill(recorder.target);
	forwarder_stop(forwarder);
	recorder_free(&recorder);
	return failed;
}

/* run: the programs of a suite, some at once. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folders.h"
#include "internal.h"
#include "measure.h"
#include "task.h"

enum { TICK_MS = 100 };

/* What runs. */
struct slot {
	struct task task;
	struct batch_result *result;
	size_t run;
	unsigned attempt; /* from 1 */
	pid_t keeper;     /* 0: the slot is free */
	int fd;           /* where the recorder's result comes from */
	struct text json;
};

struct batch {
	const struct batch_suite *suite;
	const struct batch_options *options;
	struct batch_summary *summary;
	struct slot *slots; /* options->jobs of them */
	struct pollfd *polls;
	size_t running, next_result, next_run;
	char *folder; /* absolute */
	int signals;  /* a signalfd */
	sigset_t mask;
	struct sigaction pipe_action, child_action;
	unsigned stops; /* how often it was told to end */
	struct error *err;
	bool failed;
};

/* ---- the summary ----------------------------------------------------------- */

static void result_init(struct batch_result *result, const struct batch_program *program)
{
	result->name = mem_strdup(program->name);
	result->command = mem_strdup(program->command);
	result->line = program->line;
	result->tags = strings_copy(program->tags);
	result->expected = program->expected;
	result->run_count = program->repeat;
	result->runs = mem_alloc(result->run_count * sizeof(*result->runs));
	for (size_t i = 0; i < result->run_count; i++) {
		result->runs[i].exit_status = -1;
		run_set_verdict(&result->runs[i], BATCH_NOT_RUN, "the batch was ended before");
	}
}

static void summary_init(struct batch *batch)
{
	struct batch_summary *summary = batch->summary;
	struct clock_anchor clock;
	char host[256] = "";

	clock_anchor_set(&clock);
	gethostname(host, sizeof(host) - 1);
	*summary = (struct batch_summary){
		.folder = mem_strdup(batch->options->folder),
		.suite = batch->suite->path ? mem_strdup(batch->suite->path) : NULL,
		.host = mem_strdup(host),
		.start_ns = clock_epoch_ns(&clock),
		.jobs = batch->options->jobs,
		.results = mem_alloc(batch->suite->count * sizeof(*summary->results)),
		.count = batch->suite->count,
	};
	for (size_t i = 0; i < summary->count; i++)
		result_init(&summary->results[i], &batch->suite->programs[i]);
}

static void summary_finish(struct batch *batch)
{
	struct batch_summary *summary = batch->summary;
	struct clock_anchor clock;

	clock_anchor_set(&clock);
	summary->duration_ns = clock_epoch_ns(&clock) - summary->start_ns;
	summary->interrupted = batch->stops > 0;
	for (size_t i = 0; i < summary->count; i++) {
		result_judge(&summary->results[i]);
		summary->totals[summary->results[i].verdict]++;
	}
}

/* ---- starting ---------------------------------------------------------------- */

static void task_free(struct task *task)
{
	free(task->folder);
	free(task->shown);
	free(task->name);
	*task = (struct task){0};
}

/* NAME/, or NAME/1/, NAME/2/ … of several runs. */
static void task_init(struct task *task, const struct batch *batch, size_t program, size_t run)
{
	*task = (struct task){
		.program = &batch->suite->programs[program],
		.options = batch->options,
		.mask = batch->mask,
		.pipe_action = batch->pipe_action,
		.child_action = batch->child_action,
	};
	task->name = folder_name(task->program->name);
	if (task->program->repeat > 1)
		task->shown = mem_printf("%s/%zu", task->name, run + 1);
	else
		task->shown = mem_strdup(task->name);
	task->folder = mem_printf("%s/%s", batch->folder, task->shown);
}

/* Batch itself cannot go on: nothing new is started, and what runs is ended. */
static void stop_all(struct batch *batch)
{
	batch->stops++;
	for (unsigned i = 0; i < batch->options->jobs; i++)
		if (batch->slots[i].keeper)
			kill(batch->slots[i].keeper, TASK_STOP);
}

static void fail(struct batch *batch)
{
	batch->failed = true;
	stop_all(batch);
}

static int start_keeper(struct slot *slot, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, STATUS_FAILED, "pipe: %s; raise the limit of open files",
				 strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	slot->keeper = keeper_start(&slot->task, ends[1]);
	close(ends[1]);
	if (slot->keeper > 0) {
		slot->fd = ends[0];
		return 0;
	}
	slot->keeper = 0;
	close(ends[0]);
	return error_set(err, STATUS_FAILED, "fork: %s; raise the limit of processes", strerror(errno));
}

static void start_attempt(struct batch *batch, struct slot *slot)
{
	text_clear(&slot->json);
	if (folder_prepare(slot->task.folder, slot->task.name, batch->err) < 0 ||
	    start_keeper(slot, batch->err) < 0)
		fail(batch);
	else
		batch->running++;
}

static void start_next(struct batch *batch, struct slot *slot)
{
	const struct batch_observer *observer = batch->options->observer;

	task_init(&slot->task, batch, batch->next_result, batch->next_run);
	slot->result = &batch->summary->results[batch->next_result];
	slot->run = batch->next_run;
	slot->attempt = 1;
	if (++batch->next_run == slot->result->run_count) {
		batch->next_result++;
		batch->next_run = 0;
	}
	start_attempt(batch, slot);
	if (slot->keeper && observer && observer->started)
		observer->started(observer->context, slot->result, slot->run);
}

static void start_more(struct batch *batch)
{
	for (unsigned i = 0; i < batch->options->jobs; i++) {
		if (batch->stops > 0 || batch->next_result == batch->summary->count)
			return;
		if (!batch->slots[i].keeper)
			start_next(batch, &batch->slots[i]);
	}
}

/* ---- ending ------------------------------------------------------------------ */

static void read_result(struct slot *slot)
{
	char bytes[16384];
	ssize_t length = -1;

	while (slot->fd >= 0 && (length = read(slot->fd, bytes, sizeof(bytes))) > 0)
		text_put(&slot->json, bytes, (size_t)length);
	if (slot->fd >= 0 && length == 0) { /* else poll would tell it until the keeper is gone, too */
		close(slot->fd);
		slot->fd = -1;
	}
}

/* What the recorder has told, or that it has told nothing. */
static void take_run(struct slot *slot, struct batch_run *run)
{
	json_t *json = slot->json.length > 0 ? json_loads(slot->json.data, 0, NULL) : NULL;
	struct error err = {0};

	run_result_free(run);
	if (!json || run_from_json(json, run, &err) < 0) {
		run_result_free(run);
		run->exit_status = -1;
		run_set_verdict(run, BATCH_RECORDING_FAILED, "the process that recorded it was killed");
	}
	run->attempts = slot->attempt;
	json_decref(json);
	error_free(&err);
}

/* A program may have ended by itself at the last moment; one that was killed before its exec seems to be not executable. */
static bool was_ended(const struct batch_run *run)
{
	return run->signal == SIGKILL ||
	       (run->signal == 0 && run->exit_status < 0 && run->verdict != BATCH_NOT_FOUND);
}

static void apply_outcome(struct batch_run *run, enum task_outcome outcome,
			  const struct batch_program *program)
{
	struct text words = {0};

	if (outcome == TASK_BY_ITSELF || !was_ended(run))
		return;
	if (outcome == TASK_TIMED_OUT) {
		label_put_duration(&words, program->timeout_ns);
		run_set_verdict(run, BATCH_TIMED_OUT, "after %s; all its processes were killed", words.data);
	} else {
		run_set_verdict(run, BATCH_INTERRUPTED, "the batch was ended while it ran");
	}
	text_free(&words);
}

static bool is_worth_another(const struct batch_run *run)
{
	return run->verdict != BATCH_PASSED && run->verdict != BATCH_NOT_FOUND &&
	       run->verdict != BATCH_NOT_EXECUTABLE;
}

static void slot_finish(struct batch *batch, struct slot *slot, int status)
{
	const struct batch_observer *observer = batch->options->observer;
	struct batch_run *run = &slot->result->runs[slot->run];

	read_result(slot);
	if (slot->fd >= 0)
		close(slot->fd);
	slot->keeper = 0;
	batch->running--;
	take_run(slot, run);
	apply_outcome(run, WIFEXITED(status) ? (enum task_outcome)WEXITSTATUS(status) : TASK_INTERRUPTED,
		      slot->task.program);
	if (is_worth_another(run) && slot->attempt <= slot->task.program->retry && batch->stops == 0) {
		if (folder_put_aside(slot->task.folder, slot->task.name, slot->attempt, batch->err) < 0) {
			fail(batch);
			return;
		}
		slot->attempt++;
		start_attempt(batch, slot);
		return;
	}
	if (observer && observer->finished)
		observer->finished(observer->context, slot->result, slot->run);
	task_free(&slot->task);
	if (run->verdict != BATCH_PASSED && batch->options->fail_fast && batch->stops == 0)
		stop_all(batch);
}

static void reap(struct batch *batch)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(
			    status)) { /* only its program can have done that; it would keep no time then */
			kill(pid, SIGCONT);
			continue;
		}
		for (unsigned i = 0; i < batch->options->jobs; i++)
			if (batch->slots[i].keeper == pid) {
				slot_finish(batch, &batch->slots[i], status);
				break;
			}
	}
}

static void take_signals(struct batch *batch)
{
	struct signalfd_siginfo info;

	while (read(batch->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(batch);
		else
			stop_all(batch);
	}
}

/* ---- the loop ---------------------------------------------------------------- */

static void wait_for_events(struct batch *batch)
{
	const struct batch_observer *observer = batch->options->observer;
	unsigned count = 0;

	batch->polls[count++] = (struct pollfd){.fd = batch->signals, .events = POLLIN};
	for (unsigned i = 0; i < batch->options->jobs; i++)
		if (batch->slots[i].keeper)
			batch->polls[count++] = (struct pollfd){.fd = batch->slots[i].fd, .events = POLLIN};
	if (poll(batch->polls, count, observer && observer->tick ? TICK_MS : -1) == 0)
		observer->tick(observer->context);
	for (unsigned i = 0; i < batch->options->jobs; i++)
		if (batch->slots[i].keeper)
			read_result(&batch->slots[i]);
	take_signals(batch);
}

/* Those that end it are blocked, and read in order; what is ignored stays ignored. */
static int watch_signals(struct batch *batch, sigset_t *before)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	const struct sigaction ignore = {.sa_handler = SIG_IGN}, normal = {.sa_handler = SIG_DFL};
	sigset_t signals, blocked;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sigaddset(&signals, ending[i]);
	blocked = signals;
	sigaddset(&blocked, TASK_STOP);
	sigaddset(&blocked, TASK_ENDED);
	batch->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (batch->signals < 0)
		return error_set(batch->err, STATUS_FAILED, "signalfd: %s; raise the limit of open files",
				 strerror(errno));
	sigprocmask(SIG_BLOCK, &blocked, before);
	batch->mask = *before;
	/* Ignored, it would let the kernel reap keepers. */
	sigaction(SIGCHLD, &normal, &batch->child_action);
	sigaction(SIGPIPE, &ignore, &batch->pipe_action);
	return 0;
}

static void watch_no_more(struct batch *batch, const sigset_t *before)
{
	take_signals(batch); /* a ^C that came while it was ending was meant for that */
	close(batch->signals);
	sigaction(SIGCHLD, &batch->child_action, NULL);
	sigaction(SIGPIPE, &batch->pipe_action, NULL);
	sigprocmask(SIG_SETMASK, before, NULL);
}

static void run_all(struct batch *batch)
{
	start_more(batch);
	while (batch->running > 0) {
		wait_for_events(batch);
		start_more(batch);
	}
}

static void batch_free(struct batch *batch)
{
	for (unsigned i = 0; i < batch->options->jobs; i++) {
		task_free(&batch->slots[i].task);
		text_free(&batch->slots[i].json);
	}
	free(batch->slots);
	free(batch->polls);
	free(batch->folder);
}

int batch_suite_run(const struct batch_suite *suite, const struct batch_options *options,
		    struct batch_summary *summary, struct error *err)
{
	struct batch batch = {.suite = suite, .options = options, .summary = summary, .err = err};
	char *path = mem_printf("%s/summary.json", options->folder);
	sigset_t before;
	int status = folder_make(options->folder, err), taken = -1;

	*summary = (struct batch_summary){0};
	batch.slots = mem_alloc(options->jobs * sizeof(*batch.slots));
	batch.polls = mem_alloc((options->jobs + 1) * sizeof(*batch.polls));
	if (status == 0)
		status = folder_take(options->folder, &taken, err);
	batch.folder = status == 0 ? realpath(options->folder, NULL) : NULL;
	if (status == 0 && !batch.folder)
		status = error_set(err, STATUS_FAILED, "%s: %s; choose another folder with -o",
				   options->folder, strerror(errno));
	if (status == 0)
		status = watch_signals(&batch, &before);
	if (status == 0) {
		summary_init(&batch);
		run_all(&batch);
		summary_finish(&batch);
		watch_no_more(&batch, &before);
		status = batch_summary_write(summary, path, err);
		if (batch.failed)
			status = -1;
	}
	if (taken >= 0)
		close(taken);
	batch_free(&batch);
	free(path);
	return status;
}

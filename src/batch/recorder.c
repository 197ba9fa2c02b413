/* recorder: one program, recorded, measured and judged, in a process that is there for nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fmprof/plot.h"
#include "internal.h"
#include "measure.h"
#include "suite.h"
#include "task.h"

/* What record_run is given, besides the plan. */
struct chosen {
	struct sym_spec *specs, *excludes;
	struct sample_metrics metrics;
};

static void add_warning(void *context, const char *text)
{
	struct batch_run *run = context;

	run->warnings = strings_add(run->warnings, mem_strdup(text));
}

/* How often the kernel has killed for want of memory, here or in any container; 0 where it does not tell (before 4.13). */
static uint64_t count_oom_kills(void)
{
	FILE *file = fopen("/proc/vmstat", "re");
	unsigned long long kills = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "oom_kill %llu", &kills) == 1)
			break;
	if (file)
		fclose(file);
	return kills;
}

/* ---- what the program finds ---------------------------------------------- */

static int open_as(int fd, const char *path, int flags, const char *what, struct error *err)
{
	int opened = open(path, flags, 0666);

	if (opened < 0 || (opened != fd && dup2(opened, fd) < 0))
		return error_set(err, STATUS_FAILED, "%s '%s': %s", what, path, strerror(errno));
	if (opened != fd)
		close(opened);
	return 0;
}

/* Not what a shell has made of <(command), which has no path. */
static bool is_named_pipe(const char *path)
{
	struct stat status;
	char *whole = stat(path, &status) == 0 && S_ISFIFO(status.st_mode) ? realpath(path, NULL) : NULL;

	free(whole);
	return whole != NULL;
}

static int open_input(const struct batch_program *program, struct error *err)
{
	const char *path = program->input ? program->input : "/dev/null";

	/* Nobody could end the waiting for one who writes to it: the recorder is spared, for its last lines. */
	if (is_named_pipe(path))
		return error_set(err, STATUS_FAILED, "stdin '%s': a named pipe; name a file", path);
	return open_as(STDIN_FILENO, path, O_RDONLY, "stdin", err);
}

static int set_scene(const struct task *task, struct batch_run *run, struct error *err)
{
	const struct batch_program *program = task->program;
	char *out = mem_printf("%s/stdout", task->folder), *errors = mem_printf("%s/stderr", task->folder);
	const int written = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
	int status = -1;

	if (open_as(STDOUT_FILENO, out, written, "stdout", err) == 0 &&
	    open_as(STDERR_FILENO, errors, written, "stderr", err) == 0) {
		run->out = mem_printf("%s/stdout", task->shown);
		run->err = mem_printf("%s/stderr", task->shown);
		status = open_input(program, err);
	}
	free(out);
	free(errors);
	if (status == 0 && program->folder && chdir(program->folder) < 0)
		status = error_set(err, STATUS_FAILED, "cwd '%s': %s", program->folder, strerror(errno));
	for (size_t i = 0; program->environment && program->environment[i]; i++)
		putenv(program->environment[i]);
	sigaction(SIGPIPE, &task->pipe_action, NULL);
	sigaction(SIGCHLD, &task->child_action, NULL);
	sigprocmask(SIG_SETMASK, &task->mask, NULL);
	return status;
}

/* ---- recording ------------------------------------------------------------ */

static struct sym_spec *parse_specs(char *const *words, struct error *err)
{
	struct sym_spec *specs = mem_alloc((strings_count(words) + 1) * sizeof(*specs));

	for (size_t i = 0; words && words[i]; i++)
		if (sym_spec_parse(words[i], &specs[i], err) < 0) {
			free(specs);
			return NULL;
		}
	return specs;
}

static int choose(const struct batch_program *program, char *const *specs, struct chosen *chosen,
		  struct error *err)
{
	chosen->specs = parse_specs(specs, err);
	chosen->excludes = parse_specs(program->excludes, err);
	if (!chosen->specs || !chosen->excludes)
		return -1;
	return sample_metrics_choose(&chosen->metrics, program->metrics, err);
}

static int record(const struct task *task, pid_t keeper, const char *data, struct batch_run *run,
		  struct error *err)
{
	const struct batch_program *program = task->program;
	struct record_result result;
	struct chosen chosen = {0};
	char **specs = program_specs(program);
	struct record_plan plan = {
		.argv = program->argv,
		.spec_count = strings_count(specs),
		/* Those of [defaults] may have nothing to take away. */
		.exclude_count = specs[0] ? strings_count(program->excludes) : 0,
		.sources = task->options->sources,
		.interval_ns = program->interval_ns,
		.children = program->children,
		.metrics = &chosen.metrics,
		.output = data,
		.group = keeper,
		.warn = add_warning,
		.context = run,
	};

	if (choose(program, specs, &chosen, err) < 0)
		return -1;
	plan.specs = chosen.specs;
	plan.excludes = chosen.excludes;
	if (record_run(&plan, &result, err) < 0)
		return -1;
	if (WIFSIGNALED(result.wait_status))
		run->signal = WTERMSIG(result.wait_status);
	else
		run->exit_status = WEXITSTATUS(result.wait_status);
	return 0;
}

/* ---- afterwards ----------------------------------------------------------- */

static void draw(const struct task *task, const char *data, struct batch_run *run)
{
	enum batch_pictures wanted = task->options->pictures;
	char *picture = mem_printf("%s/%s.png", task->folder, task->name);
	const struct plot_options options = {
		.output = picture, .format = PLOT_PNG, .title = task->program->name};
	struct error err = {0};
	struct run *recording;

	if (wanted == BATCH_PICTURES_NONE ||
	    (wanted == BATCH_PICTURES_FAILED && run->verdict == BATCH_PASSED)) {
		free(picture);
		return;
	}
	if (run_load(data, NULL, &recording, &err) == 0) {
		if (plot_draw(recording, &options, &err) == 0)
			run->picture = mem_printf("%s/%s.png", task->shown, task->name);
		run_free(recording);
	}
	if (err.message)
		add_warning(run, err.message);
	error_free(&err);
	free(picture);
}

static void measure_and_judge(const struct task *task, const char *data, bool has_oom_kill,
			      struct batch_run *run)
{
	struct error err = {0};

	if (access(data, F_OK) == 0) {
		run->data = mem_printf("%s/%s.dat", task->shown, task->name);
		run_measure(run, task->program, data, &err);
	}
	run_judge(run, &task->program->expected);
	if (run->signal == SIGKILL && has_oom_kill)
		run_set_verdict(run, BATCH_OOM_KILLED, "killed by the kernel, which had no memory left");
	else if (run->verdict == BATCH_PASSED && run->samples == 0)
		run_set_verdict(run, BATCH_RECORDING_FAILED, "%s",
				err.message     ? err.message
				: run->warnings ? run->warnings[0]
						: "nothing was recorded");
	error_free(&err);
}

static enum batch_verdict verdict_of_status(int status)
{
	if (status == STATUS_NOT_FOUND)
		return BATCH_NOT_FOUND;
	return status == STATUS_NOT_EXECUTABLE ? BATCH_NOT_EXECUTABLE : BATCH_RECORDING_FAILED;
}

/* Whoever should read it may be gone. Not json_dumpfd, which writes every word by itself, and wakes batch each time. */
static void put_run(const struct batch_run *run, int fd)
{
	json_t *json = run_to_json(run);
	char *bytes = json ? json_dumps(json, JSON_COMPACT) : NULL;
	size_t left = bytes ? strlen(bytes) : 0;
	ssize_t put = 0;

	for (char *at = bytes; left > 0 && put >= 0; at += put, left -= (size_t)put)
		put = write(fd, at, left);
	free(bytes);
	json_decref(json);
}

void recorder_run(const struct task *task, pid_t keeper, int result_fd)
{
	struct batch_run run = {.exit_status = -1, .attempts = 1};
	char *data = mem_printf("%s/%s.dat", task->folder, task->name);
	char **own_environment = strings_copy(environ);
	uint64_t oom_kills = count_oom_kills();
	struct error err = {0};

	/* The program's group, until that has begun; and the program ends with us (target_launch). */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (set_scene(task, &run, &err) < 0 || record(task, keeper, data, &run, &err) < 0) {
		run_set_verdict(&run, verdict_of_status(err.status), "%s", err.message);
		if (access(data, F_OK) == 0)
			run.data = mem_printf("%s/%s.dat", task->shown, task->name);
		error_free(&err);
		kill(keeper, TASK_ENDED);
	} else {
		kill(keeper, TASK_ENDED);
		measure_and_judge(task, data, count_oom_kills() > oom_kills, &run);
	}
	environ = own_environment; /* the program's PATH and LD_LIBRARY_PATH are not for gnuplot */
	if (run.samples > 0)
		draw(task, data, &run);
	put_run(&run, result_fd);
	run_result_free(&run);
	free(data);
}

/*
 * The recording is made by a child of the process that the user sees. If that one is killed
 * without warning (kill -9), the child is told (PR_SET_PDEATHSIG), takes the trap bytes out of the
 * target and lets it go. A tracer that was itself killed could not do that, and the target would die at
 * the next trap.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "record_options.h"

static void print_help(void)
{
	printf("usage: fmprof attach [options] PID|NAME\n"
	       "Records a running process until it ends, until ^C, or for a time; it lives on.\n\n"
	       "%s%s"
	       "  -t, --timeout TIME      let it go after this time\n"
	       "  -h, --help\n\n"
	       "NAME is a process's name as in ps -o comm; it must be the only one of that name.\n"
	       "SPEC as in fmprof run. Exit status: 0, or 125 if fmprof failed.\n",
	       record_options_help, source_options_help);
}

/* ---- which process ----------------------------------------------------- */

static bool has_name(pid_t pid, const char *name)
{
	char *path = mem_printf("/proc/%d/comm", pid), comm[64] = "";
	FILE *file = fopen(path, "re");

	free(path);
	if (file) {
		if (fgets(comm, sizeof(comm), file))
			comm[strcspn(comm, "\n")] = '\0';
		fclose(file);
	}
	/* The kernel keeps the first 15 bytes. */
	return *comm && strncmp(comm, name, 15) == 0 &&
	       strlen(comm) == (strlen(name) < 15 ? strlen(name) : 15);
}

static int find_by_name(const char *name, pid_t *pid, struct error *err)
{
	DIR *folder = opendir("/proc");
	struct text list = {0};
	int count = 0;

	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		pid_t candidate = (pid_t)strtol(entry->d_name, NULL, 10);

		if (candidate <= 0 || candidate == getpid() || !has_name(candidate, name))
			continue;
		*pid = candidate;
		text_printf(&list, "%s%d", count++ ? ", " : "", candidate);
	}
	if (folder)
		closedir(folder);
	if (count == 0)
		error_set(err, STATUS_FAILED,
			  "process '%s': there is none of that name; see ps -e -o pid,comm", name);
	else if (count > 1)
		error_set(err, STATUS_FAILED,
			  "process '%s': there are %d of that name; choose one by number: %s", name, count,
			  list.data);
	text_free(&list);
	return count == 1 ? 0 : -1;
}

static int find_process(const char *word, pid_t *pid, struct error *err)
{
	char *end;
	long number = strtol(word, &end, 10);

	if (*word && !*end && number > 0 && number <= INT32_MAX) {
		*pid = (pid_t)number;
		return 0;
	}
	return find_by_name(word, pid, err);
}

/* ---- two processes ----------------------------------------------------- */

static int record(struct record_options *options, pid_t pid)
{
	struct record_plan plan = {.pid = pid};
	struct record_result result;
	struct error err = {0};

	record_options_plan(options, &plan);
	if (afterwards_check(&options->afterwards, plan.output, &err) < 0 ||
	    record_run(&plan, &result, &err) < 0) {
		progress_clear(&options->progress);
		return cmd_fail(&err);
	}
	return record_options_finish(options, &result, plan.output) < 0 ? STATUS_FAILED : 0;
}

/* What somebody sends to the process that is seen is for the one that records. */
static int wait_for_recorder(pid_t recorder, const sigset_t *signals)
{
	int status;

	for (;;) {
		siginfo_t info;
		int number = sigwaitinfo(signals, &info);

		if (number == SIGCHLD && waitpid(recorder, &status, WNOHANG) == recorder)
			return WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_FAILED;
		/* From a terminal the recorder has it already. */
		if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL)
			kill(recorder, number);
	}
}

static int record_in_child(struct record_options *options, pid_t pid, struct error *err)
{
	sigset_t signals, before;
	pid_t parent = getpid(), recorder;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGQUIT);
	sigprocmask(SIG_BLOCK, &signals, &before);
	recorder = fork();
	if (recorder < 0)
		return error_set(err, STATUS_FAILED, "fork: %s; raise the limit of processes",
				 strerror(errno));
	if (recorder == 0) {
		/* Everything but SIGCHLD stays blocked until the recorder waits for it itself. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		/* So that `pkill -9 fmprof` kills only the one that may be killed. */
		prctl(PR_SET_NAME, "fm-recorder");
		if (getppid() != parent)
			_exit(STATUS_FAILED);
		exit(record(options, pid));
	}
	return wait_for_recorder(recorder, &signals);
}

int cmd_attach(int argc, char **argv)
{
	struct record_options options;
	struct error err = {0};
	pid_t pid;
	int status;

	record_options_init(&options);
	options.may_time_out = true;
	options.keep_peak_mark = true; /* it may be somebody's who looks at it */
	status = record_options_parse(&options, argc, argv, print_help, &err);
	if (status > 0 && optind + 1 != argc)
		status = error_set(&err, STATUS_FAILED,
				   "attach: %s; name one process: fmprof attach -f FUNCTION PID",
				   optind == argc ? "no process" : "more than one process");
	if (status > 0)
		status = find_process(argv[optind], &pid, &err) < 0 ? -1
								    : record_in_child(&options, pid, &err);
	record_options_free(&options);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return status;
}

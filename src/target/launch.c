#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptrace.h"
#include "target_internal.h"

/* Not execvp itself, because it runs a file of no known format with /bin/sh, which would then be recorded
 * instead. EACCES is kept over ENOENT, as execvp does. */
char *program_find(const char *name, int *error)
{
	const char *path = getenv("PATH");

	*error = ENOENT;
	if (strchr(name, '/'))
		return mem_strdup(name);
	if (!path)
		path = "/bin:/usr/bin";
	for (;;) {
		size_t length = strcspn(path, ":");
		char *candidate =
			length ? mem_printf("%.*s/%s", (int)length, path, name) : mem_printf("./%s", name);
		struct stat info;

		if (stat(candidate, &info) == 0 && S_ISREG(info.st_mode)) {
			if (access(candidate, X_OK) == 0)
				return candidate;
			*error = EACCES;
		}
		free(candidate);
		if (!path[length])
			return NULL;
		path += length + 1;
	}
}

/* `path`, if it is known, was there: what is not is what the kernel starts to run it. */
static int set_exec_error(struct error *err, const char *name, const char *path, int error)
{
	if (error == ENOENT && path && access(path, F_OK) == 0)
		return error_set(err, STATUS_NOT_FOUND,
				 "%s: its interpreter is not there; check the first line of the script, or "
				 "with 'file -L' which loader the program wants",
				 name);
	if (error == ENOENT || error == ENOTDIR)
		return error_set(err, STATUS_NOT_FOUND, "%s: program not found; check its name or path",
				 name);
	if (error == ENOEXEC)
		return error_set(
			err, STATUS_NOT_EXECUTABLE,
			"%s: cannot be executed: neither a program of this machine nor a script that "
			"begins with #!; name its interpreter first",
			name);
	return error_set(err, STATUS_NOT_EXECUTABLE, "%s: cannot be executed: %s; check its mode and owner",
			 name, strerror(error));
}

/* In the child: wait until we are seized, then become the program. */
static void run_child(const char *path, char *const argv[], int go_fd, int report_fd)
{
	char byte;
	int error;

	/* The pipe's other end closes without a byte if the parent gave up. */
	if (read(go_fd, &byte, 1) != 1)
		_exit(STATUS_FAILED);
	execv(path, argv);
	error = errno;
	/* If the parent is gone there is nobody left to tell. */
	if (write(report_fd, &error, sizeof(error)) != sizeof(error))
		_exit(STATUS_FAILED);
	_exit(STATUS_NOT_EXECUTABLE);
}

/*
 * Waits for the stop at exec. Returns 0, or the error number that exec gave
 * the child. The first stop of a seized child that never stopped before is
 * PTRACE_EVENT_EXEC, without a SIGSTOP or SIGTRAP before it (Linux 6.18).
 */
static int wait_for_exec(pid_t pid, int report_fd, uint64_t *max_rss)
{
	struct rusage usage;
	int status, error;

	for (;;) {
		if (wait4(pid, &status, __WALL, &usage) < 0) {
			if (errno == EINTR)
				continue;
			return errno;
		}
		if (!WIFSTOPPED(status)) /* it exited, exec failed */
			return read(report_fd, &error, sizeof(error)) == sizeof(error) ? error : ECHILD;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
			*max_rss = (uint64_t)usage.ru_maxrss * 1024;
			return 0;
		}
		/* A signal that came before exec, or the exit event of a child whose exec failed. */
		ptrace_call(PTRACE_CONT, pid, 0, status >> 16 ? 0 : (uintptr_t)WSTOPSIG(status));
	}
}

/*
 * SIGCHLD ignored, as fmprof may have inherited it, would let the kernel reap the
 * program before its status is read. SA_NOCLDSTOP spares the kernel a signal for every stop.
 * After the fork: the program keeps what was inherited.
 */
void target_watch_children(void)
{
	const struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP};

	sigaction(SIGCHLD, &action, NULL);
}

static pid_t spawn_seized(const char *path, char *const argv[], uint64_t *max_rss, struct error *err)
{
	int go[2], report[2], failure;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0)
		return error_set(err, STATUS_FAILED, "pipe: %s; raise the limit of open files",
				 strerror(errno));
	if (pipe2(report, O_CLOEXEC) < 0) {
		error_set(err, STATUS_FAILED, "pipe: %s; raise the limit of open files", strerror(errno));
		goto close_go;
	}
	pid = fork();
	if (pid < 0) {
		error_set(err, STATUS_FAILED, "fork: %s; raise the limit of processes", strerror(errno));
		goto close_report;
	}
	if (pid == 0) {
		close(go[1]); /* else its own copy would keep the read from ending */
		run_child(path, argv, go[0], report[1]);
	}
	target_watch_children();
	failure = ptrace_call(PTRACE_SEIZE, pid, 0, TARGET_OPTIONS | PTRACE_O_EXITKILL);
	if (failure) {
		error_set(err, STATUS_FAILED, "%s: cannot be traced: %s", argv[0],
			  failure == EPERM ? ptrace_diagnose_eperm() : strerror(failure));
		goto kill_child;
	}
	if (write(go[1], "", 1) != 1) {
		error_set(err, STATUS_FAILED, "%s: the new process died at once; try again", argv[0]);
		goto kill_child;
	}
	close(report[1]); /* so that reading it ends when the child has none */
	report[1] = -1;
	failure = wait_for_exec(pid, report[0], max_rss);
	if (failure) {
		set_exec_error(err, argv[0], path, failure);
		goto close_report;
	}
	close(go[0]);
	close(go[1]);
	close(report[0]);
	return pid;

kill_child:
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
close_report:
	close(report[0]);
	if (report[1] >= 0)
		close(report[1]);
close_go:
	close(go[0]);
	close(go[1]);
	return -1;
}

int target_launch(char *const argv[], struct target **target, struct error *err)
{
	int error;
	char *path = program_find(argv[0], &error);
	uint64_t max_rss = 0;
	pid_t pid;

	if (!path)
		return set_exec_error(err, argv[0], NULL, error);
	pid = spawn_seized(path, argv, &max_rss, err);
	free(path);
	if (pid < 0)
		return -1;
	*target = target_create(pid);
	(*target)->process->launch_max_rss = max_rss;
	return 0;
}

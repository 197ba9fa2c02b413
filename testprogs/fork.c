/*
 * PURPOSE: children that are not recorded must live. Each is forked inside a traced call, returns from it (with the
 * frame and the code that it inherited), calls traced functions itself, forks a child of its own and exits with its
 * own status, which the parent checks. Only the parent's calls are in the file.
 * TRACE: fork_inside work
 * ARGUMENTS: [CHILDREN [CALLS_EACH]] = 4 10
 */
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

enum { STATUS_BASE = 10, STATUS_GRANDCHILD = 99 };

TRACED pid_t fork_inside(void);
TRACED long work(long n);

pid_t fork_inside(void)
{
	pid_t pid = fork();

	hide(pid);
	return pid;
}

long work(long n)
{
	return hide(n) * 3 + 1;
}

static void work_often(long times)
{
	for (long i = 0; i < times; i++)
		require(work(i) == i * 3 + 1, "work");
}

static void wait_for(pid_t pid, int expected)
{
	int status;

	require(pid > 0, "fork");
	require(waitpid(pid, &status, 0) == pid, "waitpid");
	require(WIFEXITED(status) && WEXITSTATUS(status) == expected, "the child's status");
}

static void child_run(long index, long calls)
{
	work_often(calls);
	pid_t pid = fork_inside();
	if (pid == 0) {
		work_often(calls);
		_exit(STATUS_GRANDCHILD);
	}
	wait_for(pid, STATUS_GRANDCHILD);
	work_often(calls);
	_exit((int)(STATUS_BASE + index % 100));
}

int main(int argc, char **argv)
{
	long children = argument(argc, argv, 1, 1, 4);
	long calls = argument(argc, argv, 2, 1, 10);
	pid_t *pids = calloc((size_t)children, sizeof(*pids));

	require(pids != NULL, "out of memory");
	for (long i = 0; i < children; i++) {
		work_often(calls);
		pids[i] = fork_inside();
		if (pids[i] == 0)
			child_run(i, calls);
	}
	work_often(calls);
	for (long i = 0; i < children; i++)
		wait_for(pids[i], (int)(STATUS_BASE + i % 100));
	free(pids);

	truth_calls("fork_inside", children);
	truth_end("fork_inside", "return", children);
	truth_max_depth("fork_inside", 0);
	truth_calls("work", (children + 1) * calls);
	truth_end("work", "return", (children + 1) * calls);
	truth_max_depth("work", 0);
	truth_threads("work", 1);
	truth_exit(0);
	return 0;
}

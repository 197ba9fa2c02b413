/*
 * PURPOSE: children that share the parent's memory until they exec or exit: vfork inside a traced call, a traced
 * function called in the child on the parent's stack, then exec of /bin/true, exec of this program, or _exit; and
 * posix_spawn. Their statuses are checked, and only the parent's calls are in the file.
 * TRACE: launch prepare
 * ARGUMENTS: [TIMES] = 2
 */
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

enum kind { EXEC_TRUE, EXEC_SELF, EXIT_AT_ONCE, KINDS };
enum { STATUS_SELF = 5, STATUS_EXIT = 9, STATUS_FAILED = 127 };

extern char **environ;

TRACED pid_t launch(enum kind kind);
TRACED long prepare(long n);

static char child_word[] = "child";
static char *const self_arguments[] = {child_word, child_word, NULL};
static char true_word[] = "true";
static char *const true_arguments[] = {true_word, NULL};
static const char self_path[] = "/proc/self/exe";
static const char true_path[] = "/bin/true";

long prepare(long n)
{
	return hide(n) + 7;
}

pid_t launch(enum kind kind)
{
	pid_t pid = vfork();

	if (pid == 0) {
		if (prepare(kind) != (long)kind + 7)
			_exit(STATUS_FAILED);
		if (kind == EXEC_TRUE) {
			execve(true_path, true_arguments, environ);
		} else if (kind == EXEC_SELF) {
			execve(self_path, self_arguments, environ);
		} else {
			_exit(STATUS_EXIT);
		}
		_exit(STATUS_FAILED);
	}
	hide(pid);
	return pid;
}

static void wait_for(pid_t pid, int expected)
{
	int status;

	require(pid > 0, "no child");
	require(waitpid(pid, &status, 0) == pid, "waitpid");
	require(WIFEXITED(status) && WEXITSTATUS(status) == expected, "the child's status");
}

static pid_t spawn(const char *path, char *const arguments[])
{
	pid_t pid;

	require(posix_spawn(&pid, path, NULL, NULL, arguments, environ) == 0, "posix_spawn");
	return pid;
}

int main(int argc, char **argv)
{
	static const int expected[KINDS] = {
		[EXEC_TRUE] = 0, [EXEC_SELF] = STATUS_SELF, [EXIT_AT_ONCE] = STATUS_EXIT};

	if (argc == 2 && strcmp(argv[1], child_word) == 0)
		return prepare(1) == 8 ? STATUS_SELF : STATUS_FAILED;
	long times = argument(argc, argv, 1, 1, 2);
	for (long i = 0; i < times; i++) {
		for (int kind = 0; kind < KINDS; kind++) {
			wait_for(launch((enum kind)kind), expected[kind]);
			require(prepare(i) == i + 7, "prepare");
		}
		wait_for(spawn(true_path, true_arguments), 0);
		wait_for(spawn(self_path, self_arguments), STATUS_SELF);
	}

	truth_calls("launch", times * KINDS);
	truth_end("launch", "return", times * KINDS);
	truth_max_depth("launch", 0);
	truth_calls("prepare", times * KINDS);
	truth_end("prepare", "return", times * KINDS);
	truth_max_depth("prepare", 0);
	for (long i = 0; i < times * KINDS && times <= 100; i++) {
		truth_enter("launch", 0);
		truth_enter("prepare", 0);
	}
	truth_exit(0);
	return 0;
}

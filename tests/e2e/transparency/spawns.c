/*
 * PURPOSE: children that share memory until their exec, from a process of one thread or while others make calls.
 * Prints how many of them ended with status 0, and how many calls were made.
 * ARGUMENTS: vfork|spawn|vm THREADS TIMES PROGRAM [ARGUMENT...]
 * TRACE: work start
 */
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { STACK = 65536 };
static char stack[STACK];
static atomic_long calls;
static atomic_bool over;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

static void *work_on(void *argument)
{
	while (!over) {
		work();
		calls++;
	}
	return argument;
}

static int execute(void *argv)
{
	work(); /* a child's: not to be counted */
	execv(*(char **)argv, argv);
	_exit(127);
}

__attribute__((noinline)) pid_t start(const char *kind, char **argv)
{
	pid_t pid = -1;

	if (strcmp(kind, "vfork") == 0) {
		pid = vfork();
		if (pid == 0)
			execute(argv);
	} else if (strcmp(kind, "vm") == 0) {
		pid = clone(execute, stack + STACK, CLONE_VM | SIGCHLD, argv);
	} else if (posix_spawn(&pid, *argv, NULL, NULL, argv, environ) != 0) {
		pid = -1;
	}
	return pid;
}

int main(int argc, char **argv)
{
	int threads, times, ended = 0, status;

	if (argc < 5)
		return 2;
	threads = atoi(argv[2]);
	times = atoi(argv[3]);
	pthread_t ids[threads + 1];
	for (int i = 0; i < threads; i++)
		pthread_create(&ids[i], NULL, work_on, NULL);
	for (int i = 0; i < times; i++) {
		pid_t pid = start(argv[1], argv + 4);

		work();
		calls++;
		ended += pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
	}
	over = true;
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	printf("ended %d\nwork %ld\nstart %d\n", ended, calls, times);
}

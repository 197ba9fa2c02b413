/*
 * PURPOSE: a child by vfork shares the memory of a process, and calls its functions, when a tracer comes. It is another thread than the
 * first that waits for it.
 * ARGUMENTS: [traced]: the child waits until the tracer is there
 * TRACE: work
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int waits;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

static int is_traced(pid_t pid)
{
	char line[256], path[64];
	int traced = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "TracerPid:", 10) == 0)
			traced = strcmp(line + 10, "\t0\n") != 0;
	fclose(file);
	return traced;
}

static void *starts(void *argument)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		if (write(1, "ready\n", 6) != 6)
			_exit(1);
		while (waits && !is_traced(getppid()))
			usleep(1000);
		for (int i = 0; i < 10; i++) {
			work();
			usleep(5000);
		}
		_exit(7);
	}
	waitpid(pid, &status, 0);
	work();
	printf("status %x\n", (unsigned)status);
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	(void)argv;
	waits = argc > 1;
	pthread_create(&thread, NULL, starts, NULL);
	pthread_join(thread, NULL);
	work();
}

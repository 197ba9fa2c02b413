/*
 * PURPOSE: a daemon that lives on after its parents, calls functions that were traced in them, and tells in a file.
 * ARGUMENTS: WAIT_FILE RESULT_FILE: when the first is there it goes on, calls, and writes the second
 * TRACE: work
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile long worked;

__attribute__((noinline)) void work(void)
{
	worked++;
}

int main(int argc, char **argv)
{
	FILE *file;

	if (argc != 3)
		return 2;
	work();
	if (fork() != 0) {
		work();
		return 0;
	}
	work();
	setsid();
	if (fork() != 0)
		_exit(0);
	work();
	for (int i = 0; i < 3; i++)
		close(i);
	alarm(60);
	while (access(argv[1], F_OK) != 0)
		usleep(1000);
	for (int i = 0; i < 1000; i++)
		work();
	file = fopen(argv[2], "w");
	fprintf(file, "worked %ld\n", worked);
	fclose(file);
}

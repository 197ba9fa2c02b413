/*
 * PURPOSE: a program in the foreground of a terminal, for jobcontrol.py: answers each line, counts ^C, and with the
 * argument `suspend` stops itself as `less` or an editor does at ^Z.
 * TRACE: answer work
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int interrupts;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void answer(const char *text)
{
	dprintf(1, "%s\n", text);
}

static void handler(int number)
{
	(void)number;
	work();
	interrupts++;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = handler};
	char line[256];

	sigaction(SIGINT, &action, NULL);
	answer("ready");
	if (argc > 1 && strcmp(argv[1], "suspend") == 0) {
		raise(SIGTSTP);
		answer("continued");
		return 5;
	}
	while (!interrupts) {
		if (read(0, line, sizeof(line)) > 0)
			answer("tick");
		work();
	}
	usleep(50000); /* one that came double would be counted */
	printf("interrupted %d\n", interrupts);
	return 4;
}

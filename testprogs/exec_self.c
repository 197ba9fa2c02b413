/*
 * PURPOSE: exec inside a traced call, by the process's only thread. The calls that are open end with exec, the new
 * image has new addresses, and its calls are recorded under the same specs.
 * TRACE: outer exec_inside step
 */
#include <string.h>
#include <unistd.h>

#include "truth.h"

enum { BEFORE = 2, AFTER = 3, STATUS = 4 };

TRACED void outer(void);
TRACED void exec_inside(void);
TRACED long step(long n);

static char second_word[] = "second";
static char *const second_arguments[] = {second_word, second_word, NULL};

long step(long n)
{
	return hide(n) + 1;
}

void exec_inside(void)
{
	require(step(1) == 2, "step");
	fflush(stdout);
	execv("/proc/self/exe", second_arguments);
	require(0, "execv");
}

void outer(void)
{
	exec_inside();
	hide(0);
}

static int second_image(void)
{
	for (long i = 0; i < AFTER; i++) {
		require(step(i) == i + 1, "step in the second image");
		truth_enter("step", 0);
	}
	truth_end("outer", "exec", 1);
	truth_end("exec_inside", "exec", 1);
	truth_calls("step", BEFORE + 1 + AFTER);
	truth_end("step", "return", BEFORE + 1 + AFTER);
	truth_exit(STATUS);
	return STATUS;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], second_word) == 0)
		return second_image();
	for (long i = 0; i < BEFORE; i++) {
		require(step(i) == i + 1, "step");
		truth_enter("step", 0);
	}
	truth_calls("outer", 1);
	truth_calls("exec_inside", 1);
	truth_enter("outer", 0);
	truth_enter("exec_inside", 1);
	truth_enter("step", 2);
	outer();
	return 1;
}

/*
 * PURPOSE: jumps that no tracer can watch: the compiler's own __builtin_longjmp is a few instructions in place. The calls
 * are gone, how is not to be seen, and when is the next thing that happens.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 10
 */
#include "exit_log.h"

enum { RECURSION = 20 };

TRACED void ex_jumper(long deeper);
TRACED void ex_work(void);
TRACED void ex_catcher(long deeper);
TRACED void ex_loop(long times);

static void *back[5];

void ex_jumper(long deeper)
{
	entered(__func__);
	if (deeper > 0)
		ex_jumper(deeper - 1);
	if (hide(1))
		__builtin_longjmp(back, 1);
	returns();
}

void ex_work(void)
{
	entered(__func__);
	hide(0);
	returns();
}

void ex_catcher(long deeper)
{
	volatile long left_calls = deeper + 1;

	entered(__func__);
	if (__builtin_setjmp(back) == 0) {
		ex_jumper(deeper);
		require(0,
			"ex_jumper has returned"); /* or it would look like that: jumped to is the return address */
	}
	left("unwound/noticed", left_calls);
	ex_work();
	returns();
}

/* Each jumper is called where the last one was. */
void ex_loop(long times)
{
	volatile long i = 0, most = times;

	entered(__func__);
	if (__builtin_setjmp(back) != 0)
		left("unwound/noticed", 1);
	if (i < most) {
		i = i + 1;
		ex_jumper(0);
		require(0, "ex_jumper has returned");
	}
	returns();
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 10);

	for (long i = 0; i < rounds; i++) {
		ex_catcher(0);
		ex_catcher(RECURSION);
		ex_loop(10);
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}

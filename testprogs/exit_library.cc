/*
 * PURPOSE: exceptions between a program and a library: thrown by one, passed through the other, caught by either.
 * TRACE: ex_*, libexitlib.so!ex_*
 * ARGUMENTS: [ROUNDS] = 10
 */
#include "exit_log.h"
#include "libexitlib.h"

void observe_enter(const char *function)
{
	entered(function);
}

void observe_return()
{
	returns();
}

void observe_left(long calls)
{
	left("unwound/exact", calls);
}

extern "C" {

TRACED void ex_thrower()
{
	entered(__func__);
	if (hide(1))
		throw 1;
	returns();
}

TRACED void ex_asks_library()
{
	entered(__func__);
	ex_lib_throw();
	returns();
}

/* program > library > program, which throws */
TRACED void ex_both_ways()
{
	entered(__func__);
	ex_lib_through(ex_thrower);
	returns();
}

TRACED void ex_catcher(void (*function)(), long calls)
{
	entered(__func__);
	try {
		function();
	} catch (int) {
		left("unwound/exact", calls);
	}
	returns();
}
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 10);

	for (long i = 0; i < rounds; i++) {
		ex_catcher(ex_lib_throw, 1);
		ex_catcher(ex_asks_library, 2);
		ex_catcher(ex_both_ways, 3);
		ex_lib_catch(ex_thrower, 1);
		ex_lib_catch(ex_asks_library, 2);
		ex_lib_catch(ex_both_ways, 3);
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}

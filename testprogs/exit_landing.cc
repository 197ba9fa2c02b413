/*
 * PURPOSE: a landing pad that is the return address. The compiler knows that a function never returns and,
 * optimising, puts the landing pad right after the call: stack pointer and return slot look like those of a return.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 20
 */
#include "exit_log.h"

extern "C" {

[[noreturn]] TRACED void ex_never_returns(int what)
{
	entered(__func__);
	throw what;
}

TRACED void ex_work()
{
	entered(__func__);
	hide(0);
	returns();
}

/* Its handler is the pad. */
TRACED void ex_catcher(int what)
{
	entered(__func__);
	try {
		ex_never_returns(what);
	} catch (...) {
		left("unwound/exact", 1);
	}
	returns();
}

/* Its pad looks for the type first. */
TRACED void ex_type_catcher(int what)
{
	entered(__func__);
	try {
		ex_never_returns(what);
	} catch (long) {
		require(0, "an int was caught as a long");
	} catch (int caught) {
		left("unwound/exact", 1);
		require(caught == what, "another exception was caught");
	}
	returns();
}
}

namespace
{

struct cleaner {
	~cleaner()
	{
		left("unwound/exact", 1);
		ex_work();
	}
};

} // namespace

extern "C" {

/* Its pad only cleans up. */
[[noreturn]] TRACED void ex_cleaner(int what)
{
	entered(__func__);
	cleaner object;
	ex_never_returns(what);
}

TRACED void ex_cleaner_catcher(int what)
{
	entered(__func__);
	try {
		ex_cleaner(what);
	} catch (int) {
		left("unwound/exact", 1);
	}
	returns();
}

/* The same return address serves a call that returns and one that does not. */
TRACED void ex_either(long what)
{
	entered(__func__);
	if (what)
		throw what;
	returns();
}

TRACED void ex_either_catcher(long what)
{
	entered(__func__);
	try {
		ex_either(what);
	} catch (long) {
		left("unwound/exact", 1);
	}
	returns();
}
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 20);

	for (int i = 1; i <= rounds; i++) {
		ex_catcher(i);
		ex_type_catcher(i);
		ex_cleaner_catcher(i);
		ex_either_catcher(hide(i % 3));
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}

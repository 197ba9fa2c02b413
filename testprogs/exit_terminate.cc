/*
 * PURPOSE: exceptions that nothing catches: out of a noexcept function, out of main, out of a destructor while another
 * waits. std::terminate ends the process with SIGABRT inside of the calls that are still on the stack then. Which those
 * are differs between compilers: the program walks its stack.
 * TRACE: ex_*
 * ARGUMENTS: [WAY] = 0 noexcept, 1 uncaught, 2 a destructor
 */
#include <csignal>
#include <exception>
#include <unwind.h>

#include "exit_log.h"

/* A landing pad in a part of its own would not be known as its function's. */
#ifndef __clang__
#	pragma GCC optimize("no-reorder-blocks-and-partition")
#endif

extern "C" {

TRACED void ex_thrower()
{
	entered(__func__);
	if (hide(1))
		throw 1;
	returns();
}

TRACED void ex_middle()
{
	entered(__func__);
	ex_thrower();
	returns();
}

TRACED void ex_noexcept() noexcept
{
	entered(__func__);
	ex_middle();
	returns();
}

TRACED void ex_outer(void (*function)())
{
	entered(__func__);
	function();
	returns();
}
}

namespace
{

struct thrower {
	~thrower() noexcept(false)
	{
		if (hide(1)) {
			left("unwound/exact", 1); /* of those in scene_destructor's ex_thrower */
			ex_thrower();
		}
	}
};

} // namespace

extern "C" TRACED void ex_destructor()
{
	entered(__func__);
	{
		thrower object;
		ex_thrower();
	}
	returns();
}

static _Unwind_Reason_Code count_traced(_Unwind_Context *context, void *count)
{
	static void *const traced[] = {(void *)ex_thrower, (void *)ex_middle, (void *)ex_noexcept,
				       (void *)ex_outer, (void *)ex_destructor};
	const void *function = _Unwind_FindEnclosingFunction((void *)(_Unwind_GetIP(context) - 1));

	for (const void *one : traced)
		*(long *)count += function == one;
	return _URC_NO_REASON;
}

static void terminated()
{
	long count = exit_calls_now()->count, there = 0;

	_Unwind_Backtrace(count_traced, &there);
	require(there > 0 && there <= count, "the stack cannot be walked");
	left("unwound/exact", count - there);
	left_sometime("killed/exact", there);
	exit_log_print();
	printf("truth signal %d\n", SIGABRT);
	fflush(stdout);
	std::abort();
}

int main(int argc, char **argv)
{
	void (*const ways[])() = {ex_noexcept, ex_middle, ex_destructor};
	long way = argument(argc, argv, 1, 0, 0);

	require(way < 3, "no such way");
	std::set_terminate(terminated);
	if (way == 1)
		ex_outer(ways[way]);
	try {
		ex_outer(ways[way]);
	} catch (int) {
		require(0, "an exception got out");
	}
	return 0;
}

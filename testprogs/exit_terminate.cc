/*
 * PURPOSE: exceptions that nothing catches: out of a noexcept function, out of main, out of a destructor while another
 * waits. std::terminate ends the process with SIGABRT inside of the calls that are still on the stack then. Which those
 * are differs between compilers: the program looks where their frames are.
 * TRACE: ex_*
 * ARGUMENTS: [WAY] = 0 noexcept, 1 uncaught, 2 a destructor
 */
#include <csignal>
#include <exception>

#include "exit_log.h"

/* Of the open calls, outermost first. */
static const void *frames[EXIT_OPEN_MOST];

#define ENTERED() (frames[exit_calls_now()->count] = __builtin_frame_address(0), entered(__func__))

extern "C" {

TRACED void ex_thrower()
{
	ENTERED();
	if (hide(1))
		throw 1;
	returns();
}

TRACED void ex_middle()
{
	ENTERED();
	ex_thrower();
	returns();
}

TRACED void ex_noexcept() noexcept
{
	ENTERED();
	ex_middle();
	returns();
}

TRACED void ex_outer(void (*function)())
{
	ENTERED();
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
			left("unwound", 1); /* of those in scene_destructor's ex_thrower */
			ex_thrower();
		}
	}
};

} // namespace

extern "C" TRACED void ex_destructor()
{
	ENTERED();
	{
		thrower object;
		ex_thrower();
	}
	returns();
}

/* The calls whose frames lie deeper than the handler's own are gone. */
static void terminated()
{
	const void *here = __builtin_frame_address(0);
	long count = exit_calls_now()->count, gone = 0;

	while (gone < count && frames[count - 1 - gone] < here)
		gone++;
	left("unwound", gone);
	left_sometime("killed/exact", count - gone);
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

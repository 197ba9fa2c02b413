/*
 * PURPOSE: C++ exceptions: caught in the same function, in a caller, through traced and untraced frames, by a
 * function-try-block, from deep recursion; rethrown, replaced, kept and thrown again; landing pads that make
 * traced calls, and that throw and catch themselves while the first exception waits.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 5
 */
#include <exception>

#include "exit_log.h"

namespace
{

constexpr long RECURSION = 20;

/* Makes the calls that follow opaque: a frame that is not traced. */
__attribute__((noinline)) void plain(void (*function)())
{
	hide(0);
	function();
	hide(0);
}

} // namespace

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

TRACED void ex_work()
{
	entered(__func__);
	hide(0);
	returns();
}

TRACED void ex_same_function()
{
	entered(__func__);
	try {
		if (hide(1))
			throw 1;
	} catch (int) {
		ex_work();
	}
	returns();
}

TRACED void ex_catcher()
{
	entered(__func__);
	try {
		ex_middle();
	} catch (int) {
		left("unwound/exact", 2);
		ex_work();
	}
	returns();
}

TRACED void ex_through_plain()
{
	entered(__func__);
	plain(ex_middle);
	returns();
}

TRACED void ex_plain_catcher()
{
	entered(__func__);
	try {
		plain(ex_through_plain);
	} catch (int) {
		left("unwound/exact", 3);
	}
	returns();
}

/* Does not catch this: the search goes on, and no landing pad of it runs. */
TRACED void ex_wrong_type()
{
	entered(__func__);
	try {
		ex_thrower();
	} catch (long) {
		require(0, "an int was caught as a long");
	}
	returns();
}

TRACED void ex_rethrower()
{
	entered(__func__);
	try {
		ex_wrong_type();
	} catch (int) {
		left("unwound/exact", 2);
		ex_work();
		throw;
	}
	returns();
}

/* Throws another one from inside of the handler. */
TRACED void ex_replacer()
{
	entered(__func__);
	try {
		ex_rethrower();
	} catch (int) {
		left("unwound/exact", 1);
		throw 'a';
	}
	returns();
}

TRACED void ex_rethrow_catcher()
{
	entered(__func__);
	try {
		ex_replacer();
	} catch (char) {
		left("unwound/exact", 1);
	}
	returns();
}

TRACED void ex_recursive(long n)
{
	entered(__func__);
	if (n > 0)
		ex_recursive(n - 1);
	else
		throw 2;
	returns();
}

TRACED void ex_function_try()
try {
	entered(__func__);
	ex_middle();
	returns();
} catch (int) {
	left("unwound/exact", 2);
	returns();
}
}

namespace
{

struct base {
	base()
	{
		ex_thrower();
	}
};

/* A constructor's function-try-block always throws on. */
struct built : base {
	built()
	try : base() {
	} catch (int) {
		left("unwound/exact", 1);
	}
};

/* `inside` calls are gone when its destructor runs while an exception waits. */
struct cleaner {
	long inside;
	~cleaner()
	{
		if (std::uncaught_exceptions() > 0)
			left("unwound/exact", inside);
		ex_work();
	}
};

struct throwing_cleaner {
	~throwing_cleaner()
	{
		left("unwound/exact", 1);
		try {
			ex_middle();
		} catch (int) {
			left("unwound/exact", 2);
			ex_work();
		}
		try {
			ex_recursive(2);
		} catch (int) {
			left("unwound/exact", 3);
		}
	}
};

} // namespace

extern "C" {

TRACED void ex_build()
{
	entered(__func__);
	built object;
	returns();
}

TRACED void ex_build_catcher()
{
	entered(__func__);
	try {
		ex_build();
	} catch (int) {
		left("unwound/exact", 1);
	}
	returns();
}

TRACED void ex_clean()
{
	entered(__func__);
	{
		cleaner object{1};
		ex_thrower();
	}
	returns();
}

TRACED void ex_clean_twice()
{
	entered(__func__);
	{
		cleaner object{1};
		ex_clean();
	}
	returns();
}

TRACED void ex_throwing_clean()
{
	entered(__func__);
	{
		throwing_cleaner object;
		ex_thrower();
	}
	returns();
}

TRACED void ex_keep(std::exception_ptr *kept)
{
	entered(__func__);
	try {
		ex_thrower();
	} catch (...) {
		left("unwound/exact", 1);
		*kept = std::current_exception();
	}
	returns();
}

TRACED void ex_throw_again(std::exception_ptr kept)
{
	entered(__func__);
	if (hide(1))
		std::rethrow_exception(kept);
	returns();
}

TRACED void ex_loop(long times)
{
	entered(__func__);
	for (long i = 0; i < times; i++) {
		try {
			ex_thrower();
		} catch (int) {
			left("unwound/exact", 1);
		}
	}
	returns();
}
}

/* Catches in a frame that is not traced. */
template <typename function> static void caught_outside(long calls, function call)
{
	try {
		call();
	} catch (int) {
		left("unwound/exact", calls);
		return;
	}
	require(0, "nothing was thrown");
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 5);

	for (long i = 0; i < rounds; i++) {
		std::exception_ptr kept;

		ex_same_function();
		ex_catcher();
		caught_outside(1, [] { ex_thrower(); });
		caught_outside(2, [] { ex_middle(); });
		ex_plain_catcher();
		ex_rethrow_catcher();
		caught_outside(RECURSION + 1, [] { ex_recursive(RECURSION); });
		ex_function_try();
		ex_build_catcher();
		caught_outside(1, [] { ex_clean(); });
		caught_outside(1, [] { ex_clean_twice(); });
		caught_outside(1, [] { ex_throwing_clean(); });
		ex_keep(&kept);
		ex_work();
		caught_outside(1, [&] { ex_throw_again(kept); });
		ex_loop(10);
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}

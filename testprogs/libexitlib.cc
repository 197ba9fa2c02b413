/* For exit_library: throws, is thrown through, and catches, in a library. */
#include "libexitlib.h"

void ex_lib_throw()
{
	observe_enter("ex_lib_throw");
	if (hide(1))
		throw 1;
}

void ex_lib_through(void (*function)())
{
	observe_enter("ex_lib_through");
	function();
	observe_return();
}

void ex_lib_catch(void (*function)(), long calls)
{
	observe_enter("ex_lib_catch");
	try {
		function();
	} catch (int) {
		observe_left(calls);
	}
	observe_return();
}

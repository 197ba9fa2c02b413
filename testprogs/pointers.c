/*
 * PURPOSE: all ways to a function that are not a direct call: a table of pointers, the PLT of a shared library, a
 * callback out of that library, dlsym, and a library that comes, goes and comes again with dlopen and dlclose.
 * TRACE: op_add op_sub op_mul visit, testlib_* (of libtestlib.so), testplug_* (of libtestplug.so)
 * ARGUMENTS: [TIMES] = 4
 */
#include <dlfcn.h>
#include <string.h>

#include "libtestlib.h"
#include "truth.h"

enum { LOADS = 2, VISITS = 3 };

typedef long unary(long);

TRACED long op_add(long a, long b);
TRACED long op_sub(long a, long b);
TRACED long op_mul(long a, long b);
TRACED long visit(long index);

static long (*volatile operations[])(long, long) = {op_add, op_sub, op_mul};

long op_add(long a, long b)
{
	return hide(a) + b;
}

long op_sub(long a, long b)
{
	return hide(a) - b;
}

long op_mul(long a, long b)
{
	return hide(a) * b;
}

long visit(long index)
{
	return hide(index) + 1;
}

/* ISO C has no conversion from what dlsym returns to a function. */
static unary *function_find(void *library, const char *name)
{
	void *found = dlsym(library, name);
	unary *function;

	require(found != NULL, name);
	memcpy(&function, &found, sizeof(function));
	return function;
}

static void plugin_use(long times)
{
	void *library = dlopen(TESTPLUG_LIBRARY, RTLD_NOW | RTLD_LOCAL);

	require(library != NULL, "dlopen of " TESTPLUG_LIBRARY);
	unary *plugged = function_find(library, TESTPLUG_WORK);
	for (long i = 0; i < times; i++)
		require(plugged(i) == i + 1, TESTPLUG_WORK);
	require(dlclose(library) == 0, "dlclose");
	require(dlopen(TESTPLUG_LIBRARY, RTLD_NOW | RTLD_NOLOAD) == NULL, "the library is still there");
}

static void tell(const char *function, long calls, long depth)
{
	truth_calls(function, calls);
	truth_end(function, "return", calls);
	truth_max_depth(function, depth);
}

int main(int argc, char **argv)
{
	long times = argument(argc, argv, 1, 1, 4);
	unary *twice = function_find(RTLD_DEFAULT, "testlib_twice");

	for (long i = 0; i < times; i++) {
		require(operations[0](i, 5) == i + 5, "op_add");
		require(operations[1](i, 5) == i - 5, "op_sub");
		require(operations[2](i, 5) == i * 5, "op_mul");
		require(testlib_twice(i) == i * 2, "testlib_twice through the PLT");
		require(twice(i) == i * 2, "testlib_twice through dlsym");
		require(testlib_each(VISITS, visit) == VISITS * (VISITS + 1) / 2, "testlib_each");
	}
	for (int i = 0; i < LOADS; i++)
		plugin_use(times);

	tell("op_add", times, 0);
	tell("op_sub", times, 0);
	tell("op_mul", times, 0);
	tell("libtestlib.so!testlib_twice", times * 2, 0);
	tell("libtestlib.so!testlib_each", times, 0);
	tell("visit", times * VISITS, 1);
	tell("libtestplug.so!testplug_init", LOADS, 0);
	tell("libtestplug.so!testplug_work", times * LOADS, 0);
	truth_exit(0);
	return 0;
}

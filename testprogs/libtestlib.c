/* PURPOSE: a small shared library with functions that are reached through the PLT. */
#include "libtestlib.h"
#include "truth.h"

TRACED long testlib_twice(long value)
{
	return hide(value) * 2;
}

TRACED long testlib_each(long count, long (*visit)(long index))
{
	long sum = 0;

	for (long i = 0; i < count; i++)
		sum += visit(i);
	return hide(sum);
}

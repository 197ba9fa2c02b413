/* PURPOSE: one of the two halves of same_name, with a static helper of its own. */
#include "same_name.h"
#include "truth.h"

TRACED static long helper(void)
{
	return hide(10);
}

long run_a(long calls)
{
	long sum = 0;

	for (long i = 0; i < calls; i++)
		sum += helper();
	return sum;
}

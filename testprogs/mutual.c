/*
 * PURPOSE: two functions that call each other in turn, without tail calls: depth counts both.
 * TRACE: is_even is_odd
 * ARGUMENTS: [N [TIMES]] = 11 2; the order of enters is told for up to 500 calls
 */
#include "truth.h"

TRACED long is_even(long n);
TRACED long is_odd(long n);

long is_even(long n)
{
	return n == 0 ? 1 : hide(is_odd(n - 1));
}

long is_odd(long n)
{
	return n == 0 ? 0 : hide(is_even(n - 1));
}

int main(int argc, char **argv)
{
	long n = argument(argc, argv, 1, 1, 11);
	long times = argument(argc, argv, 2, 1, 2);

	for (long i = 0; i < times; i++)
		require(is_even(n) == (n % 2 == 0), "is_even");

	/* One descent has n + 1 calls, at the depths 0 to n: even depths are is_even's. */
	truth_calls("is_even", times * (n / 2 + 1));
	truth_calls("is_odd", times * ((n + 1) / 2));
	truth_max_depth("is_even", n / 2 * 2);
	truth_max_depth("is_odd", (n - 1) / 2 * 2 + 1);
	truth_end("is_even", "return", times * (n / 2 + 1));
	truth_end("is_odd", "return", times * ((n + 1) / 2));
	if (times * (n + 1) <= 500) {
		for (long i = 0; i < times; i++) {
			for (long depth = 0; depth <= n; depth++)
				truth_enter(depth % 2 == 0 ? "is_even" : "is_odd", depth);
		}
	}
	truth_exit(0);
	return 0;
}

/*
 * PURPOSE: tail calls. tail_a ends by calling tail_b, which ends by calling tail_c. Optimised, these are jumps, and
 * one return ends all three. The program sees which it is by tail_c's return address and says so.
 * tail_a stays open until tail_c returns for it, so the depths are the same either way.
 * TRACE: tail_a tail_b tail_c
 * ARGUMENTS: [TIMES] = 3; the order of enters is told for up to 100 times
 */
#include "truth.h"

TRACED long tail_a(long n);
TRACED long tail_b(long n);
TRACED long tail_c(long n);

static void *volatile a_returns_to, *volatile b_returns_to, *volatile c_returns_to;

long tail_c(long n)
{
	c_returns_to = __builtin_return_address(0);
	return hide(n) * 2;
}

long tail_b(long n)
{
	b_returns_to = __builtin_return_address(0);
	return tail_c(n + 10);
}

long tail_a(long n)
{
	a_returns_to = __builtin_return_address(0);
	return tail_b(n + 100);
}

int main(int argc, char **argv)
{
	long times = argument(argc, argv, 1, 1, 3);

	for (long i = 0; i < times; i++)
		require(hide(tail_a(i)) == (i + 110) * 2, "tail_a");

	truth_calls("tail_a", times);
	truth_calls("tail_b", times);
	truth_calls("tail_c", times);
	truth_max_depth("tail_a", 0);
	truth_max_depth("tail_b", 1);
	truth_max_depth("tail_c", 2);
	truth_end("tail_a", b_returns_to == a_returns_to ? "tail" : "return", times);
	truth_end("tail_b", c_returns_to == b_returns_to ? "tail" : "return", times);
	truth_end("tail_c", "return", times);
	for (long i = 0; i < times && times <= 100; i++) {
		truth_enter("tail_a", 0);
		truth_enter("tail_b", 1);
		truth_enter("tail_c", 2);
	}
	truth_exit(0);
	return 0;
}

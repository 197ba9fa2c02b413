/*
 * PURPOSE: a function that calls itself: twice in one body (fib) and as a straight chain (linear). Each
 * call is an own bracket with its own depth, and return sites are shared between depths.
 * TRACE: fib linear
 * ARGUMENTS: [FIB [LINEAR]] = 8 20; the order of enters is told for up to 500 calls
 */
#include "truth.h"

TRACED long fib(long n);
TRACED long linear(long n);

static volatile long fib_calls, linear_calls;

long fib(long n)
{
	fib_calls++;
	if (n < 2)
		return n;
	long first = hide(fib(n - 1));
	long second = hide(fib(n - 2));
	return first + second;
}

long linear(long n)
{
	linear_calls++;
	return n == 0 ? 0 : hide(linear(n - 1)) + 1;
}

/* The same tree, walked without calling anything traced. Returns its calls. */
static long fib_model(long n, long depth, int show)
{
	if (show)
		truth_enter("fib", depth);
	return n < 2 ? 1 : 1 + fib_model(n - 1, depth + 1, show) + fib_model(n - 2, depth + 1, show);
}

int main(int argc, char **argv)
{
	long n = argument(argc, argv, 1, 0, 8);
	long length = argument(argc, argv, 2, 0, 20);

	long value = fib(n);
	require(linear(length) == length, "linear");

	long expected = fib_model(n, 0, 0), a = 0, b = 1;
	for (long i = 0; i < n; i++) {
		long next = a + b;
		a = b;
		b = next;
	}
	require(value == a && fib_calls == expected, "fib");
	require(linear_calls == length + 1, "linear's calls");

	truth_calls("fib", fib_calls);
	truth_max_depth("fib", n < 2 ? 0 : n - 1);
	truth_end("fib", "return", fib_calls);
	truth_threads("fib", 1);
	truth_calls("linear", linear_calls);
	truth_max_depth("linear", length);
	truth_end("linear", "return", linear_calls);
	if (fib_calls + linear_calls <= 500) {
		fib_model(n, 0, 1);
		for (long depth = 0; depth <= length; depth++)
			truth_enter("linear", depth);
	}
	truth_exit(0);
	return 0;
}

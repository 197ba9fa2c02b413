/*
 * PURPOSE: two static functions with the same name in two files: FILE:FUNC tells them apart, the bare name means both.
 * TRACE: helper (in same_name_a.c and same_name_b.c)
 * ARGUMENTS: [CALLS_A [CALLS_B]] = 3 5; the order of enters is told for up to 100 calls
 */
#include "same_name.h"
#include "truth.h"

int main(int argc, char **argv)
{
	long calls_a = argument(argc, argv, 1, 0, 3);
	long calls_b = argument(argc, argv, 2, 0, 5);

	require(run_a(calls_a) == calls_a * 10, "helper of a");
	require(run_b(calls_b) == calls_b * 1000, "helper of b");

	truth_calls("same_name_a.c:helper", calls_a);
	truth_calls("same_name_b.c:helper", calls_b);
	truth_calls("helper", calls_a + calls_b);
	truth_end("helper", "return", calls_a + calls_b);
	truth_max_depth("helper", calls_a + calls_b > 0 ? 0 : -1);
	if (calls_a + calls_b <= 100) {
		for (long i = 0; i < calls_a; i++)
			truth_enter("same_name_a.c:helper", 0);
		for (long i = 0; i < calls_b; i++)
			truth_enter("same_name_b.c:helper", 0);
	}
	truth_exit(0);
	return 0;
}

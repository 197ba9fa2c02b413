/*
 * sym: work in a child with limits.
 */
#include "test_sym.h"

#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#include "../../src/sym/child.h"
#include "../../src/sym/dwarf.h"

static const struct sym_child_limits limits = {
	.memory = UINT64_C(1) << 30, .cpu_seconds = 1, .stalled_seconds = 600};

static double cpu_seconds(void)
{
	struct timespec used;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used), 0);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static int never_ends(void *context, int out)
{
	(void)context, (void)out;
	while (cpu_seconds() >= 0)
		continue;
	return 1;
}

static int sleeps(void *context, int out)
{
	(void)context, (void)out;
	while (pause() < 0)
		continue;
	return 1;
}

/* Longer than a stretch, and than the limit it begins with. */
static int is_busy(void *raised, int out)
{
	if (raised)
		sym_child_raise_limits(&limits, raised);
	while (cpu_seconds() < 2.5)
		continue;
	return write(out, "done", 4) != 4;
}

static int tells_dumpable(void *context, int out)
{
	const char answer = prctl(PR_GET_DUMPABLE) == 0 ? '0' : '1';

	(void)context;
	return write(out, &answer, 1) != 1;
}

static enum sym_child_end run_child(int (*work)(void *, int), void *context,
				    const struct sym_child_limits *own, size_t length)
{
	struct text bytes = {0};
	const enum sym_child_end end = sym_child_run(work, context, own, &bytes);

	assert_int_equal(bytes.length, length);
	text_free(&bytes);
	return end;
}

static void test_endless_work_is_ended(void **state)
{
	(void)state;
	signal(SIGXCPU, SIG_IGN); /* it is the child's own limit all the same */
	assert_int_equal(run_child(never_ends, NULL, &limits, 0), SYM_CHILD_TOO_LONG);
	signal(SIGXCPU, SIG_DFL);
}

static void test_stalled_child_is_ended(void **state)
{
	struct sym_child_limits impatient = limits;

	(void)state;
	impatient.stalled_seconds = 1;
	assert_int_equal(run_child(sleeps, NULL, &impatient, 0), SYM_CHILD_TOO_LONG);
}

static void test_busy_child_is_waited_for(void **state)
{
	struct sym_child_limits more = limits, impatient = limits;

	(void)state;
	more.cpu_seconds = 60;
	impatient.stalled_seconds = 2;
	assert_int_equal(run_child(is_busy, &more, &impatient, 4), SYM_CHILD_ENDED);
	assert_int_equal(run_child(is_busy, NULL, &impatient, 0), SYM_CHILD_TOO_LONG);
}

/* Whoever gathers crashes is not told of those that we expect. */
static void test_leaves_no_core(void **state)
{
	struct text bytes = {0};

	(void)state;
	assert_int_equal(sym_child_run(tells_dumpable, NULL, &limits, &bytes), SYM_CHILD_ENDED);
	assert_string_equal(bytes.data, "0");
	text_free(&bytes);
}

/* What is given up for a small file must not hold anybody up; a large one needs 3 s for 374 MiB here. */
static void test_limits_grow(void **state)
{
	(void)state;
	assert_in_range(sym_dwarf_limits(50000).cpu_seconds, 1, 3);
	assert_in_range(sym_dwarf_limits(UINT64_C(374) << 20).cpu_seconds, 60, 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endless_work_is_ended),
		cmocka_unit_test(test_stalled_child_is_ended),
		cmocka_unit_test(test_busy_child_is_waited_for),
		cmocka_unit_test(test_leaves_no_core),
		cmocka_unit_test(test_limits_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

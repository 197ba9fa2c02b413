/* What is shown where there is too much to show: functions, brackets, rows, calls that are all open at the end. */
#include "plot_runs.h"

/* 40 functions, each longer than the one before; in the even ones up to 20 memory rises. */
static void the_legend_has_those_that_raised_memory_and_those_with_most_time(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	for (int i = 0; i < 40; i++) {
		char *name = mem_printf("function_%d", i);
		struct run_call *call = call_add(&made, function_add(&made, name), 0, i / 4.0,
						 i / 4.0 + 0.001 * (i + 1), 20, 20);
		call->peak_rss = (i % 2 == 0 && i < 20 ? 120 + i : 20) * MIB;
		call->peak_exact = true;
		free(name);
	}
	char *script = script_of(&made, PLOT_PNG);
	assert_int_equal(occurrences(script, "'1 call, "), 14);
	assert_non_null(strstr(script, "and 26 more'"));
	/* The seven that raised most, and the seven longest. */
	for (int i = 0; i < 40; i++) {
		char *name = mem_printf("'function_%d'", i);
		bool shown = strstr(script, name) != NULL;
		assert_int_equal(shown, i >= 33 || (i % 2 == 0 && i >= 6 && i < 20));
		free(name);
	}
	free(script);
	made_free(&made);
}

static size_t lines_of(const char *script, const char *block)
{
	const char *at = strstr(script, block);
	assert_non_null(at);
	char *copy = mem_strndup(at, (size_t)(strstr(at, "\nEOD") + 1 - at));
	size_t count = occurrences(copy, "\n\n");
	free(copy);
	return count;
}

/* Each begins less than a pixel after the one before: were they to share each other's place, all would stand. */
static void deep_recursion_is_no_wall(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	size_t deep = function_add(&made, "deep");
	for (int i = 0; i < 400; i++)
		call_add(&made, deep, (unsigned)i, i / 100.0, 10 - i / 100.0, 10 + i / 10.0, 110 - i / 10.0);
	char *script = script_of(&made, PLOT_PNG);
	size_t ends = lines_of(script, "$ends0 <<");
	assert_true(ends > 60 && ends < 300);
	free(script);
	made_free(&made);
}

static void thin_rows_have_bars_only(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	size_t work = function_add(&made, "work");
	for (int i = 0; i < 40; i++)
		call_add(&made, work, 0, 1 + i * 0.1, 8 + i * 0.01, 20, 20)->tid = i + 1;
	char *script = script_of(&made, PLOT_PNG);
	/* 28 % of 560 pixels are 4 for each row. All stand on the curve or nowhere. */
	assert_true(lines_of(script, "$ends0 <<") < 2 * 40);
	free(script);
	made.run.call_count = 4;
	script = script_of(&made, PLOT_PNG);
	assert_int_equal(lines_of(script, "$ends0 <<"), 2 * 4 * 2);
	free(script);
	made_free(&made);
}

static void calls_that_are_all_open_at_the_end_are_told_apart(void **state)
{
	struct made made = ramp("./ramp");
	double outer[8][2], inner[8][2];
	(void)state;

	const char *const names[] = {"outer", "inner"};
	for (unsigned i = 0; i < 2; i++) {
		struct run_call *call =
			call_add(&made, function_add(&made, names[i]), i, 1 + i, 10, 20 + 10 * i, 110);
		call->end = TRACE_END_UNFINISHED;
		call->exact = false;
	}
	char *script = script_of(&made, PLOT_PNG);
	/* Behind the enter on the curve and in the strip. */
	assert_int_equal(line_points(script, "$ends0 <<", 2, outer), 3);
	assert_int_equal(line_points(script, "$ends1 <<", 2, inner), 3);
	assert_near(outer[1][0], 10, 1e-6);
	assert_true(inner[1][0] < 10 - 0.03 && inner[1][0] > 9.8);
	/* In the strip each has its row. */
	assert_int_equal(line_points(script, "$ends1 <<", 3, inner), 3);
	assert_near(inner[1][0], 10, 1e-6);
	/* They are not pale: what is, was noticed late. */
	assert_null(strstr(script, "$late0 <<"));
	free(script);
	made_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_legend_has_those_that_raised_memory_and_those_with_most_time),
		cmocka_unit_test(deep_recursion_is_no_wall),
		cmocka_unit_test(thin_rows_have_bars_only),
		cmocka_unit_test(calls_that_are_all_open_at_the_end_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

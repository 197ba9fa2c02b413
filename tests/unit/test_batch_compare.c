/* A summary next to its baseline: what is worse, and what is noise. */
#include "batch_made.h"

static const struct batch_comparison five_percent = {.path = "base", .tolerance = 0.05};

/* Of the figure; NULL if it was not compared. */
static const struct batch_change *change_of(const struct batch_result *result, enum batch_budget_kind kind,
					    const char *function)
{
	for (size_t i = 0; i < result->change_count; i++) {
		const struct batch_change *change = &result->changes[i];
		if (change->kind == kind && !change->function == !function &&
		    (!function || strcmp(change->function, function) == 0))
			return change;
	}
	return NULL;
}

static enum batch_trend trend_of_peaks(const double *before, const double *after, uint64_t bound)
{
	struct batch_summary baseline = peaks_made(before), now = peaks_made(after);

	for (size_t i = 0; i < now.results[0].run_count; i++)
		now.results[0].runs[i].measures.peak_bound = bound;
	batch_compare(&now, &baseline, &five_percent);
	enum batch_trend trend = change_of(&now.results[0], BATCH_MAX_RSS, NULL)->trend;
	assert_int_equal(now.results[0].verdict, trend == BATCH_HIGHER ? BATCH_WORSE : BATCH_PASSED);
	assert_int_equal(now.totals[BATCH_WORSE], trend == BATCH_HIGHER);
	assert_int_equal(now.totals[BATCH_PASSED], trend != BATCH_HIGHER);
	assert_true(batch_summary_is_good(&now) == (trend != BATCH_HIGHER));
	batch_summary_free(&now);
	batch_summary_free(&baseline);
	return trend;
}

static void beyond_the_tolerance_is_worse(void **state)
{
	(void)state;
	assert_int_equal(trend_of_peaks(PEAKS(100), PEAKS(100), 0), BATCH_SAME);
	assert_int_equal(trend_of_peaks(PEAKS(100), PEAKS(105), 0), BATCH_SAME);
	assert_int_equal(trend_of_peaks(PEAKS(100), PEAKS(105.01), 0), BATCH_HIGHER);
	assert_int_equal(trend_of_peaks(PEAKS(100), PEAKS(95), 0), BATCH_SAME);
	assert_int_equal(trend_of_peaks(PEAKS(100), PEAKS(94.99), 0), BATCH_BETTER);
}

static void what_recordings_can_be_off_by_is_noise(void **state)
{
	(void)state;
	assert_int_equal(trend_of_peaks(PEAKS(2), PEAKS(2.5), 0), BATCH_HIGHER);
	assert_int_equal(trend_of_peaks(PEAKS(2), PEAKS(2.5), MIB / 2), BATCH_SAME);
	assert_int_equal(trend_of_peaks(PEAKS(2), PEAKS(2.6), MIB / 2), BATCH_HIGHER);
}

static void medians_are_compared(void **state)
{
	(void)state;
	/* One run that went astray says nothing. */
	assert_int_equal(trend_of_peaks(PEAKS(100, 100, 100), PEAKS(300, 100, 100), 0), BATCH_SAME);
	assert_int_equal(trend_of_peaks(PEAKS(100, 500, 100), PEAKS(120, 120, 1), 0), BATCH_HIGHER);
	/* Of an even number: the middle of the two in the middle. */
	assert_int_equal(trend_of_peaks(PEAKS(100), PEAKS(100, 111, 111, 100), 0), BATCH_SAME);
	assert_int_equal(trend_of_peaks(PEAKS(100), PEAKS(111, 111, 110, 110), 0), BATCH_HIGHER);
}

static void what_spreads_as_widely_is_noise(void **state)
{
	(void)state;
	/* Medians 100 and 120; deviations of 5 on one side, or on both. */
	assert_int_equal(trend_of_peaks(PEAKS(95, 100, 105), PEAKS(120, 120, 120), 0), BATCH_HIGHER);
	assert_int_equal(trend_of_peaks(PEAKS(95, 100, 105), PEAKS(115, 120, 125), 0), BATCH_SAME);
	assert_int_equal(trend_of_peaks(PEAKS(100, 100, 100), PEAKS(113, 120, 127), 0), BATCH_SAME);
	assert_int_equal(trend_of_peaks(PEAKS(95, 100, 105), PEAKS(126, 131, 136), 0), BATCH_HIGHER);
	assert_int_equal(trend_of_peaks(PEAKS(126, 131, 136), PEAKS(95, 100, 105), 0), BATCH_BETTER);
}

static void runs_that_failed_are_left_out(void **state)
{
	struct batch_summary baseline = peaks_made(PEAKS(100, 100, 100)),
			     now = peaks_made(PEAKS(100, 900, 900));

	(void)state;
	now.results[0].runs[1].verdict = BATCH_CRASHED;
	now.results[0].runs[2].verdict = BATCH_TIMED_OUT;
	batch_compare(&now, &baseline, &five_percent);
	assert_int_equal(change_of(&now.results[0], BATCH_MAX_RSS, NULL)->now, 100 * MIB);
	batch_summary_free(&now);
	batch_summary_free(&baseline);
}

static void verdicts_that_are_worse_anyway_stay(void **state)
{
	struct batch_summary baseline = peaks_made(PEAKS(100)), now = peaks_made(PEAKS(200));

	(void)state;
	verdict_set(&now, &now.results[0], BATCH_OVER_BUDGET, "too much");
	batch_compare(&now, &baseline, &five_percent);
	assert_int_equal(now.results[0].verdict, BATCH_OVER_BUDGET);
	assert_string_equal(now.results[0].reason, "too much");
	assert_int_equal(change_of(&now.results[0], BATCH_MAX_RSS, NULL)->trend, BATCH_HIGHER);
	batch_summary_free(&now);
	now = peaks_made(PEAKS(200));
	verdict_set(&now, &now.results[0], BATCH_CRASHED, "killed");
	batch_compare(&now, &baseline, &five_percent);
	assert_int_equal(now.results[0].verdict, BATCH_CRASHED);
	assert_int_equal(now.results[0].change_count, 0);
	assert_false(now.results[0].is_new);
	batch_summary_free(&now);
	batch_summary_free(&baseline);
}

static void programs_that_are_new_or_gone_are_told(void **state)
{
	struct batch_summary baseline = peaks_made(PEAKS(100)), now = summary_made();
	struct batch_comparison part = five_percent;

	(void)state;
	part.partial = true;
	result_add(&now, "q", 1);
	verdict_set(&baseline, result_add(&baseline, "q", 1), BATCH_CRASHED, "killed");
	batch_compare(&now, &baseline, &five_percent);
	assert_true(now.results[0].is_new); /* the baseline has no figures of it */
	assert_int_equal(now.results[0].verdict, BATCH_PASSED);
	assert_string_equal(now.gone[0], "p");
	assert_null(now.gone[1]);
	assert_string_equal(now.baseline, "base");
	batch_compare(&now, &baseline, &part);
	assert_null(now.gone);
	batch_summary_free(&now);
	batch_summary_free(&baseline);
}

/* ---- functions ---------------------------------------------------------- */

struct pair {
	struct batch_summary baseline, now;
};

static struct pair pair_made(size_t runs)
{
	struct pair pair = {summary_made(), summary_made()};

	result_add(&pair.baseline, "p", runs);
	result_add(&pair.now, "p", runs);
	return pair;
}

static struct batch_result *pair_compare(struct pair *pair, const struct batch_comparison *how)
{
	batch_compare(&pair->now, &pair->baseline, how);
	return &pair->now.results[0];
}

static void pair_free(struct pair *pair)
{
	batch_summary_free(&pair->baseline);
	batch_summary_free(&pair->now);
}

static struct batch_function *before_add(struct pair *pair, size_t run, const char *name)
{
	return function_of(&pair->baseline.results[0].runs[run].measures, name, "/old/build/program");
}

static struct batch_function *now_add(struct pair *pair, size_t run, const char *name)
{
	return function_of(&pair->now.results[0].runs[run].measures, name, "/new/build/program");
}

static void every_figure_of_a_function_is_compared(void **state)
{
	struct pair pair = pair_made(1);
	struct batch_function *before = before_add(&pair, 0, "f"), *now = now_add(&pair, 0, "f");
	struct batch_result *result;

	(void)state;
	before->calls = before->total_ns = 100;
	before->peak = 100 * MIB;
	before->largest_growth = before->net_growth = 100;
	now->peak = 110 * MIB;
	now->peak_exact = false;
	now->largest_growth = 120;
	now->net_growth = 130;
	now->calls = 140;
	now->total_ns = 300;
	result = pair_compare(&pair, &five_percent);
	assert_int_equal(change_of(result, BATCH_MAX_PEAK, "f")->trend, BATCH_HIGHER);
	assert_true(change_of(result, BATCH_MAX_PEAK, "f")->before_exact);
	assert_false(change_of(result, BATCH_MAX_PEAK, "f")->now_exact);
	assert_int_equal(change_of(result, BATCH_MAX_GROWTH, "f")->trend, BATCH_HIGHER);
	assert_int_equal(change_of(result, BATCH_MAX_RETAINED, "f")->trend, BATCH_HIGHER);
	assert_int_equal(change_of(result, BATCH_MAX_CALLS, "f")->trend, BATCH_HIGHER);
	assert_int_equal(change_of(result, BATCH_MAX_TIME, "f")->trend, BATCH_HIGHER);
	/* The worst of those that count is the reason; time is worse, and does not. */
	assert_string_equal(result->reason, "calls.f: 100 → 140 (+40 %)");
	assert_false(change_of(result, BATCH_MAX_TIME, "f")->counts);
	pair_free(&pair);
}

static void times_count_if_they_are_to(void **state)
{
	struct batch_comparison with_times = five_percent;

	(void)state;
	with_times.times = true;
	for (int counted = 0; counted < 2; counted++) {
		struct pair pair = pair_made(1);
		pair.baseline.results[0].runs[0].measures.wall_ns = 1000000000;
		pair.now.results[0].runs[0].measures.wall_ns = 1100000000;
		struct batch_result *result = pair_compare(&pair, counted ? &with_times : &five_percent);
		assert_int_equal(change_of(result, BATCH_MAX_TIME, NULL)->trend, BATCH_HIGHER);
		assert_int_equal(result->verdict, counted ? BATCH_WORSE : BATCH_PASSED);
		pair_free(&pair);
	}
}

static void functions_of_one_name_in_a_run_count_together(void **state)
{
	struct pair pair = pair_made(1);

	(void)state;
	before_add(&pair, 0, "helper")->calls = 10;
	before_add(&pair, 0, "other");
	before_add(&pair, 0, "helper")->calls = 10;
	now_add(&pair, 0, "helper")->calls = 5;
	now_add(&pair, 0, "other");
	now_add(&pair, 0, "helper")->calls = 25;
	const struct batch_change *change =
		change_of(pair_compare(&pair, &five_percent), BATCH_MAX_CALLS, "helper");
	assert_int_equal(change->before, 20);
	assert_int_equal(change->now, 30);
	pair_free(&pair);
}

static void functions_of_one_side_only(void **state)
{
	struct pair pair = pair_made(3);
	const struct batch_change *change;
	struct batch_result *result;

	(void)state;
	for (size_t run = 0; run < 3; run++) {
		before_add(&pair, run, "not called any more")->calls = 7;
		now_add(&pair, run, "new")->calls = 7;
		before_add(&pair, run, "seldom");
	}
	now_add(&pair, 2, "seldom")->calls = 9;
	result = pair_compare(&pair, &five_percent);
	assert_null(change_of(result, BATCH_MAX_CALLS, "new"));
	change = change_of(result, BATCH_MAX_CALLS, "not called any more");
	assert_int_equal(change->trend, BATCH_BETTER);
	assert_int_equal(change->now, 0);
	assert_null(change_of(result, BATCH_MAX_PEAK, "not called any more"));
	/* Called in one of three runs: the median is no call. */
	assert_int_equal(change_of(result, BATCH_MAX_CALLS, "seldom")->now, 0);
	assert_int_equal(result->verdict, BATCH_PASSED);
	pair_free(&pair);
}

static void growth_from_nothing_and_below_it(void **state)
{
	static const struct {
		int64_t before, now;
		enum batch_trend trend;
		const char *words;
	} cases[] = {
		{0, 0, BATCH_SAME, "retained.f: 0 KiB → 0 KiB (0.0 %)"},
		{0, MIB, BATCH_HIGHER, "retained.f: 0 KiB → 1.0 MiB (from 0)"},
		{0, -MIB, BATCH_BETTER, "retained.f: 0 KiB → −1.0 MiB (below 0)"},
		{-100 * MIB, -96 * MIB, BATCH_SAME, "retained.f: −100.0 MiB → −96.0 MiB (+4.0 %)"},
		{-100 * MIB, -90 * MIB, BATCH_HIGHER, "retained.f: −100.0 MiB → −90.0 MiB (+10 %)"},
		{100 * MIB, -100 * MIB, BATCH_BETTER, "retained.f: 100.0 MiB → −100.0 MiB (−200 %)"},
		{INT64_MIN, INT64_MAX, BATCH_HIGHER, NULL},
		{INT64_MAX, INT64_MIN, BATCH_BETTER, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair pair = pair_made(2);
		struct text words = {0};
		for (size_t run = 0; run < 2; run++) {
			before_add(&pair, run, "f")->net_growth = cases[i].before;
			now_add(&pair, run, "f")->net_growth = cases[i].now;
		}
		const struct batch_change *change =
			change_of(pair_compare(&pair, &five_percent), BATCH_MAX_RETAINED, "f");
		assert_int_equal(change->trend, cases[i].trend);
		batch_put_change(&words, change);
		if (cases[i].words)
			assert_string_equal(words.data, cases[i].words);
		text_free(&words);
		pair_free(&pair);
	}
}

static void the_worst_change_comes_first_and_the_best_last(void **state)
{
	struct pair pair = pair_made(1);
	const char *const names[] = {"a", "b", "c", "d"};
	const uint64_t calls[] = {120, 300, 100, 10};
	struct batch_result *result;
	double last = INT32_MAX;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		before_add(&pair, 0, names[i])->calls = 100;
		now_add(&pair, 0, names[i])->calls = calls[i];
	}
	result = pair_compare(&pair, &five_percent);
	assert_string_equal(result->changes[0].function, "b");
	assert_string_equal(result->changes[1].function, "a");
	assert_string_equal(result->changes[result->change_count - 1].function, "d");
	for (size_t i = 0; i < result->change_count; i++) {
		assert_true((double)result->changes[i].now - (double)result->changes[i].before <= last);
		last = (double)result->changes[i].now - (double)result->changes[i].before;
	}
	pair_free(&pair);
}

static void comparing_again_forgets_the_first_time(void **state)
{
	struct batch_summary good = peaks_made(PEAKS(200)), bad = peaks_made(PEAKS(100)),
			     now = peaks_made(PEAKS(200));

	(void)state;
	batch_compare(&now, &bad, &five_percent);
	assert_int_equal(now.results[0].verdict, BATCH_WORSE);
	batch_compare(&now, &good, &five_percent);
	assert_int_equal(now.results[0].verdict, BATCH_PASSED);
	assert_null(now.results[0].reason);
	assert_true(batch_summary_is_good(&now));
	batch_summary_free(&now);
	batch_summary_free(&good);
	batch_summary_free(&bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beyond_the_tolerance_is_worse),
		cmocka_unit_test(what_recordings_can_be_off_by_is_noise),
		cmocka_unit_test(medians_are_compared),
		cmocka_unit_test(what_spreads_as_widely_is_noise),
		cmocka_unit_test(runs_that_failed_are_left_out),
		cmocka_unit_test(verdicts_that_are_worse_anyway_stay),
		cmocka_unit_test(programs_that_are_new_or_gone_are_told),
		cmocka_unit_test(every_figure_of_a_function_is_compared),
		cmocka_unit_test(times_count_if_they_are_to),
		cmocka_unit_test(functions_of_one_name_in_a_run_count_together),
		cmocka_unit_test(functions_of_one_side_only),
		cmocka_unit_test(growth_from_nothing_and_below_it),
		cmocka_unit_test(the_worst_change_comes_first_and_the_best_last),
		cmocka_unit_test(comparing_again_forgets_the_first_time),
	};

	return cmocka_run_group_tests_name("batch_compare", tests, NULL, NULL);
}

/* More samples than are kept: a picture's figures are still those of a report, and its window has every sample. */
#include "plot_runs.h"
#include "same_figures.h"

enum { SAMPLES = 700000, MOST = 1 << 19, FUNCTIONS = 61 };

static uint64_t chance(uint64_t *seed, uint64_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (*seed >> 33) % below;
}

static void time_put(FILE *out, int sample, int micro)
{
	fprintf(out, "%d.%06d", 1700000000 + sample / 10000, sample % 10000 * 100 + micro);
}

/* How a file tells of calls: as they begin and end; in one line when they have ended, as mprof does; late. */
enum telling { BOTH_ENDS, AT_END, LATE };

static void leave_put(FILE *out, enum telling telling, int call, int from, int to, int thread)
{
	fprintf(out, "FUNC f%d 5.0 ", call % FUNCTIONS);
	time_put(out, from, 1);
	fputs(" 6.0 ", out);
	time_put(out, to, 1);
	if (telling == AT_END)
		fprintf(out, " %d\n", thread);
	else
		fprintf(out, " 0 call=%d fn=%d pid=10 tid=%d end=return time=exact\n", call,
			call % FUNCTIONS + 1, 10 + thread);
}

/*
 * Two threads; calls of four samples, the second of which is high, and behind each call a sample that is higher: of a
 * column of what is kept, eight samples, only that one may stay.
 */
static void recording_write(const struct place *place, enum telling telling)
{
	int from[2] = {0}, call[2] = {0}, calls = 0;
	uint64_t seed = 5;
	FILE *out = fopen(place->file, "w");

	assert_non_null(out);
	fputs("CMDLINE x\n", out);
	if (telling != AT_END)
		fputs("FMPROF 1 start=1700000000.0 interval=0.0001 pid=10 host=h exe=/x metrics=rss\n", out);
	for (int i = 0; i < FUNCTIONS && telling != AT_END; i++)
		fprintf(out, "FN %d f%d /x 0x%x - f%d\n", i + 1, i, i + 1, i);
	for (int i = 0; i < SAMPLES; i++) {
		bool is_high = false, is_over = false;
		for (int thread = 0; thread < 2; thread++) {
			is_high |= call[thread] > 0 && i == from[thread] + 1;
			is_over |= call[thread] > 0 && i == from[thread] + 4 && i >= from[!thread] + 4;
		}
		for (int thread = 0; thread < 2; thread++) {
			if (call[thread] > 0 && i == from[thread] + (telling == LATE ? 20 : 4)) {
				leave_put(out, telling, call[thread], from[thread], from[thread] + 4, thread);
				call[thread] = 0;
			} else if (call[thread] == 0 && !is_over && chance(&seed, 40) == 0) {
				call[thread] = ++calls;
				from[thread] = i;
				if (telling == AT_END)
					continue;
				fprintf(out, "ENTER %d %d 10 %d 0 5.0 ", calls, calls % FUNCTIONS + 1,
					10 + thread);
				time_put(out, i, 1);
				fputc('\n', out);
			}
		}
		fprintf(out, "MEM %llu.0 ",
			(unsigned long long)(is_over   ? 5000
					     : is_high ? 50 + chance(&seed, 4000)
						       : 7));
		time_put(out, i, 2);
		fputc('\n', out);
	}
	assert_int_equal(fclose(out), 0);
}

static void assert_window_is_the_reports(const struct place *place, double from, double to)
{
	struct report_options options = {.from_ns = (uint64_t)(from * SECOND),
					 .to_ns = to > 0 ? (uint64_t)(to * SECOND) : UINT64_MAX};
	struct run_selection selection = {.from_ns = options.from_ns, .to_ns = options.to_ns};
	struct report *report;
	struct run *run;
	struct error err = {0};

	assert_int_equal(report_read(place->file, &options, &report, &err), 0);
	assert_int_equal(run_load(place->file, &selection, &run, &err), 0);
	assert_true(run->sample_count < MOST);
	assert_int_equal(run_select(run, &selection, &err), 0);
	assert_same_figures(run, report);
	/* Those inside, and the ends of the window; the trend is that of each. */
	double slope, reported, at_zero;
	assert_true(trend_solve(&run->trend, &slope, &at_zero));
	assert_true(trend_solve(&report->trend, &reported, &at_zero));
	if (from <= 0 && to <= 0)
		assert_true(slope == reported);
	else
		assert_in_range(run->trend.count, (uint64_t)((to - from) * 10000) - 2,
				(uint64_t)((to - from) * 10000) + 2);
	if (to > 0)
		assert_in_range(run->sample_count, (uint64_t)((to - from) * 10000),
				(uint64_t)((to - from) * 10000) + 3);
	run_free(run);
	report_free(report);
}

static void figures_of_long_recordings_are_those_of_a_report(void **state)
{
	for (int telling = BOTH_ENDS; telling <= LATE; telling++) {
		recording_write(*state, (enum telling)telling);
		assert_window_is_the_reports(*state, 0, 0);
		assert_window_is_the_reports(*state, 12.34567, 13.5);
		assert_window_is_the_reports(*state, 60, 69.5);
		assert_window_is_the_reports(*state, 0, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(figures_of_long_recordings_are_those_of_a_report, place_setup,
						place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

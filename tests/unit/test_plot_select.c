/* Parts of recordings: windows, some functions, long calls; and that their figures are those of a report. */
#include "plot_runs.h"
#include "same_figures.h"

static int select_with(struct run *run, const struct run_selection *selection)
{
	struct error err = {0};
	int result = run_select(run, selection, &err);
	if (result < 0) {
		assert_int_equal(err.status, STATUS_FAILED);
		assert_null(strchr(err.message, '\n'));
	}
	error_free(&err);
	return result;
}

static const uint64_t second = SECOND;

static void windows_cut_samples_and_count_what_begins_inside(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	size_t f = function_add(&made, "f");
	call_add(&made, f, 0, 1, 4, 20, 50);
	call_add(&made, f, 0, 5, 9, 60, 100);
	call_add(&made, f, 0, 9.5, 9.8, 105, 108);
	run_find_peaks(&made.run);
	assert_int_equal(
		select_with(&made.run, &(struct run_selection){.from_ns = 3 * second, .to_ns = 8 * second}),
		0);
	assert_int_equal(made.run.start_ns, START_NS + 3 * second);
	assert_int_equal(made.run.end_ns, START_NS + 8 * second);
	assert_int_equal(made.run.before_ns, 3 * second);
	assert_int_equal(made.run.samples[0].time_ns, START_NS + 3 * second);
	assert_int_equal(made.run.samples[made.run.sample_count - 1].time_ns, START_NS + 8 * second);
	assert_int_equal(made.run.peak_rss, 90 * MIB);
	assert_int_equal(made.run.call_count, 2);
	assert_true(made.run.calls[0].uncounted);
	assert_false(made.run.calls[1].uncounted);
	assert_int_equal(made.run.functions[f].calls, 1);
	assert_int_equal(made.run.functions[f].total_ns, 4 * second);

	/* The axis tells the recording's time; what began before has no '[' and no figures. */
	double points[8][2];
	char *script = script_of(&made, PLOT_PNG);
	assert_non_null(strstr(script, "set xrange [3:8]"));
	assert_int_equal(line_points(script, "$ends0 <<", 0, points), 4);
	assert_near(points[1][0], 4, 1e-6);
	assert_non_null(strstr(script, "'1 call, 4.000 s, +40.0 MiB, peak 100.0 MiB'"));
	free(script);
	made_free(&made);
}

static void windows_have_ends_between_samples(void **state)
{
	struct made made = made_new("x");
	(void)state;

	sample_add(&made, 0, 10);
	sample_add(&made, 10, 110);
	sample_add(&made, 20, 10);
	assert_int_equal(
		select_with(&made.run, &(struct run_selection){.from_ns = 50 * second, .to_ns = UINT64_MAX}),
		-1);
	assert_int_equal(
		select_with(&made.run, &(struct run_selection){.from_ns = 5 * second, .to_ns = 15 * second}),
		0);
	assert_int_equal(made.run.sample_count, 3);
	assert_int_equal(made.run.samples[0].rss, 60 * MIB);
	assert_int_equal(made.run.samples[2].rss, 60 * MIB);
	assert_int_equal(made.run.peak_rss, 110 * MIB);
	/* A part of a part, without a sample in it. */
	assert_int_equal(
		select_with(&made.run, &(struct run_selection){.from_ns = second, .to_ns = 2 * second}), 0);
	assert_int_equal(made.run.before_ns, 6 * second);
	assert_int_equal(made.run.samples[0].rss, 70 * MIB);
	assert_int_equal(made.run.samples[1].rss, 80 * MIB);
	made_free(&made);
}

static void filters_leave_functions_and_long_calls(void **state)
{
	static const char *const globs[] = {"f*", "exact"}, *const unknown[] = {"none"};
	struct made made = ramp("./ramp");
	(void)state;

	size_t f = function_add(&made, "far"), g = function_add(&made, "other");
	size_t exact = function_add(&made, "exact");
	call_add(&made, f, 0, 1, 4, 20, 50);
	call_add(&made, f, 0, 4.5, 4.6, 20, 50);
	call_add(&made, g, 0, 5, 9, 60, 100);
	call_add(&made, exact, 0, 9.1, 9.2, 60, 100);
	struct run_selection all = {.to_ns = UINT64_MAX, .globs = globs, .glob_count = 2};
	assert_int_equal(select_with(&made.run, &all), 0);
	assert_int_equal(made.run.call_count, 3);
	assert_int_equal(made.run.functions[g].calls, 0);
	all = (struct run_selection){.to_ns = UINT64_MAX, .least_ns = second};
	assert_int_equal(select_with(&made.run, &all), 0);
	assert_int_equal(made.run.call_count, 1);
	assert_int_equal(made.run.functions[f].calls, 1);
	assert_int_equal(made.run.functions[f].total_ns, 3 * second);
	all = (struct run_selection){.to_ns = UINT64_MAX, .globs = unknown, .glob_count = 1};
	assert_int_equal(select_with(&made.run, &all), -1);
	all = (struct run_selection){.to_ns = UINT64_MAX, .no_calls = true};
	assert_int_equal(select_with(&made.run, &all), 0);
	assert_int_equal(made.run.call_count, 0);
	made_free(&made);
}

/* ---- the same figures as a report's ---------------------------------------------------- */

static uint64_t chance(uint64_t *seed, uint64_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (*seed >> 33) % below;
}

struct writing {
	struct text text;
	uint64_t time_ns, seed;
	unsigned call, depth[3], open[3][8], function[3][8];
	uint64_t enter_ns[3][8];
};

static void time_put(struct writing *writing, uint64_t time_ns)
{
	text_printf(&writing->text, "%llu.%09llu", (unsigned long long)(time_ns / second),
		    (unsigned long long)(time_ns % second));
}

/* An enter or a leave of a thread, recursive at times, as deep as 8; peaks stand in some lines. */
static void step_put(struct writing *writing, unsigned tid, bool enter)
{
	unsigned depth = enter ? writing->depth[tid]++ : --writing->depth[tid];

	if (enter) {
		unsigned function = 1 + (unsigned)chance(&writing->seed, 3);
		writing->function[tid][depth] = function;
		writing->open[tid][depth] = ++writing->call;
		writing->enter_ns[tid][depth] = writing->time_ns;
		text_printf(&writing->text, "ENTER %u %u 10 %u %u 5.000000 ", writing->call, function,
			    10 + tid, depth);
		time_put(writing, writing->time_ns);
		text_putc(&writing->text, '\n');
		return;
	}
	text_printf(&writing->text, "FUNC f%u 5.000000 ", writing->function[tid][depth]);
	time_put(writing, writing->enter_ns[tid][depth]);
	text_puts(&writing->text, " 6.000000 ");
	time_put(writing, writing->time_ns);
	text_printf(&writing->text, " %u call=%u fn=%u pid=10 tid=%u end=%s time=exact", depth,
		    writing->open[tid][depth], writing->function[tid][depth], 10 + tid,
		    chance(&writing->seed, 9) == 0 ? "thread-exit" : "return");
	if (chance(&writing->seed, 2))
		text_printf(&writing->text, " peak=%llu.000000 peak_is=%s",
			    (unsigned long long)chance(&writing->seed, 90),
			    chance(&writing->seed, 2) ? "exact" : "least");
	text_putc(&writing->text, '\n');
}

static void recording_write(const struct place *place, uint64_t seed)
{
	struct writing writing = {.time_ns = START_NS, .seed = seed};

	text_puts(&writing.text,
		  "CMDLINE x\nFMPROF 1 start=1700000000.000000000 interval=0.01 pid=10 host=h exe=/x "
		  "metrics=rss peaks=mark\n");
	for (int i = 1; i <= 3; i++)
		text_printf(&writing.text, "FN %d f%d /x 0x%d - f%d\n", i, i, i, i);
	for (int i = 0; i < 600; i++) {
		unsigned tid = (unsigned)chance(&writing.seed, 3);
		writing.time_ns += 1 + chance(&writing.seed, 20000000);
		if (chance(&writing.seed, 4) == 0) {
			text_printf(&writing.text, "MEM %llu.000000 ",
				    (unsigned long long)chance(&writing.seed, 50));
			time_put(&writing, writing.time_ns);
			if (chance(&writing.seed, 2))
				text_printf(&writing.text, " peak=%llu.000000",
					    (unsigned long long)(50 + chance(&writing.seed, 40)));
			text_putc(&writing.text, '\n');
		} else {
			bool enter = writing.depth[tid] == 0 ||
				     (writing.depth[tid] < 8 && chance(&writing.seed, 2) == 0);
			step_put(&writing, tid, enter);
		}
	}
	bytes_write(place->file, writing.text.data, writing.text.length);
	text_free(&writing.text);
}

static void figures_are_those_of_a_report(void **state)
{
	const struct place *place = *state;
	struct error err = {0};

	for (uint64_t seed = 1; seed <= 20; seed++) {
		recording_write(place, seed);
		for (uint64_t from = 0; from < 4; from++) {
			struct report_options options = {.from_ns = from * second,
							 .to_ns = from == 0 ? UINT64_MAX
									    : (from + 1) * second};
			struct run_selection selection = {.from_ns = options.from_ns, .to_ns = options.to_ns};
			struct report *report;
			struct run *run;
			assert_int_equal(report_read(place->file, &options, &report, &err), 0);
			assert_int_equal(run_load(place->file, &selection, &run, &err), 0);
			assert_int_equal(run_select(run, &selection, &err), 0);
			assert_same_figures(run, report);
			run_free(run);
			report_free(report);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_cut_samples_and_count_what_begins_inside),
		cmocka_unit_test(windows_have_ends_between_samples),
		cmocka_unit_test(filters_leave_functions_and_long_calls),
		cmocka_unit_test_setup_teardown(figures_are_those_of_a_report, place_setup, place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

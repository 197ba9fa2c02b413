/* Figures in passing, of recordings whose truth is known. Times are small here, so that sums can be seen. */
#include "fmprof/analyze.h"

#include "../../src/analyze/highs.h"
#include "place.h"

enum { PAGE = 4096 };

struct written {
	const struct place *place;
	struct trace_writer *writer;
};

static struct written recording_begin(const struct place *place, enum trace_peaks peaks)
{
	struct written written = {.place = place};
	struct clock_anchor clock;
	struct error err = {0};

	assert_int_equal(trace_writer_open(place->file, &written.writer, &err), 0);
	clock_anchor_set(&clock);
	trace_begin(written.writer, &clock);
	trace_put_header(written.writer, &(struct trace_header){.version = 1,
								.start_ns = 10,
								.interval_ns = 5,
								.pid = 1,
								.host = "h",
								.executable = "/prog",
								.metrics = "rss",
								.peaks = peaks,
								.peak_bound = 3 * PAGE});
	return written;
}

static void function_put(struct written *written, uint32_t id, const char *name)
{
	trace_put_function(written->writer,
			   &(struct trace_function){id, name, name, "/lib/m.so", id, NULL, 0});
}

static void sample_put(struct written *written, uint64_t time_ns, uint64_t pages, uint64_t peak)
{
	trace_put_sample(
		written->writer,
		&(struct trace_sample){.time_ns = time_ns, .rss = pages * PAGE, .peak = peak * PAGE});
}

static void enter_put(struct written *written, uint64_t call, uint32_t fn, pid_t pid, pid_t tid,
		      uint64_t pages, uint64_t time_ns)
{
	trace_put_enter(written->writer, &(struct trace_enter){call, fn, pid, tid, 0, pages * PAGE, time_ns});
}

/* A FUNC line; `peak` in pages, exact if above 0. */
static void leave_put(struct written *written, uint64_t call, uint32_t fn, pid_t pid, pid_t tid,
		      uint64_t from, uint64_t to, uint64_t pages_in, uint64_t pages_out, uint64_t peak)
{
	trace_put_call(written->writer, &(struct trace_call){.call = call,
							     .function = fn,
							     .name = "name",
							     .pid = pid,
							     .tid = tid,
							     .enter_rss = pages_in * PAGE,
							     .enter_ns = from,
							     .leave_rss = pages_out * PAGE,
							     .leave_ns = to,
							     .end = TRACE_END_RETURN,
							     .exact = true,
							     .peak = peak * PAGE,
							     .peak_exact = peak > 0});
}

static void recording_end(struct written *written)
{
	struct error err = {0};

	trace_end(written->writer);
	assert_int_equal(trace_writer_close(written->writer, &err), 0);
}

static struct report *report_of(const struct place *place, enum report_by by, uint64_t from_ns,
				uint64_t to_ns)
{
	struct report_options options = {.by = by, .from_ns = from_ns, .to_ns = to_ns};
	struct report *report = NULL;
	struct error err = {0};

	assert_int_equal(report_read(place->file, &options, &report, &err), 0);
	return report;
}

static struct report *report_all(const struct place *place)
{
	return report_of(place, REPORT_BY_FUNCTION, 0, UINT64_MAX);
}

static const struct report_row *row_named(const struct report *report, const char *name)
{
	for (size_t i = 0; i < report->row_count; i++)
		if (strcmp(report->functions[report->rows[i]->function].name, name) == 0)
			return report->rows[i];
	fail_msg("no row of %s", name);
	return NULL;
}

/*
 *  thread 1   f 10──────────────────────────60     net +3 pages
 *                 g 15──────────────50
 *                      f 20────40                 net +2, inside of the outer f
 *  thread 2        f 30─────────────────────────90 net -1
 */
static void nested_put(struct written *written)
{
	function_put(written, 1, "never");
	function_put(written, 2, "f");
	function_put(written, 3, "g");
	sample_put(written, 10, 5, 0);
	enter_put(written, 1, 2, 1, 1, 5, 10);
	enter_put(written, 2, 3, 1, 1, 5, 15);
	enter_put(written, 3, 2, 1, 1, 6, 20);
	enter_put(written, 4, 2, 1, 2, 9, 30);
	leave_put(written, 3, 2, 1, 1, 20, 40, 6, 8, 9);
	leave_put(written, 2, 3, 1, 1, 15, 50, 5, 8, 9);
	leave_put(written, 1, 2, 1, 1, 10, 60, 5, 8, 11);
	leave_put(written, 4, 2, 1, 2, 30, 90, 9, 8, 10);
	trace_put_finish(written->writer,
			 &(struct trace_finish){.time_ns = 100, .peak = 12 * PAGE, .calls = 4});
}

static void test_recursion_counts_once(void **state)
{
	struct written written = recording_begin(*state, TRACE_PEAKS_RESET);
	nested_put(&written);
	recording_end(&written);
	struct report *report = report_all(*state);
	const struct report_row *f = row_named(report, "f"), *g = row_named(report, "g");

	assert_int_equal(report->function_count, 3);
	assert_int_equal(report->row_count, 2);
	assert_true(f->calls == 3 && f->outermost == 2 && f->ends[TRACE_END_RETURN] == 3);
	assert_int_equal(f->total_ns, 50 + 60);
	assert_int_equal(f->outermost_ns, 50 + 60);
	assert_int_equal(f->max_ns, 60);
	/* 10..15, 20..40, 50..60 in one thread, 30..90 in the other. */
	assert_int_equal(f->self_ns, 5 + 20 + 10 + 60);
	assert_int_equal(g->self_ns, 5 + 10);
	assert_int_equal(g->total_ns, 35);
	assert_int_equal(f->net_growth, (3 - 1) * PAGE);
	assert_int_equal(f->largest_growth, 3 * PAGE);
	assert_int_equal(f->peak.bytes, 11 * PAGE);
	assert_true(f->peak.exact);
	assert_true(f->first_enter_ns == 10 && f->first_enter_rss == 5 * PAGE);
	assert_true(f->last_leave_ns == 90 && f->last_leave_rss == 8 * PAGE);
	assert_true(report->peak.bytes == 12 * PAGE && report->peak.exact && report->peak_bound == 3 * PAGE);
	assert_true(report->start_ns == 10 && report->end_ns == 100 && report->complete);
	assert_true(report->calls == 4 && report->unfinished == 0);
	report_free(report);
}

static void test_by_thread_and_process(void **state)
{
	struct written written = recording_begin(*state, TRACE_PEAKS_RESET);
	nested_put(&written);
	recording_end(&written);
	struct report *report = report_of(*state, REPORT_BY_THREAD, 0, UINT64_MAX);

	assert_int_equal(report->row_count, 3);
	const struct report_row *first = report->rows[0], *other = report->rows[2];
	assert_true(first->tid == 1 && first->calls == 2 && first->total_ns == 50 && first->self_ns == 35);
	assert_true(other->tid == 2 && other->calls == 1 && other->total_ns == 60 &&
		    other->net_growth == -PAGE);
	report_free(report);
	report = report_of(*state, REPORT_BY_PROCESS, 0, UINT64_MAX);
	assert_int_equal(report->row_count, 2);
	assert_true(report->rows[0]->pid == 1 && report->rows[0]->tid == 0 && report->rows[0]->calls == 3);
	report_free(report);
}

/* Windows that touch each other share no call. */
static void test_window(void **state)
{
	struct written written = recording_begin(*state, TRACE_PEAKS_RESET);
	nested_put(&written);
	recording_end(&written);
	struct report *before = report_of(*state, REPORT_BY_FUNCTION, 0, 10);
	struct report *after = report_of(*state, REPORT_BY_FUNCTION, 10, UINT64_MAX);

	const struct report_row *f = row_named(before, "f");
	assert_true(f->calls == 1 && f->total_ns == 50 && f->net_growth == 3 * PAGE && f->self_ns == 15);
	f = row_named(after, "f");
	/* The inner call is there, and is part of one that began before. */
	assert_true(f->calls == 2 && f->outermost == 1 && f->total_ns == 60 && f->net_growth == -PAGE);
	assert_int_equal(row_named(after, "g")->calls, 0);
	report_free(before);
	report_free(after);
}

/*
 * Call 1 was left at 20, and that was noticed at 70. In between its thread has called f again and taken samples: all
 * of that is not inside of call 1. Of call 9 only the end is there.
 */
static void test_calls_out_of_order(void **state)
{
	struct written written = recording_begin(*state, TRACE_PEAKS_NONE);
	function_put(&written, 1, "f");
	function_put(&written, 2, "g");
	enter_put(&written, 1, 1, 1, 1, 5, 10);
	sample_put(&written, 15, 6, 0);
	sample_put(&written, 20, 7, 0); /* when it was left, and so inside */
	enter_put(&written, 2, 2, 1, 1, 5, 30);
	sample_put(&written, 35, 90, 0);
	leave_put(&written, 2, 2, 1, 1, 30, 40, 5, 5, 0);
	enter_put(&written, 3, 1, 1, 1, 5, 50);
	leave_put(&written, 9, 2, 1, 1, 52, 56, 5, 5, 0);
	leave_put(&written, 3, 1, 1, 1, 50, 60, 5, 6, 0);
	leave_put(&written, 1, 1, 1, 1, 10, 20, 5, 6, 0);
	sample_put(&written, 80, 1, 0);
	recording_end(&written);
	struct report *report = report_all(*state);
	const struct report_row *f = row_named(report, "f"), *g = row_named(report, "g");

	assert_true(f->calls == 2 && f->outermost == 2 && f->total_ns == 20 && f->net_growth == 2 * PAGE);
	assert_int_equal(f->self_ns, 10 + 10 - 4);
	assert_true(g->calls == 2 && g->total_ns == 14 && g->self_ns == 14);
	assert_true(f->peak.bytes == 7 * PAGE && !f->peak.exact);
	assert_int_equal(g->peak.bytes, 90 * PAGE);
	assert_int_equal(report->calls, 4);
	report_free(report);
}

/* Without FN lines functions are known from where they are named first, and a second reading must not mix them up. */
static void test_second_reading_knows_functions(void **state)
{
	struct written written = recording_begin(*state, TRACE_PEAKS_NONE);
	enter_put(&written, 1, 2, 1, 1, 5, 10);
	enter_put(&written, 2, 1, 1, 1, 5, 20);
	leave_put(&written, 2, 1, 1, 1, 20, 40, 5, 5, 0);
	leave_put(&written, 1, 2, 1, 1, 10, 15, 5, 6, 0);
	recording_end(&written);
	struct report *report = report_all(*state);

	assert_int_equal(row_named(report, "function-1")->total_ns, 20);
	assert_int_equal(row_named(report, "function-2")->total_ns, 5);
	report_free(report);
}

static void test_mprof_file(void **state)
{
	static const char content[] =
		"CMDLINE python3 x.py\nMEM 1.0 2.0\nMEM 9.0 4.0\nCHLD 0 3.0 4.0\nMEM 3.0 5.0\n"
		"FUNC m.g 1.0 3.0 2.0 4.0 1\nFUNC m.f 1.0 2.5 4.0 4.5 0\n"
		"FUNC m.f 1.0 5.0 2.0 0.5 0\ndamaged\n";
	const struct place *place = *state;
	bytes_write(place->file, content, sizeof(content) - 1);
	struct report *report = report_all(place);
	const struct report_row *f = row_named(report, "m.f"), *g = row_named(report, "m.g");

	assert_true(f->calls == 2 && f->outermost == 2);
	assert_true(f->total_ns == 2000000000 && f->self_ns == 1000000000);
	assert_true(g->total_ns == 1000000000 && g->self_ns == 1000000000);
	assert_true(f->peak.bytes == 9 << 20 && !f->peak.exact);
	assert_int_equal(f->net_growth, 4 << 20);
	assert_true(report->peak.bytes == 9 << 20 && !report->peak.exact);
	assert_int_equal(report->process_count, 2);
	assert_true(report->processes[1]->peak.bytes == 3 << 20 && report->processes[1]->pid == 0);
	assert_true(report->damaged_lines == 1 && report->first_damaged_line == 9);
	assert_true(!report->complete && !report_missed_known(report));
	report_free(report);
	/* The start is the first time in the file: only the second reading knows it. */
	report = report_of(place, REPORT_BY_FUNCTION, 1900000000, 2100000000);
	assert_int_equal(report->start_ns, 500000000);
	assert_true(row_named(report, "m.f")->calls == 1 && row_named(report, "m.g")->calls == 0);
	report_free(report);
}

/* The peak of a sample reaches back to the sample before, and is of no call that began since. */
static void test_unfinished_calls(void **state)
{
	struct written written = recording_begin(*state, TRACE_PEAKS_RESET);
	function_put(&written, 1, "outer");
	function_put(&written, 2, "inner");
	function_put(&written, 3, "last");
	enter_put(&written, 1, 1, 1, 1, 2, 10);
	sample_put(&written, 15, 3, 3);
	enter_put(&written, 2, 2, 1, 1, 3, 20);
	sample_put(&written, 25, 4, 50);
	sample_put(&written, 30, 5, 40);
	sample_put(&written, 35, 8, 8);
	enter_put(&written, 3, 3, 1, 1, 9, 40);
	recording_end(&written);
	struct report *report = report_all(*state);
	const struct report_row *outer = row_named(report, "outer"), *inner = row_named(report, "inner");
	const struct report_row *last = row_named(report, "last");

	assert_true(outer->ends[TRACE_END_UNFINISHED] == 1 && report_row_unfinished(outer) == 1);
	assert_true(outer->total_ns == 30 && outer->self_ns == 10 && outer->net_growth == 6 * PAGE);
	assert_true(outer->peak.bytes == 50 * PAGE && !outer->peak.exact);
	assert_int_equal(inner->peak.bytes, 40 * PAGE);
	assert_true(last->total_ns == 0 && last->net_growth == 0 && last->peak.bytes == 9 * PAGE);
	assert_true(outer->by_call.count == 0 && report->unfinished == 3);
	assert_true(report->peak.bytes == 50 * PAGE && !report->peak.exact);
	report_free(report);
}

/* Memory of the first process is not that of a child, unless there is nothing but their sum. */
static void test_children(void **state)
{
	for (int separate = 0; separate <= 1; separate++) {
		struct written written =
			recording_begin(*state, separate ? TRACE_PEAKS_RESET : TRACE_PEAKS_SAMPLES);
		function_put(&written, 1, "f");
		enter_put(&written, 1, 1, 7, 7, 2, 20);
		sample_put(&written, 25, 60, 0);
		if (separate)
			trace_put_child(written.writer,
					&(struct trace_child){.pid = 7, .time_ns = 25, .rss = 4 * PAGE});
		recording_end(&written);
		struct report *report = report_all(*state);
		const struct report_row *f = row_named(report, "f");

		assert_int_equal(f->peak.bytes, (separate ? 4 : 60) * PAGE);
		assert_int_equal(f->net_growth, (separate ? 2 : 58) * PAGE);
		assert_int_equal(report->process_count, 2);
		assert_true(report->processes[1]->pid == 7 && report->processes[1]->calls == 1);
		assert_int_equal(report->processes[1]->peak.bytes, separate ? 4 * PAGE : 0);
		report_free(report);
	}
}

/* Readings while calls come and go, compared with the plain way: for each open call its own highest. */
static void test_highs(void **state)
{
	enum { STEPS = 20000, DEEP = 20 };
	struct highs highs = {0};
	uint64_t open[DEEP], highest[DEEP], begun = 0, random = 1;
	size_t depth = 0, most = 0;
	(void)state;

	for (unsigned i = 0; i < STEPS; i++) {
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		/* Memory falls for long, so that nothing that is kept is exceeded. */
		uint64_t rss = 100 + STEPS - i + (random >> 61);
		if (depth < DEEP && random >> 33 & 1) {
			open[depth] = ++begun;
			highest[depth++] = 0;
		}
		highs_add(&highs, begun, rss);
		for (size_t d = 0; d < depth; d++)
			highest[d] = rss > highest[d] ? rss : highest[d];
		if (highs.count > 2 * depth + 8)
			highs_prune(&highs, open, depth);
		most = highs.count > most ? highs.count : most;
		for (size_t d = 0; d < depth; d++)
			assert_int_equal(highs_since(&highs, open[d]), highest[d]);
		if (depth > 0 && random >> 35 & 1) {
			/* Any of them ends, not only the newest. */
			size_t gone = (size_t)(random >> 40) % depth--;
			memmove(open + gone, open + gone + 1, (depth - gone) * sizeof(*open));
			memmove(highest + gone, highest + gone + 1, (depth - gone) * sizeof(*highest));
		}
	}
	assert_int_equal(highs_since(&highs, begun + 1), 0);
	assert_true(most <= 2 * DEEP + 9);
	highs_free(&highs);
}

static void test_fit(void **state)
{
	/* Sums 1 3 2 5 7 8 8 9 10 12. */
	static const double steps[] = {1, 2, -1, 3, 2, 1, 0, 1, 1, 2};
	struct fit fit = {0}, line = {0}, still = {0};
	double slope, margin;
	(void)state;

	for (unsigned i = 0; i < 10; i++) {
		assert_false(fit_solve(&fit, &slope, &margin));
		fit_add(&fit, i, steps[i]);
		fit_add(&line, 1000 + i, 4096);
		fit_add(&still, 5, steps[i]);
	}
	/* sxx 82.5, sxy 96.5, s² 1.2889, sum of squares of c 833.25, t(0.975, 9) 2.2622. */
	assert_true(fit_solve(&fit, &slope, &margin));
	assert_true(slope > 1.1696 && slope < 1.1698);
	assert_true(margin > 0.8985 && margin < 0.8987);
	assert_true(fit_solve(&line, &slope, &margin));
	assert_true(slope > 4095.999 && slope < 4096.001 && margin < 0.001);
	assert_false(fit_solve(&still, &slope, &margin));
}

static double noise(uint64_t *random)
{
	double sum = 0;

	for (int i = 0; i < 12; i++) {
		*random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		sum += (double)(*random >> 33) / (double)(UINT64_C(1) << 31);
	}
	return sum - 6;
}

/* Of functions that grow by 1 on average, with noise, about 95 of 100 intervals hold that 1. */
static void test_confidence(void **state)
{
	enum { FUNCTIONS = 2000, CALLS = 300 };
	uint64_t random = 1;
	unsigned by_call = 0, by_second = 0;
	(void)state;

	for (unsigned i = 0; i < FUNCTIONS; i++) {
		struct fit calls = {0}, seconds = {0};
		double slope, margin, time = 1e6;

		for (unsigned k = 0; k < CALLS; k++) {
			double step = 1 + 50 * noise(&random);
			fit_add(&calls, k, step);
			fit_add(&seconds, time, step);
			time += 0.5 + (double)(random >> 63);
		}
		assert_true(fit_solve(&calls, &slope, &margin));
		by_call += slope - margin <= 1 && slope + margin >= 1;
		assert_true(fit_solve(&seconds, &slope, &margin));
		by_second += slope - margin <= 1 && slope + margin >= 1;
	}
	assert_in_range(by_call, FUNCTIONS * 93 / 100, FUNCTIONS * 97 / 100);
	assert_in_range(by_second, FUNCTIONS * 93 / 100, FUNCTIONS * 97 / 100);
}

static void test_globs(void **state)
{
	char name[] = "ns::operator!(int)", full[] = "bool ns::operator!(int)",
	     module[] = "/usr/lib/libx.so.1";
	const struct run_function function = {.name = name, .full_name = full, .module = module};
	(void)state;

	assert_true(function_matches(&function, "ns::operator!(int)"));
	assert_true(function_matches(&function, "bool *"));
	assert_true(function_matches(&function, "libx.so*!ns::*"));
	assert_false(function_matches(&function, "liby.so*!ns::*"));
	assert_false(function_matches(&function, "!ns::*"));
	assert_false(function_matches(&function, "operator"));
	char index[] = "a[b-z](int)";
	assert_true(function_matches(
		&(struct run_function){.name = index, .full_name = index, .module = module}, index));
}

static void word_means(const char *folder, const char *word, const char *name)
{
	struct error err = {0};
	char *found = recording_find(folder, word, &err);

	if (name) {
		char *wanted =
			mem_printf("%s%s%s", *name == '/' ? "" : folder, *name == '/' ? "" : "/", name);
		assert_string_equal(found, wanted);
		free(wanted);
	} else {
		assert_null(found);
		assert_non_null(strstr(err.message, "no recording of that number"));
	}
	error_free(&err);
	free(found);
}

static void test_indices(void **state)
{
	const struct place *place = *state;
	static const char *const names[] = {"mprofile_20250101000000.dat", "mprofile_20240101000000.dat",
					    "mprofile_20240101000000.txt", "mprofile_20230101000000.dat"};
	enum { COUNT = sizeof(names) / sizeof(*names) };

	word_means(place->folder, "0", NULL);
	for (size_t i = 0; i < COUNT; i++) {
		char *path = mem_printf("%s/%s", place->folder, names[i]);
		/* The last one is no file: it has no index. */
		if (i + 1 < COUNT)
			bytes_write(path, "", 0);
		else
			assert_int_equal(symlink(names[0], path), 0);
		free(path);
	}
	word_means(place->folder, "0", names[1]);
	word_means(place->folder, "1", names[0]);
	word_means(place->folder, "-1", names[0]);
	word_means(place->folder, "-2", names[1]);
	word_means(place->folder, "2", NULL);
	word_means(place->folder, "-3", NULL);
	word_means(place->folder, "99999999999999999999", NULL);
	word_means(place->folder, "-99999999999999999999", NULL);
	word_means(place->folder, "/a/1x", "/a/1x");
	for (size_t i = 0; i < COUNT; i++) {
		char *path = mem_printf("%s/%s", place->folder, names[i]);
		unlink(path);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_recursion_counts_once, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_by_thread_and_process, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_window, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_calls_out_of_order, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_second_reading_knows_functions, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(test_mprof_file, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_unfinished_calls, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_children, place_setup, place_teardown),
		cmocka_unit_test(test_highs),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_confidence),
		cmocka_unit_test(test_globs),
		cmocka_unit_test_setup_teardown(test_indices, place_setup, place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

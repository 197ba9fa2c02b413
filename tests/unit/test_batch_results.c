/* What results are written as: each line that a reader depends on. */
#include <fcntl.h>
#include <sys/stat.h>

#include "batch_made.h"
#include "place.h"

typedef void put_results(struct text *out, const struct batch_summary *summary);

static struct text written(put_results *put, const struct batch_summary *summary)
{
	struct text out = {0};
	put(&out, summary);
	return out;
}

static void assert_written(put_results *put, const struct batch_summary *summary, const char *what)
{
	struct text out = written(put, summary);
	assert_contains(&out, what);
	text_free(&out);
}

static void assert_not_written(put_results *put, const struct batch_summary *summary, const char *what)
{
	struct text out = written(put, summary);
	if (strstr(out.data, what))
		fail_msg("'%s' is in:\n%s", what, out.data);
	text_free(&out);
}

/* Where `later` comes after `earlier`. */
static void assert_order(const struct text *out, const char *earlier, const char *later)
{
	assert_contains(out, earlier);
	assert_contains(out, later);
	assert_true(strstr(out->data, earlier) < strstr(out->data, later));
}

static struct batch_summary failing(const char *name, enum batch_verdict verdict, const char *reason)
{
	struct batch_summary summary = summary_made();
	verdict_set(&summary, result_add(&summary, name, 1), verdict, reason);
	return summary;
}

/* ---- TAP ---------------------------------------------------------------- */

static void tap_of_every_kind(void **state)
{
	struct batch_summary summary = failing("a # b \\ c", BATCH_CRASHED, "it's 'gone'\nok 7 - x");
	struct text out;

	(void)state;
	figure_add(&summary.results[0], BATCH_MAX_RSS, NULL, MIB, 2 * MIB)->exact = false;
	figure_add(&summary.results[0], BATCH_MAX_CALLS, "f", 10, 5);
	result_add(&summary, "good", 1);
	verdict_set(&summary, result_add(&summary, "late", 1), BATCH_NOT_RUN, "stopped");
	summary.interrupted = true;
	out = written(batch_put_tap, &summary);
	assert_string_equal(out.data, "TAP version 13\n1..3\n"
				      "not ok 1 - a \\# b \\\\ c\n"
				      "  ---\n"
				      "  verdict: 'crashed'\n"
				      "  message: 'it''s ''gone'' ok 7 - x'\n"
				      "  budgets:\n"
				      "    - over: 'max-rss: ≥ 2.0 MiB, limit 1.0 MiB (200 %)'\n"
				      "    - within: 'max-calls.f: 5, limit 10 (50 %)'\n"
				      "  ...\n"
				      "ok 2 - good\n"
				      "ok 3 - late # SKIP not run\n"
				      "Bail out! interrupted\n");
	text_free(&out);
	batch_summary_free(&summary);
}

/* ---- annotations -------------------------------------------------------- */

static void annotations_are_escaped(void **state)
{
	struct batch_summary summary = failing("a,b:c%\n::d", BATCH_CRASHED, "100%0A, of:it\n::error::x");

	(void)state;
	free(summary.suite);
	summary.suite = mem_strdup("dir,1/s:2.ini");
	assert_written(batch_put_annotations, &summary,
		       "::error file=dir%2C1/s%3A2.ini,line=3,title=a%2Cb%3Ac%25 %3A%3Ad%3A crashed::"
		       "100%250A, of:it ::error::x\n");
	free(summary.suite);
	summary.suite = NULL;
	assert_written(batch_put_annotations, &summary, "::error title=a%2Cb");
	batch_summary_free(&summary);
}

static void annotations_tell_each_budget_once(void **state)
{
	struct batch_summary summary =
		failing("p", BATCH_OVER_BUDGET, "max-rss: 2.0 MiB, limit 1.0 MiB (200 %)");
	struct text out;

	(void)state;
	figure_add(&summary.results[0], BATCH_MAX_RSS, NULL, MIB, 2 * MIB);
	figure_add(&summary.results[0], BATCH_MAX_PEAK, "f", MIB, MIB);
	figure_add(&summary.results[0], BATCH_MAX_CALLS, "f", 1, 3);
	out = written(batch_put_annotations, &summary);
	assert_string_equal(out.data, "::error file=suite.ini,line=3,title=p%3A over budget::"
				      "max-rss: 2.0 MiB, limit 1.0 MiB (200 %25)%0A"
				      "max-calls.f: 3, limit 1 (300 %25)\n");
	text_free(&out);
	batch_summary_free(&summary);
}

/* ---- JUnit -------------------------------------------------------------- */

static void junit_failures_errors_and_what_is_skipped(void **state)
{
	static const struct {
		enum batch_verdict verdict;
		const char *element;
	} cases[] = {
		{BATCH_WRONG_EXIT, "<failure message=\"why\" type=\"wrong exit\">"},
		{BATCH_CRASHED, "<error message=\"why\" type=\"crashed\">"},
		{BATCH_TIMED_OUT, "<error message=\"why\" type=\"timed out\">"},
		{BATCH_OOM_KILLED, "<error message=\"why\" type=\"out of memory\">"},
		{BATCH_NOT_FOUND, "<error message=\"why\" type=\"not found\">"},
		{BATCH_NOT_EXECUTABLE, "<error message=\"why\" type=\"not executable\">"},
		{BATCH_RECORDING_FAILED, "<error message=\"why\" type=\"recording failed\">"},
		{BATCH_INTERRUPTED, "<error message=\"why\" type=\"interrupted\">"},
		{BATCH_NOT_RUN, "<skipped message=\"why\" type=\"not run\">"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct batch_summary summary = failing("p", cases[i].verdict, "why");
		assert_written(batch_put_junit, &summary, cases[i].element);
		batch_summary_free(&summary);
	}
}

static void junit_has_a_case_for_each_budget(void **state)
{
	struct batch_summary summary = failing("<p>", BATCH_OVER_BUDGET, "too much");
	struct batch_figure *unknown;

	(void)state;
	figure_add(&summary.results[0], BATCH_MAX_RSS, NULL, MIB, 2 * MIB);
	unknown = figure_add(&summary.results[0], BATCH_MAX_CALLS, "f", 1, 0);
	unknown->known = false;
	unknown->note = mem_strdup("never called");
	assert_written(batch_put_junit, &summary, "tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\"");
	assert_written(batch_put_junit, &summary,
		       "<testcase name=\"ends as expected\" classname=\"&#60;p&#62;\" time=\"0.000\"/>");
	assert_written(batch_put_junit, &summary,
		       "<failure message=\"max-rss: 2.0 MiB, limit 1.0 MiB (200 %)\" type=\"over budget\">");
	assert_written(batch_put_junit, &summary,
		       "<skipped message=\"max-calls.f: never called\" type=\"not measured\">");
	assert_written(batch_put_junit, &summary, "timestamp=\"2023-11-14T22:13:20\" hostname=\"host\"");
	batch_summary_free(&summary);
}

/* ---- what a program said last ------------------------------------------- */

static void say(struct place *place, struct batch_summary *summary, const char *said, size_t length)
{
	bytes_write(place->file, said, length);
	free(summary->folder);
	summary->folder = mem_strdup(place->folder);
	free(summary->results[0].runs[0].err);
	summary->results[0].runs[0].err = mem_strdup("s.dat");
}

static void the_end_of_stderr_is_told(void **state)
{
	struct batch_summary summary = failing("p", BATCH_CRASHED, "why");
	struct place *place = *state;
	char long_lines[9000];

	say(place, &summary, "a<b>\n\0\033[31m\n\n", 13);
	assert_written(batch_put_junit, &summary, "stderr:&#10;a&#60;b&#62;&#10; \xef\xbf\xbd[31m&#10;");
	assert_written(batch_put_page, &summary, "<pre>a&#60;b&#62;&#10; \xef\xbf\xbd[31m</pre>");
	/* Of much only the end, in whole lines. */
	for (size_t i = 0; i < sizeof(long_lines); i++)
		long_lines[i] = i % 100 == 99 ? '\n' : (char)('a' + i / 1000);
	say(place, &summary, long_lines, sizeof(long_lines));
	assert_written(batch_put_page, &summary, "<pre>ffffff");
	assert_not_written(batch_put_page, &summary, "eee");
	/* One that passed has nothing to explain. */
	say(place, &summary, "harmless", 8);
	summary.results[0].verdict = summary.results[0].runs[0].verdict = BATCH_PASSED;
	assert_not_written(batch_put_page, &summary, "harmless");
	batch_summary_free(&summary);
}

static void nothing_else_is_told(void **state)
{
	struct batch_summary summary = failing("p", BATCH_CRASHED, "why");
	struct place *place = *state;
	char *outside = mem_printf("../%s", strrchr(place->folder, '/') + 1);

	say(place, &summary, "secret", 6);
	assert_written(batch_put_page, &summary, "secret");
	free(summary.results[0].runs[0].err);
	summary.results[0].runs[0].err = mem_printf("%s/s.dat", outside);
	assert_not_written(batch_put_page, &summary, "secret");
	free(summary.results[0].runs[0].err);
	summary.results[0].runs[0].err = mem_strdup(place->file);
	assert_not_written(batch_put_page, &summary, "secret");
	/* A pipe that nobody writes to would hold it up. */
	unlink(place->file);
	assert_int_equal(mkfifo(place->file, 0600), 0);
	free(summary.results[0].runs[0].err);
	summary.results[0].runs[0].err = mem_strdup("s.dat");
	assert_not_written(batch_put_page, &summary, "<pre>");
	free(outside);
	batch_summary_free(&summary);
}

/* ---- the page ----------------------------------------------------------- */

static void the_page_begins_with_the_worst(void **state)
{
	struct batch_summary summary = summary_made();
	struct text out;

	(void)state;
	figure_add(result_add(&summary, "good", 1), BATCH_MAX_RSS, NULL, 100 * MIB, 99 * MIB);
	figure_add(result_add(&summary, "bad", 1), BATCH_MAX_CALLS, "f", 100, 101);
	figure_add(result_add(&summary, "worst", 1), BATCH_MAX_PEAK, "g", 0, MIB);
	result_add(&summary, "crashes", 1);
	verdict_set(&summary, &summary.results[1], BATCH_OVER_BUDGET, "too much");
	verdict_set(&summary, &summary.results[2], BATCH_OVER_BUDGET, "too much");
	verdict_set(&summary, &summary.results[3], BATCH_CRASHED, "gone");
	verdict_set(&summary, result_add(&summary, "stopped", 1), BATCH_INTERRUPTED, "stopped");
	verdict_set(&summary, result_add(&summary, "late", 1), BATCH_NOT_RUN, "stopped");
	out = written(batch_put_page, &summary);
	assert_contains(&out, "5 of 6 programs did not pass");
	assert_order(&out, "max-peak.g", "max-calls.f");
	assert_order(&out, "max-calls.f", "max-rss");
	assert_order(&out, "id=\"p3\" open", "id=\"p1\" open");
	assert_order(&out, "id=\"p1\" open", "id=\"p2\" open");
	assert_order(&out, "id=\"p2\" open", "id=\"p4\" open");
	assert_order(&out, "id=\"p4\" open", "id=\"p0\">");
	assert_order(&out, "id=\"p0\">", "id=\"p5\">");
	assert_contains(&out, "101 %");
	text_free(&out);
	batch_summary_free(&summary);
}

static void budgets_that_are_kept_are_folded_if_there_are_many(void **state)
{
	struct batch_summary summary = summary_made();
	struct text out;

	(void)state;
	for (int i = 0; i < 30; i++) {
		char *name = mem_printf("program %d", i);
		figure_add(result_add(&summary, name, 1), BATCH_MAX_CALLS, "f", 100, i == 7 ? 200 : i);
		free(name);
	}
	out = written(batch_put_page, &summary);
	assert_contains(&out, "<summary>10 more within their limits</summary>");
	assert_order(&out, "<a href=\"#p7\">program 7</a>", "<a href=\"#p29\">program 29</a>");
	text_free(&out);
	batch_summary_free(&summary);
}

static void links_lead_into_the_folder(void **state)
{
	struct batch_summary summary = failing("p", BATCH_CRASHED, "why");
	struct batch_run *run = &summary.results[0].runs[0];

	(void)state;
	run->data = mem_strdup("javascript:alert(1)");
	run->picture = mem_strdup("//harm.invalid/\"><script>");
	assert_written(batch_put_page, &summary, "href=\"./javascript%3Aalert%281%29\"");
	assert_written(batch_put_page, &summary,
		       "src=\"./"
		       "//harm.invalid/%22%3E%3Cscript%3E\"");
	batch_summary_free(&summary);
}

static void what_was_compared_is_shown(void **state)
{
	struct batch_summary before = peaks_made(PEAKS(100)), now = peaks_made(PEAKS(150));
	const struct batch_comparison how = {.path = "base<1>", .tolerance = 0.05};

	(void)state;
	before.results[0].runs[0].measures.wall_ns = 1000;
	now.results[0].runs[0].measures.wall_ns = 2000;
	result_add(&before, "gone", 1);
	result_add(&now, "new", 1);
	batch_compare(&now, &before, &how);
	assert_written(batch_put_page, &now, "Times do not count, and stand with their programs.");
	assert_written(batch_put_page, &now, "time <small>does not count</small>");
	assert_not_written(batch_put_tap, &now, "worse: 'time");
	assert_not_written(batch_put_annotations, &now, "time");
	assert_not_written(batch_put_junit, &now, "time:");
	assert_written(batch_put_page, &now, "Compared with base&#60;1&#62;, tolerance 5 %");
	assert_written(batch_put_page, &now, "+50 %");
	assert_written(batch_put_page, &now, "New, with nothing to compare: <a href=\"#p1\">new</a>");
	assert_written(batch_put_page, &now, "Only in the baseline: gone");
	assert_written(batch_put_tap, &now, "    - worse: 'rss: 100.0 MiB → 150.0 MiB (+50 %)'\n");
	assert_written(batch_put_annotations, &now, "::warning title=only in the baseline::gone\n");
	assert_written(
		batch_put_junit, &now,
		"<testcase name=\"no worse than the baseline\" classname=\"p\" time=\"0.000\">"
		"<failure message=\"rss: 100.0 MiB → 150.0 MiB (+50 %)\" type=\"worse than baseline\">");
	assert_written(batch_put_junit, &now, "<skipped message=\"not in the baseline\"");
	batch_summary_free(&before);
	batch_summary_free(&now);
}

static size_t times_in(const struct text *out, const char *what)
{
	size_t count = 0;
	for (const char *at = out->data; (at = strstr(at, what)); at += strlen(what))
		count++;
	return count;
}

static void of_very_many_changes_the_worst_are_shown(void **state)
{
	struct batch_summary before = peaks_made(PEAKS(100)), now = peaks_made(PEAKS(100));
	const struct batch_comparison how = {.path = "base", .tolerance = 0.05};
	struct text out;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char *name = mem_printf("f%d", i);
		function_of(&before.results[0].runs[0].measures, name, "m")->calls = 100;
		function_of(&now.results[0].runs[0].measures, name, "m")->calls =
			i < 100 ? 100 : 100 + (uint64_t)i;
		free(name);
	}
	batch_compare(&now, &before, &how);
	out = written(batch_put_page, &now);
	assert_contains(&out, "calls.f999");
	assert_contains(&out, "400 more in summary.json");
	assert_int_equal(times_in(&out, "<td class=\"name\">calls.f5"), 100); /* f500 to f599 */
	assert_int_equal(times_in(&out, "<td class=\"name\">calls.f1"), 0);
	assert_true(out.length < 400000);
	text_free(&out);
	batch_summary_free(&before);
	batch_summary_free(&now);
}

static void an_empty_summary(void **state)
{
	struct batch_summary summary = {0};

	(void)state;
	assert_written(batch_put_tap, &summary, "1..0\n");
	assert_written(batch_put_junit, &summary, "<testsuites>\n</testsuites>\n");
	assert_written(batch_put_page, &summary, "nothing was run");
	batch_summary_free(&summary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tap_of_every_kind),
		cmocka_unit_test(annotations_are_escaped),
		cmocka_unit_test(annotations_tell_each_budget_once),
		cmocka_unit_test(junit_failures_errors_and_what_is_skipped),
		cmocka_unit_test(junit_has_a_case_for_each_budget),
		cmocka_unit_test_setup_teardown(the_end_of_stderr_is_told, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(nothing_else_is_told, place_setup, place_teardown),
		cmocka_unit_test(the_page_begins_with_the_worst),
		cmocka_unit_test(budgets_that_are_kept_are_folded_if_there_are_many),
		cmocka_unit_test(links_lead_into_the_folder),
		cmocka_unit_test(what_was_compared_is_shown),
		cmocka_unit_test(of_very_many_changes_the_worst_are_shown),
		cmocka_unit_test(an_empty_summary),
	};

	return cmocka_run_group_tests_name("batch_results", tests, NULL, NULL);
}

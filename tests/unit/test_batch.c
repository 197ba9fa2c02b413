/* Suites, words, amounts, medians, verdicts, and summary.json there and back. */
#include <signal.h>
#include <stdint.h>

#include "fmprof/batch.h"

#include "../../src/batch/amounts.h"
#include "../../src/batch/folders.h"
#include "../../src/batch/internal.h"
#include "../../src/batch/measure.h"
#include "../../src/batch/split.h"
#include "../../src/batch/suite.h"
#include "place.h"

/* ---- words --------------------------------------------------------------- */

/* Words joined by '|', or NULL where there are none. */
static char *split(const char *line)
{
	struct error err = {0};
	struct text joined = {0};
	char **words = words_split(line, &err);

	assert_true((words == NULL) == (err.message != NULL));
	error_free(&err);
	if (!words)
		return NULL;
	text_puts(&joined, "");
	for (size_t i = 0; words[i]; i++)
		text_printf(&joined, "%s%s", i > 0 ? "|" : "", words[i]);
	strings_free(words);
	return joined.data;
}

static void words_as_a_shell(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""},
		{"  a\tb\n c ", "a|b|c"},
		{"'a b'\"c d\"e", "a bc de"},
		{"a\\ b \\\\ \\'", "a b|\\|'"},
		{"\"\\\"\\\\\\$\\a\"", "\"\\$\\a"},
		{"'\\'", "\\"},
		{"'' x \"\"", "|x|"},
		{"a\\\nb", "ab"},
		{"a#b ~b=~", NULL},
		{"a=~ x#y [a]*?", "a=~|x#y|[a]*?"},
		{"'$' '|' \\; \"<\"", "$|||;|<"},
		{"a | b", NULL},
		{"a;b", NULL},
		{"$x", NULL},
		{"\"$x\"", NULL},
		{"`x`", NULL},
		{"a&", NULL},
		{"#x", NULL},
		{"'a", NULL},
		{"\"a\\\"", NULL},
		{"a\\", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		char *words = split(pairs[i][0]);

		if (!words != !pairs[i][1] || (words && strcmp(words, pairs[i][1]) != 0))
			fail_msg("%s: %s is not %s", pairs[i][0], words ? words : "(none)",
				 pairs[i][1] ? pairs[i][1] : "(none)");
		free(words);
	}
}

/* ---- amounts -------------------------------------------------------------- */

static bool amount(enum batch_budget_kind kind, const char *value, int64_t *limit)
{
	struct batch_budget budget = {.kind = kind};
	struct error err = {0};
	bool fine = amount_parse(value, &budget, &err) == 0;

	error_free(&err);
	*limit = budget.percent > 0 ? (int64_t)budget.percent : budget.limit;
	return fine;
}

static void amounts_as_people_write_them(void **state)
{
	static const struct {
		enum batch_budget_kind kind;
		const char *value;
		int64_t limit; /* INT64_MIN: it is refused */
	} all[] = {
		{BATCH_MAX_RSS, "12 MiB", 12 << 20},
		{BATCH_MAX_RSS, "1.5GiB", 1610612736},
		{BATCH_MAX_RSS, "10 MB", 10000000},
		{BATCH_MAX_RSS, "10 kb", 10000},
		{BATCH_MAX_RSS, "4K", 4096},
		{BATCH_MAX_RSS, "100 B", 100},
		{BATCH_MAX_RSS, "0", 0},
		{BATCH_MAX_RSS, "12", INT64_MIN},
		{BATCH_MAX_RSS, "-1 MiB", INT64_MIN},
		{BATCH_MAX_RSS, "10%", INT64_MIN},
		{BATCH_MAX_RSS, "1 MiBs", INT64_MIN},
		{BATCH_MAX_RSS, "MiB", INT64_MIN},
		{BATCH_MAX_RSS, "inf MiB", INT64_MIN},
		{BATCH_MAX_RSS, "1e30 MiB", INT64_MIN},
		{BATCH_MAX_RSS, "", INT64_MIN},
		{BATCH_MAX_GROWTH, "-1 MiB", -(1 << 20)},
		{BATCH_MAX_GROWTH, "10 %", 10},
		{BATCH_MAX_RETAINED, "-5%", INT64_MIN},
		{BATCH_MAX_CALLS, "2,000", 2000},
		{BATCH_MAX_CALLS, "1,234,567", 1234567},
		{BATCH_MAX_CALLS, "12,34", INT64_MIN},
		{BATCH_MAX_CALLS, "1234,567", INT64_MIN},
		{BATCH_MAX_CALLS, "-1", INT64_MIN},
		{BATCH_MAX_CALLS, "1.5", INT64_MIN},
		{BATCH_MAX_TIME, "2 seconds", 2000000000},
		{BATCH_MAX_TIME, "500 ms", 500000000},
		{BATCH_MAX_TIME, "1.5 minutes", 90000000000},
		{BATCH_MAX_TIME, "soon", INT64_MIN},
		{BATCH_MAX_SLOPE, "60 KiB/min", 1024},
		{BATCH_MAX_SLOPE, "1 MB / s", 1000000},
		{BATCH_MAX_SLOPE, "1 MiB", INT64_MIN},
		{BATCH_MAX_SLOPE, "1 MiB/day", INT64_MIN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		int64_t limit;
		bool fine = amount(all[i].kind, all[i].value, &limit);

		if (fine != (all[i].limit != INT64_MIN) || (fine && limit != all[i].limit))
			fail_msg("'%s' of %s: %lld", all[i].value, batch_budget_word(all[i].kind),
				 (long long)limit);
	}
}

/* ---- names of files -------------------------------------------------------- */

static void names_are_files(void **state)
{
	static const char *const pairs[][2] = {
		{"a-b_c.d", "a-b_c.d"},
		{"../x", "%2E.%2Fx"},
		{"a b%", "a%20b%25"},
		{"ä", "ä"},
		{"summary.json", "summary%2Ejson"},
		{"a.xml.b", "a.xml.b"},
		{"\xff", "%FF"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		char *name = folder_name(pairs[i][0]);

		assert_string_equal(name, pairs[i][1]);
		free(name);
	}
}

/* ---- suites ------------------------------------------------------------------ */

static void suite_write(const struct place *place, const char *text)
{
	FILE *file = fopen(place->file, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void suite_of_all_keys(void **state)
{
	const struct place *place = *state;
	struct batch_suite suite;
	struct error err = {0};

	suite_write(
		place,
		"\xef\xbb\xbf[defaults]\r\ntimeout = 2 min ; a comment\r\nmax-rss = 1 MiB\ntags = a, b c\n"
		"env = A=1\n[one]\ncommand = p \"q r\"\ninterval: 5 ms\nmetrics = pss\nchildren = sum\n"
		"functions = f 'ns::g(int, char)'\n   h\nexclude = x\ncwd = w\nstdin = i\nexit = SIGSEGV\n"
		"repeat = 3\nretry = 2\nmax-peak.ns::g = 2 MiB\nmax-calls.f = 7\nenv = B=2\n"
		"[two]\nshell = yes\ncommand = a | b\n  c\nmax-rss = none\nexit = any\ntags = "
		"z\n[three]\ncommand=x\n");
	assert_int_equal(batch_suite_read(place->file, &suite, &err), 0);
	assert_int_equal(suite.count, 3);
	const struct batch_program *one = &suite.programs[0], *two = &suite.programs[1];
	assert_string_equal(one->name, "one");
	assert_string_equal(one->argv[1], "q r");
	assert_int_equal(one->timeout_ns, 120000000000);
	assert_int_equal(one->interval_ns, 5000000);
	assert_string_equal(one->metrics, "pss");
	assert_int_equal(one->children, RECORD_CHILDREN_SUM);
	char **specs = program_specs(one);
	assert_int_equal(strings_count(specs), 4);
	assert_string_equal(specs[1], "ns::g(int, char)");
	assert_string_equal(specs[2], "h");
	assert_string_equal(specs[3], "ns::g");
	strings_free(specs);
	assert_string_equal(one->excludes[0], "x");
	assert_string_equal(one->folder, "w");
	assert_string_equal(one->input, "i");
	assert_int_equal(one->expected.signal, SIGSEGV);
	assert_int_equal(one->repeat, 3);
	assert_int_equal(one->retry, 2);
	assert_int_equal(one->budget_count, 3);
	assert_int_equal(strings_count(one->environment), 2);
	assert_int_equal(strings_count(one->tags), 3);
	assert_int_equal(one->line, 6);
	assert_string_equal(two->argv[0], "/bin/sh");
	assert_string_equal(two->argv[2], "a | b\nc");
	assert_int_equal(two->budget_count, 0);
	assert_true(two->expected.any);
	assert_string_equal(two->tags[0], "z");
	batch_suite_free(&suite);
}

/* Whatever is cut off or put in, it is read or refused. */
static void suite_damaged(void **state)
{
	static const char text[] =
		"[d]\ncommand = a 'b' \"c\\\"\"\nmax-peak.n::f = 1 MiB ; x\n  more\n[e]\ncommand=f\n";
	const struct place *place = *state;

	for (size_t at = 0; at + 1 < sizeof(text); at++)
		for (size_t with = 0; with < 8; with++) {
			struct batch_suite suite;
			struct error err = {0};
			char damaged[sizeof(text)];

			memcpy(damaged, text, sizeof(text));
			damaged[at] = "\0\n[]='; "[with];
			suite_write(place, damaged);
			if (batch_suite_read(place->file, &suite, &err) == 0)
				batch_suite_free(&suite);
			else
				assert_non_null(strstr(err.message, place->file));
			error_free(&err);
		}
}

/* ---- medians and verdicts ------------------------------------------------------ */

static struct batch_figure figure(int64_t measured, int64_t limit)
{
	return (struct batch_figure){.kind = BATCH_MAX_RSS,
				     .limit = limit,
				     .measured = measured,
				     .known = true,
				     .exact = true,
				     .ok = measured <= limit};
}

static struct batch_result three_runs(int64_t a, int64_t b, int64_t c)
{
	const int64_t measured[] = {a, b, c};
	struct batch_result result = {.name = mem_strdup("n"), .command = mem_strdup("c"), .run_count = 3};

	result.runs = mem_alloc(3 * sizeof(*result.runs));
	for (size_t i = 0; i < 3; i++) {
		struct batch_measures *measures = &result.runs[i].measures;

		measures->figures = mem_alloc(sizeof(*measures->figures));
		measures->figures[0] = figure(measured[i], 10);
		measures->figure_count = 1;
		measures->peak = (uint64_t)measured[i];
		measures->peak_exact = i != 2;
		result.runs[i].samples = 1;
		run_judge(&result.runs[i], &result.expected);
	}
	return result;
}

static void result_free_as_summary(struct batch_result *result)
{
	struct batch_summary summary = {.count = 1, .results = mem_alloc(sizeof(*result))};

	summary.results[0] = *result;
	batch_summary_free(&summary);
}

static void medians_judge(void **state)
{
	struct batch_result result = three_runs(30, 5, 7);

	(void)state;
	assert_int_equal(result.runs[0].verdict, BATCH_OVER_BUDGET);
	result_judge(&result);
	assert_int_equal(result.verdict, BATCH_PASSED);
	assert_int_equal(result.median.figures[0].measured, 7);
	assert_int_equal(result.median.peak, 7);
	assert_false(result.median.peak_exact);
	result_free_as_summary(&result);

	result = three_runs(30, 5, 11);
	result_judge(&result);
	assert_int_equal(result.verdict, BATCH_OVER_BUDGET);
	assert_non_null(strstr(result.reason, "max-rss"));
	/* One that did not come to its end is in no median, and is what its program is. */
	run_set_verdict(&result.runs[2], BATCH_CRASHED, "x");
	result_judge(&result);
	assert_int_equal(result.verdict, BATCH_CRASHED);
	assert_int_equal(result.median.figures[0].measured, 18);
	result_free_as_summary(&result);
}

static void verdicts_of_runs_that_were_not_made(void **state)
{
	struct batch_result result = three_runs(1, 1, 1);

	(void)state;
	run_set_verdict(&result.runs[2], BATCH_NOT_RUN, "x");
	result_judge(&result);
	assert_int_equal(result.verdict, BATCH_INTERRUPTED);
	run_set_verdict(&result.runs[0], BATCH_WRONG_EXIT, "x");
	result_judge(&result);
	assert_int_equal(result.verdict, BATCH_WRONG_EXIT);
	for (size_t i = 0; i < 3; i++)
		run_set_verdict(&result.runs[i], BATCH_NOT_RUN, "x");
	result_judge(&result);
	assert_int_equal(result.verdict, BATCH_NOT_RUN);
	result_free_as_summary(&result);
}

/* ---- summary.json ------------------------------------------------------------------ */

static struct batch_summary some_summary(void)
{
	struct batch_summary summary = {
		.host = mem_strdup("h"), .start_ns = 5, .duration_ns = 6, .jobs = 2, .count = 1};

	summary.results = mem_alloc(sizeof(*summary.results));
	summary.results[0] = three_runs(30, 5, 7);
	struct batch_run *run = &summary.results[0].runs[0];
	run->data = mem_strdup("n/n.dat");
	run->warnings = strings_add(NULL, mem_strdup("w \xff \"\n"));
	run->measures.functions = mem_alloc(sizeof(*run->measures.functions));
	run->measures.functions[0] = (struct batch_function){.name = mem_strdup("f"),
							     .full_name = mem_strdup("f(int)"),
							     .module = mem_strdup("/m"),
							     .calls = 3,
							     .net_growth = -4096,
							     .peak = 8192};
	run->measures.function_count = 1;
	run->measures.slope_known = true;
	run->measures.slope = -1.5;
	summary.results[0].tags = strings_add(NULL, mem_strdup("t"));
	result_judge(&summary.results[0]);
	summary.totals[summary.results[0].verdict]++;
	return summary;
}

static char *file_content(const char *path)
{
	struct text content = {0};
	FILE *file = fopen(path, "r");
	char bytes[4096];
	size_t length;

	assert_non_null(file);
	while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		text_put(&content, bytes, length);
	fclose(file);
	return content.data;
}

static void summary_there_and_back(void **state)
{
	const struct place *place = *state;
	struct batch_summary summary = some_summary(), read;
	struct error err = {0};

	assert_int_equal(batch_summary_write(&summary, place->file, &err), 0);
	char *first = file_content(place->file);
	assert_int_equal(batch_summary_read(place->file, &read, &err), 0);
	assert_string_equal(read.folder, place->folder);
	const struct batch_run *run = &read.results[0].runs[0];
	assert_int_equal(run->measures.functions[0].net_growth, -4096);
	assert_true(run->measures.slope_known && run->measures.slope == -1.5);
	assert_int_equal(run->verdict, BATCH_OVER_BUDGET);
	assert_int_equal(read.totals[BATCH_PASSED], 1);
	assert_true(batch_summary_is_good(&read));
	assert_int_equal(batch_summary_write(&read, place->file, &err), 0);
	char *second = file_content(place->file);
	assert_string_equal(first, second);
	free(first);
	free(second);
	batch_summary_free(&summary);
	batch_summary_free(&read);
}

/* Every word of it cut, or something else in its place: read, or refused. */
static void summary_damaged(void **state)
{
	static const char *const others[] = {"null", "-1", "\"x\"", "[]", "{}", "", "1e300"};
	const struct place *place = *state;
	struct batch_summary summary = some_summary(), read;
	struct error err = {0};

	assert_int_equal(batch_summary_write(&summary, place->file, &err), 0);
	char *whole = file_content(place->file);
	for (char *at = whole; *at; at++) {
		if (*at != ':')
			continue;
		size_t rest = strcspn(at, ",\n");
		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
			char *damaged =
				mem_printf("%.*s: %s%s", (int)(at - whole), whole, others[i], at + rest);
			suite_write(place, damaged);
			free(damaged);
			if (batch_summary_read(place->file, &read, &err) == 0)
				batch_summary_free(&read);
			error_free(&err);
		}
	}
	free(whole);
	batch_summary_free(&summary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_as_a_shell),
		cmocka_unit_test(amounts_as_people_write_them),
		cmocka_unit_test(names_are_files),
		cmocka_unit_test_setup_teardown(suite_of_all_keys, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(suite_damaged, place_setup, place_teardown),
		cmocka_unit_test(medians_judge),
		cmocka_unit_test(verdicts_of_runs_that_were_not_made),
		cmocka_unit_test_setup_teardown(summary_there_and_back, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(summary_damaged, place_setup, place_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

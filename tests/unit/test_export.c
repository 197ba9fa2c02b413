/* Exports of recordings that are written here, as their readers take them. */
#include "fmprof/export.h"

#include "place.h"

/* What an export of these lines says. */
static char *exported(const struct place *place, const char *lines, struct export_options options)
{
	size_t damaged, first;
	struct error err = {0};
	char *output = mem_printf("%s/out", place->folder);

	options.output = output;
	bytes_write(place->file, lines, strlen(lines));
	assert_int_equal(export_recording(place->file, &options, &damaged, &first, &err), 0);
	assert_int_equal(damaged, 0);
	struct text told = bytes_read(output);
	unlink(output);
	free(output);
	return told.data;
}

static const char header[] =
	"CMDLINE ./p\nFMPROF 1 start=100.0 interval=0.01 pid=7 host=h exe=/p metrics=rss\n"
	"FN 1 a /p 0x1 - a\nFN 2 b;%20c /p 0x2 - b\n";

#define CALL(name, from, in, to, out, number, fn)                                                            \
	"FUNC " name " " in " " from " " out " " to " 0 call=" number " fn=" fn                              \
	" pid=7 tid=7 end=return time=exact\n"

static char *with_header(const char *lines)
{
	return mem_printf("%s%s", header, lines);
}

static void expect(void **state, struct export_options options, const char *lines, const char *wanted)
{
	char *all = with_header(lines), *told = exported(*state, all, options);

	assert_string_equal(told, wanted);
	free(told);
	free(all);
}

/* b inside of a, twice. */
static const char twice[] =
	"MEM 1.0 100.0\n"
	"ENTER 1 1 7 7 0 1.0 100.000000001\n"
	"ENTER 2 2 7 7 1 1.0 100.000001\n" CALL(
		"b", "100.000001", "1.0", "100.000003", "1.5", "2",
		"2") "ENTER 3 2 7 7 1 1.5 100.000003\n" CALL("b", "100.000003", "1.5", "100.000005", "1.25",
							     "3", "2")
		CALL("a", "100.000000001", "1.0", "100.000009001", "4.0", "1", "1");

static void folded_by_value(void **state)
{
	struct export_options options = {.format = EXPORT_FOLDED};

	expect(state, options, twice, "a 2816\na;b__c 256\n");
	options.value = EXPORT_NET_GROWTH;
	expect(state, options, twice, "a 3072\na;b__c 256\n");
	options.value = EXPORT_SELF_TIME;
	expect(state, options, twice, "a 5\na;b__c 4\n");
	options.value = EXPORT_CALL_COUNT;
	expect(state, options, twice, "a 1\na;b__c 2\n");
}

/* What shrinks is told as well, and what is 0 is not. */
static void folded_below_zero(void **state)
{
	static const char lines[] = "MEM 1.0 100.0\nENTER 1 1 7 7 0 4.0 100.1\n" CALL(
		"a", "100.1", "4.0", "100.2", "1.0", "1",
		"1") "ENTER 2 2 7 7 0 4.0 100.3\n" CALL("b", "100.3", "4.0", "100.4", "4.0", "2", "2");

	expect(state, (struct export_options){.format = EXPORT_FOLDED}, lines, "a -3072\n");
}

/* Calls that are found out of order are told in the order of their times: the sums of a first reading are forgotten. */
static void folded_reads_twice(void **state)
{
	static const char lines[] =
		"MEM 1.0 100.0\nENTER 1 1 7 7 0 1.0 100.1\nENTER 2 2 7 7 1 1.0 100.2\n" CALL(
			"b", "100.2", "1.0", "100.5", "2.0", "2", "2")
			CALL("a", "100.1", "1.0", "100.3", "1.5", "1", "1");

	expect(state, (struct export_options){.format = EXPORT_FOLDED}, lines, "a -512\na;b__c 1024\n");
}

static char *after(char *text, const char *mark)
{
	char *at = strstr(text, mark);

	assert_non_null(at);
	return at + strlen(mark);
}

/* How often a piece of text is there. */
static size_t count(const char *text, const char *piece)
{
	size_t found = 0;

	for (const char *at = text; (at = strstr(at, piece)); at++)
		found++;
	return found;
}

static void slices_of_a_thread_are_nested(void **state)
{
	/* b outlives a: it is a coroutine's. */
	static const char lines[] =
		"MEM 1.0 100.0\nENTER 1 1 7 7 0 1.0 100.1\nENTER 2 2 7 7 1 1.0 100.2\n" CALL(
			"a", "100.1", "1.0", "100.3", "1.5", "1", "1")
			CALL("b", "100.2", "1.0", "100.4", "2.0", "2", "2");
	char *all = with_header(lines), *told = exported(*state, all, (struct export_options){0});

	assert_int_equal(count(told, "\"ph\":\"X\""), 1);
	assert_memory_equal(after(told, "\"ph\":\"X\","), "\"name\":\"a\"", 10);
	assert_memory_equal(after(told, "\"ph\":\"b\","), "\"name\":\"b; c\"", 13);
	assert_memory_equal(after(told, "\"ph\":\"e\","), "\"name\":\"b; c\"", 13);
	free(told);
	free(all);
}

/* Two that begin at the same time could be taken for each other's inner one. */
static void slices_of_the_same_begin(void **state)
{
	static const char lines[] =
		"MEM 1.0 100.0\nENTER 1 1 7 7 0 1.0 100.1\nENTER 2 2 7 7 1 1.0 100.1\n" CALL(
			"b", "100.1", "1.0", "100.2", "1.5", "2", "2")
			CALL("a", "100.1", "1.0", "100.3", "2.0", "1", "1");
	char *all = with_header(lines), *told = exported(*state, all, (struct export_options){0});

	assert_int_equal(count(told, "\"ph\":\"X\""), 1);
	assert_memory_equal(after(told, "\"ph\":\"X\","), "\"name\":\"a\"", 10);
	free(told);
	free(all);
}

/* mprof's calls come function by function; those of several threads may overlap. */
static void calls_of_mprof(void **state)
{
	static const char lines[] = "CMDLINE x\nMEM 1.0 100.0\nMEM 1.0 109.0\n"
				    "FUNC late 1.0 103.0 1.0 106.0 0\n"
				    "FUNC inner 1.0 102.0 1.0 103.0 1\n"
				    "FUNC outer 1.0 101.0 1.0 105.0 0\n";
	char *told = exported(*state, lines, (struct export_options){0});

	assert_int_equal(count(told, "\"ph\":\"X\""), 2);
	assert_int_equal(count(told, "\"ph\":\"b\""), 1);
	char *outer = after(told, "\"ph\":\"X\",");
	assert_memory_equal(outer, "\"name\":\"outer\"", 14);
	assert_memory_equal(after(outer, "\"ph\":\"X\","), "\"name\":\"inner\"", 14);
	assert_memory_equal(after(told, "\"ph\":\"b\","), "\"name\":\"late\"", 13);
	free(told);
}

static void times_have_all_their_nanoseconds(void **state)
{
	char *all = with_header(twice), *told = exported(*state, all, (struct export_options){0});

	assert_memory_equal(after(after(told, "\"name\":\"a\""), "\"ts\":"), "0.001,\"dur\":9.000,", 18);
	free(told);
	told = exported(*state, all, (struct export_options){.format = EXPORT_CSV, .what = EXPORT_CALLS});
	assert_memory_equal(after(told, "\"a\",\"a\",\"/p\","),
			    "1,7,7,0,0.000000001,100000000001,100000009001,", 45);
	free(told);
	free(all);
}

static void formats_by_name_and_suffix(void **state)
{
	enum export_format format;
	struct error err = {0};

	(void)state;
	assert_int_equal(export_format_from_name("jsonl", &format, &err), 0);
	assert_int_equal(format, EXPORT_JSONL);
	assert_int_equal(export_format_from_name("xml", &format, &err), -1);
	error_free(&err);
	assert_int_equal(export_format_from_path("a.b/x.csv"), EXPORT_CSV);
	assert_int_equal(export_format_from_path("x.folded"), EXPORT_FOLDED);
	assert_int_equal(export_format_from_path("x.json"), EXPORT_PERFETTO);
	assert_int_equal(export_format_from_path("x"), EXPORT_PERFETTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(folded_by_value, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(folded_below_zero, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(folded_reads_twice, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(slices_of_a_thread_are_nested, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(slices_of_the_same_begin, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(calls_of_mprof, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(times_have_all_their_nanoseconds, place_setup,
						place_teardown),
		cmocka_unit_test(formats_by_name_and_suffix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

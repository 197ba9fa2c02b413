/* The words and the scripts of pictures, for recordings that are built by hand. */
#include "../../src/plot/axis.h"
#include "../../src/plot/label.h"
#include "../../src/plot/svg.h"
#include "plot_runs.h"

/* ---- what can be said without gnuplot -------------------------------------------------- */

static void formats_come_from_suffixes(void **state)
{
	enum plot_format format = PLOT_TEXT;
	struct error err = {0};
	(void)state;

	assert_int_equal(plot_format_from_path("a.b/x.png", &format, &err), 0);
	assert_int_equal(format, PLOT_PNG);
	assert_int_equal(plot_format_from_path("x.SVG", &format, &err), 0);
	assert_int_equal(format, PLOT_SVG);
	assert_int_equal(plot_format_from_path("x.pdf", &format, &err), 0);
	assert_int_equal(format, PLOT_PDF);
	assert_int_equal(plot_format_from_path("x.txt", &format, &err), 0);
	assert_int_equal(format, PLOT_TEXT);
	assert_int_equal(plot_format_from_path("x.interactive.svg", &format, &err), 0);
	assert_int_equal(format, PLOT_INTERACTIVE);
	assert_int_equal(plot_format_from_path("x.html", &format, &err), 0);
	assert_int_equal(format, PLOT_HTML);
	assert_int_equal(plot_format_from_path("x.six", &format, &err), 0);
	assert_int_equal(format, PLOT_SIXEL);
	assert_int_equal(plot_format_from_name("window", &format, &err), 0);
	assert_int_equal(format, PLOT_WINDOW);
	assert_int_equal(plot_format_from_name("interactive", &format, &err), 0);
	assert_int_equal(format, PLOT_INTERACTIVE);
	assert_int_equal(plot_format_from_name("", &format, &err), -1);
	assert_int_equal(plot_format_from_path("x.gif", &format, &err), -1);
	assert_int_equal(err.status, STATUS_FAILED);
	assert_non_null(strstr(err.message, "x.gif"));
	assert_non_null(strstr(err.message, ".png"));
	assert_int_equal(plot_format_from_path("", &format, &err), -1);
	assert_non_null(strstr(err.message, "--output: "));
	assert_int_equal(plot_format_from_path("folder.png/x", &format, &err), -1);
	error_free(&err);
}

static void svg_is_mended(void **state)
{
	static const char from[] =
		"<svg a='1'><title>$a using 1:2</title>"
		"<text font-family=\"DejaVu Sans:Bold\">font-family=\"DejaVu Sans\" ]]> &lt;</text>"
		"<g font-family=\"DejaVu Sans\" b='c'/></svg>",
			  to[] = "<svg a='1'>"
				 "<text font-family=\"DejaVu Sans,Verdana,sans-serif\" font-weight=\"bold\">"
				 "font-family=\"DejaVu Sans\" ]]&gt; &lt;</text>"
				 "<g font-family=\"DejaVu Sans,Verdana,sans-serif\" b='c'/></svg>";
	struct text drawn = {0}, page = {0};
	(void)state;

	text_puts(&drawn, from);
	svg_mend(&drawn, "DejaVu Sans", &page);
	assert_string_equal(page.data, to);
	text_free(&page);
	/* Cut anywhere it still ends. */
	for (size_t length = 0; length < sizeof(from); length++) {
		text_clear(&drawn);
		text_put(&drawn, from, length);
		text_puts(&page, "");
		svg_mend(&drawn, "DejaVu Sans", &page);
		text_free(&page);
	}
	text_free(&drawn);
}

static void labels_are_cleaned_and_shortened(void **state)
{
	static const struct {
		const char *name, *clean;
	} cases[] = {
		{"plain", "plain"},
		{"a\nb\tc", "a b c"},
		{"\033[31mred\a", "[31mred"},
		{"bytes \xff\xc0\x80 end", "bytes ??? end"},
		{"h\xc3\xa4rte \xf0\x9f\x98\x80", "h\xc3\xa4rte \xf0\x9f\x98\x80"},
		{"turn \xe2\x80\xae back", "turn ? back"},
		{"cut \xe2\x80", "cut ??"},
		{"", ""},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *clean = label_clean(cases[i].name);
		assert_string_equal(clean, cases[i].clean);
		free(clean);
	}
	char *label = label_shorten("a_rather_long_name", 9, 0);
	assert_string_equal(label, "a_ra\xe2\x80\xa6name");
	free(label);
	label = label_shorten("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc", 3, 0);
	assert_string_equal(label, "\xc3\xa4\xe2\x80\xa6\xc3\xbc");
	free(label);
	label = label_shorten("short", 5, 0);
	assert_string_equal(label, "short");
	free(label);
	/* Not "…$HOME", which would say something else, and no lonely backslash. */
	label = label_shorten("a b \\$HOME/x", 10, 0);
	assert_string_equal(label, "a b \xe2\x80\xa6ME/x");
	free(label);
	label = label_shorten("abcdefghij\\$HOME", 11, 0);
	assert_string_equal(label, "abcde\xe2\x80\xa6HOME");
	free(label);
	char wide[400] = {0};
	memset(wide, 'w', sizeof(wide) - 1);
	label = label_shorten(wide, 200, 12);
	assert_true(label_width(label, 12) <= 200 && label_width(label, 12) > 170);
	free(label);
}

static void commands_become_titles(void **state)
{
	static const struct {
		const char *command, *title;
	} cases[] = {
		{"./a.out 3", "./a.out 3"},
		{"sqlite3 'create t;'$'\\012''     select'$'\\012\\011'", "sqlite3 'create t; select '"},
		{"a $'\\012'b  c", "a b c"},
		{"a $'\\012'\\'' b'", "a \\'' b'"},
		{"a 'b'\\''c' \\$HOME", "a 'b'\\''c' \\$HOME"},
		{"a ''$'\\377'", "a '?'"},
		{"a 'x'$'\\033''[31m'", "a 'x [31m'"},
		{"bash $'\\n\\x'", "bash x"},
		{"cut $'\\01", "cut "},
		{"cut $'\\", "cut \\"},
		{"cut '$'", "cut '$'"},
		{"", ""},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *title = label_command(cases[i].command);
		assert_string_equal(title, cases[i].title);
		free(title);
	}
}

static void assert_put(struct text *text, const char *expected)
{
	assert_string_equal(text->data, expected);
	text_clear(text);
}

static void figures_are_readable(void **state)
{
	struct text text = {0};
	(void)state;

	label_put_bytes(&text, 0);
	assert_put(&text, "0 KiB");
	label_put_bytes(&text, 1023 * 1024);
	assert_put(&text, "1023 KiB");
	label_put_bytes(&text, 480 * MIB + MIB / 5);
	assert_put(&text, "480.2 MiB");
	label_put_bytes(&text, 1024 * MIB - 1);
	assert_put(&text, "1.00 GiB");
	label_put_duration(&text, 1204 * UINT64_C(1000000));
	assert_put(&text, "1.204 s");
	label_put_duration(&text, 0);
	assert_put(&text, "0 s");
	label_put_duration(&text, 812000);
	assert_put(&text, "812 \xc2\xb5s");
	label_put_duration(&text, 204 * UINT64_C(1000000));
	assert_put(&text, "204 ms");
	label_put_duration(&text, 725 * (uint64_t)SECOND);
	assert_put(&text, "12 min 05 s");
	label_put_count(&text, 1, "call");
	assert_put(&text, "1 call");
	label_put_count(&text, 1234567, "call");
	assert_put(&text, "1,234,567 calls");
	text_free(&text);
}

static void axes_have_round_tics_and_fitting_units(void **state)
{
	struct axis axis;
	(void)state;

	axis_set_bytes(&axis, 0, 480 * MIB, NULL);
	assert_string_equal(axis.unit, "MiB");
	axis_set_tics(&axis, axis.to, 6);
	assert_near(axis.tic_step, 100, 1e-9);
	assert_near(axis.tic_from, 0, 1e-9);
	axis_set_bytes(&axis, 0, 900 * 1024, NULL);
	assert_string_equal(axis.unit, "KiB");
	axis_set_bytes(&axis, 0, 3000 * MIB, NULL);
	assert_string_equal(axis.unit, "GiB");
	axis_set_bytes(&axis, 2500 * MIB, 2530 * MIB, NULL);
	assert_string_equal(axis.unit, "MiB");
	axis_set_bytes(&axis, 0, 0, NULL);
	assert_true(axis.to > axis.from);
	axis_set_time(&axis, 0, 0);
	assert_true(axis.to > axis.from);
	axis_set_time(&axis, 0, 4 * (uint64_t)SECOND);
	assert_string_equal(axis.unit, "s");
	axis_set_tics(&axis, axis.to, 10);
	assert_near(axis.tic_step, 0.5, 1e-9);
}

/* ---- scripts ------------------------------------------------------------------------------ */

static void brackets_stand_where_calls_begin_and_end(void **state)
{
	struct made made = ramp("./ramp");
	double points[8][2];
	(void)state;

	call_add(&made, function_add(&made, "grow"), 0, 2, 7.5, 30, 85);
	char *script = script_of(&made, PLOT_PNG);
	/* On the curve, in the strip, then the other end. */
	assert_int_equal(line_points(script, "$ends0 <<", 0, points), 4);
	assert_near(points[1][0], 2, 1e-6);
	assert_near(points[2][0], 2, 1e-6);
	assert_true(points[0][0] > 2 && points[3][0] > 2);
	assert_near((points[1][1] + points[2][1]) / 2, 30, 1e-3);
	assert_int_equal(line_points(script, "$ends0 <<", 2, points), 4);
	assert_near(points[1][0], 7.5, 1e-6);
	assert_true(points[0][0] < 7.5 && points[3][0] < 7.5);
	assert_near((points[1][1] + points[2][1]) / 2, 85, 1e-3);
	assert_null(strstr(script, "$late0"));
	assert_non_null(strstr(script, "'1 call, 5.500 s, +55.0 MiB, peak 85.0 MiB'"));
	free(script);
	made_free(&made);
}

static void unfinished_and_noticed_ends_look_different(void **state)
{
	struct made made = ramp("./ramp");
	double points[8][2];
	(void)state;

	size_t open = function_add(&made, "open"), thrown = function_add(&made, "thrown");
	struct run_call *call = call_add(&made, open, 0, 1, 10, 20, 110);
	call->end = TRACE_END_UNFINISHED;
	call->exact = false;
	made.run.functions[open].unfinished = 1;
	call = call_add(&made, thrown, 1, 2, 3, 30, 40);
	call->end = TRACE_END_UNWOUND;
	call->exact = false;
	char *script = script_of(&made, PLOT_SVG);
	assert_int_equal(line_points(script, "$ends0 <<", 2, points), 3); /* no ']' */
	assert_near(points[1][0], 10, 1e-6);
	/* Half a ']': it did not return. */
	assert_int_equal(line_points(script, "$late1 <<", 0, points), 3);
	assert_near(points[1][0], 3, 1e-6);
	assert_near(points[2][0], 3, 1e-6);
	assert_non_null(strstr(script, "'1 call (1 unfinished), 9.000 s, +90.0 MiB, peak 110.0 MiB'"));
	free(script);
	call->end = TRACE_END_RETURN;
	script = script_of(&made, PLOT_SVG);
	assert_int_equal(line_points(script, "$late1 <<", 0, points), 4);
	free(script);
	made_free(&made);
}

static void brackets_near_the_time_axis_stay_whole(void **state)
{
	struct made made = ramp("./ramp");
	double low[8][2], high[8][2];
	(void)state;

	call_add(&made, function_add(&made, "f"), 0, 2, 8, 0.1, 60);
	char *script = script_of(&made, PLOT_PNG);
	line_points(script, "$ends0 <<", 0, low);
	line_points(script, "$ends0 <<", 2, high);
	assert_true(low[2][1] > 0);
	assert_near(low[1][1] - low[2][1], high[1][1] - high[2][1], 1e-3);
	free(script);
	made_free(&made);
}

static void inner_brackets_are_smaller(void **state)
{
	struct made made = ramp("./ramp");
	double outer[8][2], inner[8][2];
	(void)state;

	call_add(&made, function_add(&made, "outer"), 0, 2, 8, 30, 90);
	call_add(&made, function_add(&made, "inner"), 1, 3, 7, 40, 80);
	char *script = script_of(&made, PLOT_PNG);
	line_points(script, "$ends0 <<", 0, outer);
	line_points(script, "$ends1 <<", 0, inner);
	assert_true(outer[1][1] - outer[2][1] > inner[1][1] - inner[2][1]);
	free(script);
	made_free(&made);
}

static void a_function_has_one_legend_entry(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	size_t one = function_add(&made, "one"), two = function_add(&made, "two");
	function_add(&made, "never_called");
	for (int i = 0; i < 5; i++) {
		call_add(&made, one, 0, 2 * i, 2 * i + 0.9, 10 + 20 * i, 19 + 20 * i);
		call_add(&made, two, 0, 2 * i + 1, 2 * i + 1.5, 20 + 20 * i, 25 + 20 * i);
	}
	char *script = script_of(&made, PLOT_PNG);
	assert_int_equal(occurrences(script, "'5 calls, "), 2);
	assert_null(strstr(script, "never_called"));
	free(script);
	script = script_of(&made, PLOT_TEXT);
	assert_int_equal(occurrences(script, "'a one  5 calls, 4.500 s, +9.0 MiB, peak 99.0 MiB'"), 1);
	assert_int_equal(occurrences(script, "'b two  5 calls, 2.500 s, +5.0 MiB, peak 105.0 MiB'"), 1);
	free(script);
	made_free(&made);
}

static void namesakes_are_told_apart(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	size_t one = function_add(&made, "parse"), two = function_add(&made, "parse");
	call_add(&made, one, 0, 1, 4, 20, 50);
	call_add(&made, two, 0, 5, 9, 60, 100);
	free(made.run.functions[two].full_name);
	made.run.functions[two].full_name = mem_strdup("parse(int)");
	free(made.run.functions[one].full_name);
	made.run.functions[one].full_name = mem_strdup("parse(char)");
	char *script = script_of(&made, PLOT_PNG);
	assert_non_null(strstr(script, "'parse(int)'"));
	assert_non_null(strstr(script, "'parse(char)'"));
	free(script);
	made_free(&made);
}

/* The script without its strings; a quote stands there as a string in double quotes. */
static char *without_strings(const char *script)
{
	struct text out = {0};
	while (*script) {
		if (strncmp(script, "\"'\"", 3) == 0) {
			script += 3;
		} else if (*script == '\'') {
			script = strchr(script + 1, '\'');
			assert_non_null(script);
			script++;
		} else {
			text_putc(&out, *script++);
		}
	}
	return out.data;
}

static void names_are_data(void **state)
{
	struct made made = hostile_run();
	(void)state;

	for (enum plot_format format = PLOT_PNG; format <= PLOT_TEXT; format++) {
		char *script = script_of(&made, format), *bare = without_strings(script);
		assert_true(occurrences(script, "HARM") > 5);
		assert_null(strstr(bare, "HARM"));
		assert_null(strchr(bare, '`'));
		assert_null(strchr(bare, '\\'));
		assert_null(strchr(bare, '"'));
		assert_null(strchr(script, '\033'));
		free(bare);
		free(script);
	}
	made_free(&made);
}

static void scripts_stay_small(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	/* Short ones, a deep recursion, and thousands of functions. */
	size_t one = function_add(&made, "one");
	for (int i = 0; i < 100000; i++)
		call_add(&made, one, 0, i * 5e-5, i * 5e-5 + 3e-5, 50, 50);
	size_t deep = function_add(&made, "deep");
	for (int i = 0; i < 2000; i++)
		for (unsigned depth = 0; depth < 50; depth++)
			call_add(&made, deep, depth, 5 + i / 1000.0, 5 + (i + 1) / 1000.0, 60, 60);
	for (int i = 0; i < 3000; i++) {
		char *name = mem_printf("f%d", i);
		call_add(&made, function_add(&made, name), (unsigned)i % 30, 7 + i / 1000.0,
			 7 + i / 1000.0 + 0.02, 70, 70);
		free(name);
	}
	for (enum plot_format format = PLOT_PNG; format <= PLOT_TEXT; format++) {
		char *script = script_of(&made, format);
		assert_true(strlen(script) < 1000 * 1000);
		free(script);
	}
	made_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_come_from_suffixes),
		cmocka_unit_test(svg_is_mended),
		cmocka_unit_test(labels_are_cleaned_and_shortened),
		cmocka_unit_test(commands_become_titles),
		cmocka_unit_test(figures_are_readable),
		cmocka_unit_test(axes_have_round_tics_and_fitting_units),
		cmocka_unit_test(brackets_stand_where_calls_begin_and_end),
		cmocka_unit_test(unfinished_and_noticed_ends_look_different),
		cmocka_unit_test(brackets_near_the_time_axis_stay_whole),
		cmocka_unit_test(inner_brackets_are_smaller),
		cmocka_unit_test(a_function_has_one_legend_entry),
		cmocka_unit_test(namesakes_are_told_apart),
		cmocka_unit_test(names_are_data),
		cmocka_unit_test(scripts_stay_small),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

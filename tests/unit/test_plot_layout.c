/* What pictures show besides brackets on a curve: several recordings, layers, bands, labels. */
#include <time.h>

#include "../../src/plot/axis.h"
#include "../../src/plot/stack.h"
#include "plot_runs.h"

/* A recording that run_overlay may free. */
static struct run *run_of(struct made *made)
{
	struct run *run = mem_alloc(sizeof(*run));
	*run = made->run;
	return run;
}

static const uint64_t second = SECOND;

/* ---- several recordings ------------------------------------------------------------- */

static struct made two_laid_over(uint64_t from_ns, uint64_t other_from_ns, uint64_t *at_ns)
{
	struct made made = ramp("./one"), other = ramp("./two");

	free(other.run.path);
	other.run.path = mem_strdup("folder/second.dat");
	call_add(&made, function_add(&made, "f"), 0, 2, 4, 30, 50);
	call_add(&other, function_add(&other, "f"), 0, 5, 9, 60, 100);
	call_add(&other, function_add(&other, "g"), 1, 6, 7, 70, 80);
	run_find_peaks(&made.run);
	run_find_peaks(&other.run);
	*at_ns = run_overlay(&made.run, run_of(&other), from_ns, other_from_ns);
	return made;
}

static void overlaid_free(struct made *made)
{
	struct run *run = run_of(made);
	run_free(run);
}

static void recordings_are_laid_over_each_other(void **state)
{
	uint64_t at_ns;
	struct made made = two_laid_over(0, 0, &at_ns);
	double points[8][2];
	(void)state;

	assert_int_equal(at_ns, 0);
	char *script = script_of(&made, PLOT_PNG);
	/* Each has its curve, its brackets, its rows, and its legend; namesakes have one colour. */
	assert_true(strstr(script, "$curve <<") && strstr(script, "$line1 <<"));
	assert_int_equal(line_points(script, "$ends0 <<", 0, points), 4);
	assert_near(points[1][0], 2, 1e-6);
	double first_row[8][2], second_row[8][2];
	line_points(script, "$ends0 <<", 1, first_row);
	line_points(script, "$ends1 <<", 1, second_row);
	assert_true(second_row[0][1] < first_row[0][1]);
	assert_int_equal(occurrences(script, "'f' at screen"), 4);
	assert_non_null(strstr(script, "'r.dat'"));
	assert_non_null(strstr(script, "'second.dat'"));
	assert_non_null(strstr(script, "'2 recordings: r.dat, second.dat'"));
	const char *one = strstr(script, "$ends0 using"), *two = strstr(script, "$ends1 using");
	const char *third = strstr(script, "$ends2 using");
	assert_true(one && two && third);
	assert_memory_equal(strstr(strstr(one, "dt solid"), "lc rgb"),
			    strstr(strstr(two, "dt solid"), "lc rgb"), strlen("lc rgb '#d55e00'"));
	assert_memory_not_equal(strstr(strstr(one, "dt solid"), "lc rgb"),
				strstr(strstr(third, "dt solid"), "lc rgb"), strlen("lc rgb '#d55e00'"));
	free(script);
	overlaid_free(&made);
}

static void recordings_are_aligned_by_a_call(void **state)
{
	uint64_t at_ns;
	struct made made = two_laid_over(2 * second, 5 * second, &at_ns);
	double points[8][2];
	(void)state;

	assert_int_equal(at_ns, 5 * second);
	assert_int_equal(made.run.end_ns - made.run.start_ns, 13 * second);
	char *script = script_of(&made, PLOT_PNG);
	line_points(script, "$ends0 <<", 0, points);
	assert_near(points[1][0], 5, 1e-6);
	line_points(script, "$ends1 <<", 0, points);
	assert_near(points[1][0], 5, 1e-6);
	free(script);
	overlaid_free(&made);
}

/* ---- layers --------------------------------------------------------------------------- */

static void layers_keep_the_highest_sum(void **state)
{
	struct run_sample below[1000], above[1000];
	struct stack stack = {0};
	uint64_t highest = 0;
	(void)state;

	for (size_t i = 0; i < 1000; i++) {
		below[i] = (struct run_sample){i, i == 617 ? 5000 : 100 + i % 7};
		above[i] = (struct run_sample){i, i == 618 ? 9000 : 50};
	}
	stack_add(&stack, 0, below, 1000, false);
	stack_add(&stack, 1, above, 900, true);
	struct stack_layers layers = stack_build(&stack, 0, 999, 10);
	assert_true(layers.count <= 20);
	for (size_t i = 0; i < layers.count; i++) {
		assert_true(layers.tops[0][i].rss <= layers.tops[1][i].rss);
		highest = layers.tops[1][i].rss > highest ? layers.tops[1][i].rss : highest;
	}
	assert_int_equal(highest, 9000 + 100 + 618 % 7);
	assert_int_equal(stack.peaks[0], 5000);
	assert_int_equal(stack.peaks[1], 9000);
	/* What has ended is nothing. */
	assert_int_equal(layers.tops[0][layers.count - 1].rss, layers.tops[1][layers.count - 1].rss);
	free(layers.tops[0]);
	free(layers.tops[1]);
	free(layers.tops);
	stack_free(&stack);
}

/* ---- axes, colours, peaks ---------------------------------------------------------------- */

static void memory_axes_can_be_logarithmic(void **state)
{
	struct made made = made_new("x");
	double first[2], last[2];
	(void)state;

	for (int i = 0; i <= 4; i++)
		sample_add(&made, i, i == 0 ? 1 : i == 1 ? 10 : i == 2 ? 100 : i == 3 ? 1000 : 0);
	char *script = script_with(&made, &(struct plot_options){.format = PLOT_PNG, .log = true});
	const char *curve = strchr(strstr(script, "$curve <<"), '\n');
	assert_int_equal(sscanf(curve, "%lf %lf %lf %lf", &first[0], &first[1], &last[0], &last[1]), 4);
	assert_near(first[1], 0, 1e-6);
	assert_near(last[1], 1, 1e-6);
	assert_non_null(strstr(script, "'100' 2"));
	assert_null(strstr(script, "inf"));
	assert_null(strstr(script, "nan"));
	free(script);
	made_free(&made);
}

static void logarithmic_axes_have_numbers_of_memory(void **state)
{
	struct made made = made_new("x");
	(void)state;

	/* None of 10, 20 and 50 is in between; gnuplot's own tics would tell logarithms. */
	for (int i = 0; i < 5; i++)
		sample_add(&made, i, 12 + i);
	char *script = script_with(&made, &(struct plot_options){.format = PLOT_PNG, .log = true});
	assert_non_null(strstr(script, "('12' 1.0791812"));
	free(script);
	/* A zero, as of a process about to be gone, does not make most of the axis empty. */
	sample_add(&made, 5, 0);
	script = script_with(&made, &(struct plot_options){.format = PLOT_PNG, .log = true});
	assert_non_null(strstr(script, "('12' 1.0791812"));
	free(script);
	made_free(&made);
}

static void time_axes_can_be_the_clocks(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	setenv("TZ", "UTC", 1);
	tzset();
	char *script = script_with(&made, &(struct plot_options){.format = PLOT_PNG, .absolute = true});
	/* 1700000000 is 22:13:20. */
	assert_non_null(strstr(script, "set xtics nomirror out scale 0.5 format '%.10g' tc rgb '#66737d' "
				       "('22:13:20' 0, "));
	assert_non_null(strstr(script, "'time (2023-11-14, UTC)'"));
	free(script);
	made_free(&made);
}

static void units_and_colours_can_be_chosen(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	call_add(&made, function_add(&made, "f"), 0, 2, 7.5, 30, 85);
	char *script = script_with(&made, &(struct plot_options){.format = PLOT_PNG,
								 .unit = "KB",
								 .dark = true,
								 .font = "Some Sans",
								 .dpi = 192,
								 .slope = true,
								 .legend = PLOT_LEGEND_NONE});
	assert_non_null(strstr(script, "'memory (KB)'"));
	assert_non_null(strstr(script, "'peak 115343.4 KB'"));
	assert_non_null(strstr(script, "size 2400,1400 noenhanced background rgb '#1b2126'"));
	assert_non_null(strstr(script, "font 'Some Sans:Bold,"));
	assert_null(strstr(script, "DejaVu"));
	assert_null(strstr(script, "1 call, "));
	assert_non_null(strstr(script, "trend +10485.8 KB/s"));
	assert_non_null(strstr(script, "$trend using"));
	free(script);
	assert_null(axis_unit_find("MIB"));
	assert_true(plot_unit_is_known("GiB"));
	assert_true(plot_font_is_fine("DejaVu Sans"));
	assert_false(plot_font_is_fine("x' y"));
	assert_false(plot_font_is_fine(""));
	made_free(&made);
}

static void marks_between_samples_are_a_band(void **state)
{
	struct made made = made_new("x");
	struct run_sample marks[] = {
		{START_NS, 10 * MIB}, {START_NS + 5 * second, 80 * MIB}, {START_NS + 10 * second, 10 * MIB}};
	struct run_line line = {.kind = RUN_LINE_PEAKS, .points = marks, .count = 3};
	double at[6];
	(void)state;

	for (int i = 0; i <= 2; i++)
		sample_add(&made, 5 * i, 10);
	made.run.lines = &line;
	made.run.line_count = 1;
	made.run.peak_rss = 80 * MIB;
	call_add(&made, function_add(&made, "early"), 0, 0, 4, 10, 10);
	call_add(&made, function_add(&made, "late"), 0, 6, 7, 10, 10);
	char *script = script_of(&made, PLOT_PNG);
	assert_int_equal(made.run.calls[0].peak_rss, 10 * MIB); /* left before the mark was looked at */
	assert_int_equal(sscanf(strchr(strstr(script, "$peaks <<"), '\n'), "%lf %lf %lf %lf %lf %lf", &at[0],
				&at[1], &at[2], &at[3], &at[4], &at[5]),
			 6);
	assert_near(at[0], 0, 1e-6);
	assert_near(at[1], 10, 1e-3);
	assert_near(at[2], 80, 1e-3);
	assert_int_equal(occurrences(script, "$peaks using"), 1);
	/* The peak stands in the middle of that time. */
	assert_non_null(strstr(script, "PEAK_X = 2.5\nPEAK_Y = 80\n"));
	free(script);
	made_free(&made);
}

static bool block_has_point(const char *script, const char *block, double x, double y)
{
	const char *at = strchr(strstr(script, block), '\n') + 1, *end = strstr(at, "EOD");
	double found[2];

	for (; at < end; at = strchr(at, '\n') + 1)
		if (sscanf(at, "%lf %lf", &found[0], &found[1]) == 2 && found[0] > x - 1e-4 &&
		    found[0] < x + 1e-4 && found[1] > y - 0.01 && found[1] < y + 0.01)
			return true;
	return false;
}

static void thinning_keeps_the_peak_and_ends_of_calls(void **state)
{
	struct made made = made_new("x");
	(void)state;

	for (int i = 0; i < 200000; i++)
		sample_add(&made, i / 20000.0, i == 123457 ? 900 : 100 + i % 13);
	size_t f = function_add(&made, "f");
	for (int i = 0; i < 8; i++)
		call_add(&made, f, 0, 1.1 * i + 0.01234, 1.1 * i + 0.61234, 150 + i, 170 + i);
	char *script = script_of(&made, PLOT_PNG);
	assert_true(strlen(script) < 300000);
	assert_true(block_has_point(script, "$curve <<", 123457 / 20000.0, 900));
	for (int i = 0; i < 8; i++) {
		assert_true(block_has_point(script, "$curve <<", 1.1 * i + 0.01234, 150 + i));
		assert_true(block_has_point(script, "$curve <<", 1.1 * i + 0.61234, 170 + i));
	}
	free(script);
	made_free(&made);
}

/* ---- labels ------------------------------------------------------------------------------ */

struct box {
	double left, right, low, high;
	char words[80];
};

static bool box_read(const char *at, double width, double height, struct box *box)
{
	double x, y, size;
	char align[16];
	const char *place = strstr(at, "' at screen "), *end = strchr(at, '\n');

	if (!place || place > end || memmem(at, (size_t)(end - at), " rotate ", strlen(" rotate ")))
		return false;
	assert_int_equal(sscanf(place, "' at screen %lf,%lf %15s", &x, &y, align), 3);
	const char *font = strstr(place, "font 'DejaVu Sans");
	assert_non_null(font);
	bool bold = strncmp(font + strlen("font 'DejaVu Sans"), ":Bold", 5) == 0;
	assert_int_equal(sscanf(strchr(font, ','), ",%lf", &size), 1);
	size /= 0.75;
	char *words = mem_strndup(at + strlen("set label '"), (size_t)(place - at) - strlen("set label '"));
	double wide = label_width(words, size * (bold ? 1.12 : 1));
	snprintf(box->words, sizeof(box->words), "%s", words);
	free(words);
	box->left = x * width - (align[0] == 'c' ? wide / 2 : align[0] == 'r' ? wide : 0);
	box->right = box->left + wide;
	box->low = y * height - size * 0.4;
	box->high = y * height + size * 0.4;
	return true;
}

static void assert_labels_apart(const char *script, double width, double height)
{
	struct box boxes[500];
	size_t count = 0;

	for (const char *at = script; (at = strstr(at, "set label '")) && count < 500; at++)
		count += box_read(at, width, height, &boxes[count]);
	assert_true(count > 3);
	for (size_t i = 0; i < count; i++) {
		const struct box *one = &boxes[i];
		if (one->left < -1 || one->right > width + 1 || one->low < 0 || one->high > height)
			fail_msg("'%s' is cut: %g to %g", one->words, one->left, one->right);
		for (size_t j = 0; j < i; j++) {
			const struct box *other = &boxes[j];
			if (one->left < other->right - 1 && other->left < one->right - 1 &&
			    one->low < other->high - 1 && other->low < one->high - 1)
				fail_msg("'%s' lies on '%s'", one->words, other->words);
		}
	}
}

static void labels_do_not_collide(void **state)
{
	static const unsigned sizes[][2] = {{1200, 700}, {640, 400}, {300, 200}, {2000, 600}, {500, 900}};
	struct made made =
		ramp("./a command that is longer than a small picture is wide -- and then some more");
	(void)state;

	for (int i = 0; i < 60; i++) {
		char *name = mem_printf("name_space::a_function_with_a_long_name_%d", i % 20);
		size_t function = i < 20 ? function_add(&made, name) : (size_t)i % 20;
		call_add(&made, function, (unsigned)i % 3, i / 6.0, i / 6.0 + 0.4, 20 + i, 21 + i)->tid =
			1 + i % 4;
		free(name);
	}
	for (size_t size = 0; size < sizeof(sizes) / sizeof(*sizes); size++) {
		for (unsigned how = 0; how < 12; how++) {
			struct plot_options options = {
				.format = PLOT_PNG,
				.width = sizes[size][0],
				.height = sizes[size][1],
				.lanes = how % 2 == 1,
				.legend = (enum plot_legend)(how / 2 % 3),
				.log = how >= 6,
			};
			char *script = script_with(&made, &options);
			assert_labels_apart(script, sizes[size][0], sizes[size][1]);
			free(script);
		}
	}
	made_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_are_laid_over_each_other),
		cmocka_unit_test(recordings_are_aligned_by_a_call),
		cmocka_unit_test(layers_keep_the_highest_sum),
		cmocka_unit_test(memory_axes_can_be_logarithmic),
		cmocka_unit_test(logarithmic_axes_have_numbers_of_memory),
		cmocka_unit_test(time_axes_can_be_the_clocks),
		cmocka_unit_test(units_and_colours_can_be_chosen),
		cmocka_unit_test(marks_between_samples_are_a_band),
		cmocka_unit_test(thinning_keeps_the_peak_and_ends_of_calls),
		cmocka_unit_test(labels_do_not_collide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Where things stand in pictures: calls of threads, crowded brackets, areas and the peak. */
#include "../../src/plot/label.h"
#include "../../src/plot/scene.h"
#include "plot_runs.h"

static struct scene scene_of(struct made *made)
{
	struct scene scene;
	struct scene_detail detail = {.columns = 900,
				      .call_columns = 7,
				      .gap_columns = 3,
				      .rows = 50,
				      .functions = 16,
				      .blocks = 2500};
	run_find_peaks(&made->run);
	scene_build(&scene, &made->run, &detail);
	return scene;
}

static const struct scene_block *block_of(const struct scene *scene, const char *label, size_t index)
{
	for (size_t i = 0; i < scene->block_count; i++)
		if (strcmp(scene->functions[scene->blocks[i].shown].label, label) == 0 && index-- == 0)
			return &scene->blocks[i];
	fail_msg("no block of %s", label);
	return NULL;
}

/* The function to which the area at a time belongs. */
static const char *owner_at(const struct scene *scene, double seconds)
{
	uint64_t time_ns = START_NS + (uint64_t)(seconds * SECOND);
	size_t at = 0;
	while (at + 1 < scene->curve_count && scene->curve[at + 1].time_ns <= time_ns)
		at++;
	if (scene->owner[at] == SCENE_NOBODY)
		return "";
	return scene->functions[scene->blocks[scene->owner[at]].shown].label;
}

static void inner_calls_stay_below_their_own_outer_calls(void **state)
{
	struct made made = ramp("./threads");
	(void)state;

	size_t other = function_add(&made, "other"), outer = function_add(&made, "outer");
	size_t inner = function_add(&made, "inner");
	call_add(&made, other, 0, 0, 1, 10, 20)->tid = 1;
	call_add(&made, other, 0, 0.1, 2, 11, 30)->tid = 2;
	call_add(&made, outer, 0, 0.2, 4, 12, 50)->tid = 3;
	call_add(&made, inner, 1, 2.5, 3, 35, 40)->tid = 3;
	struct scene scene = scene_of(&made);
	assert_int_equal(block_of(&scene, "outer", 0)->row, 2);
	assert_int_equal(block_of(&scene, "inner", 0)->row, 3);
	assert_int_equal(block_of(&scene, "inner", 0)->depth, 1);
	assert_int_equal(scene.rows, 4);
	assert_int_equal(scene.depths, 2);
	assert_string_equal(owner_at(&scene, 2.4), "outer");
	assert_string_equal(owner_at(&scene, 2.7), "inner");
	assert_string_equal(owner_at(&scene, 3.5), "outer");
	assert_string_equal(owner_at(&scene, 5), "");
	scene_free(&scene);
	made_free(&made);
}

static void threads_overlap_in_any_way(void **state)
{
	struct made made = ramp("./threads");
	(void)state;

	/* Two that shared a row and later cannot; the inner call of the first comes after the second's outer. */
	size_t one = function_add(&made, "one"), two = function_add(&made, "two");
	size_t inner = function_add(&made, "inner");
	call_add(&made, one, 0, 0, 1, 10, 20)->tid = 1;
	call_add(&made, two, 0, 2, 3, 30, 40)->tid = 2;
	call_add(&made, one, 0, 4, 6, 50, 70)->tid = 1;
	call_add(&made, two, 0, 5, 7, 60, 80)->tid = 2;
	call_add(&made, inner, 1, 5.2, 5.8, 62, 68)->tid = 1;
	struct scene scene = scene_of(&made);
	assert_int_equal(block_of(&scene, "one", 0)->row, 0);
	assert_int_equal(block_of(&scene, "two", 0)->row, 0);
	assert_int_equal(block_of(&scene, "one", 1)->row, 0);
	assert_int_equal(block_of(&scene, "inner", 0)->row, 1);
	assert_int_equal(block_of(&scene, "two", 1)->row, 2);
	scene_free(&scene);
	made_free(&made);
}

static void threads_keep_their_calls_together(void **state)
{
	struct made made = ramp("./threads");
	size_t functions[8];
	(void)state;

	for (int i = 0; i < 8; i++)
		functions[i] = function_add(&made, "thread");
	for (int i = 0; i < 1000; i++)
		for (int place = 0; place < 8; place++) { /* another begins each time */
			int tid = (i + place) % 8;
			double from = i / 100.0 + place / 10000.0;
			call_add(&made, functions[tid], 0, from, from + 0.009, 10, 10)->tid = tid;
		}
	struct scene scene = scene_of(&made);
	assert_int_equal(scene.block_count, 8);
	scene_free(&scene);
	made_free(&made);
}

static void threads_have_rows_of_their_own(void **state)
{
	struct made made = ramp("./threads");
	(void)state;

	/* Short calls of eight threads, all the time, each with one inside. */
	size_t outer = function_add(&made, "outer"), inner = function_add(&made, "inner");
	for (int i = 0; i < 1000; i++)
		for (int tid = 0; tid < 8; tid++) {
			double from = i / 100.0 + tid / 10000.0;
			call_add(&made, outer, 0, from, from + 0.0095, 10 + i / 10.0, 10 + i / 10.0)->tid =
				tid;
			call_add(&made, inner, 1, from + 0.00001, from + 0.009, 10 + i / 10.0, 10 + i / 10.0)
				->tid = tid;
		}
	struct scene scene = scene_of(&made);
	assert_int_equal(scene.block_count, 16);
	assert_int_equal(scene.rows, 16);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(block_of(&scene, "outer", i)->row + 1, block_of(&scene, "inner", i)->row);
		assert_int_equal(block_of(&scene, "outer", i)->calls, 1000);
	}
	scene_free(&scene);
	made_free(&made);
}

static void threads_that_follow_each_other_share_a_row(void **state)
{
	struct made made = ramp("./threads");
	(void)state;

	size_t one = function_add(&made, "one");
	for (int i = 0; i < 5000; i++)
		call_add(&made, one, 0, i / 500.0, i / 500.0 + 0.0015, 10, 10)->tid = i;
	struct scene scene = scene_of(&made);
	assert_int_equal(scene.block_count, 1);
	assert_int_equal(scene.rows, 1);
	scene_free(&scene);

	/* More at a time than there are rows: still all are somewhere. */
	for (int i = 0; i < 300; i++)
		call_add(&made, one, (unsigned)i % 3, 9, 10, 10, 10)->tid = 10000 + i / 3;
	scene = scene_of(&made);
	assert_true(scene.rows <= 50);
	scene_free(&scene);
	made_free(&made);
}

/* Of one call, against every sample looked at. */
static void assert_rise(struct made *made, size_t from, size_t to)
{
	const struct run_sample *samples = made->run.samples;
	uint64_t highest = 0;

	struct run_call *call = call_add(made, 0, 0, (double)from, (double)to, 1, 0);
	call->enter_rss = samples[from].rss;
	for (size_t i = from; i <= to; i++)
		highest = samples[i].rss > highest ? samples[i].rss : highest;
	struct scene scene = scene_of(made);
	assert_int_equal(scene.functions[0].rise, highest - samples[from].rss);
	scene_free(&scene);
	made->run.call_count = 0;
}

static void rises_are_those_of_the_samples(void **state)
{
	uint64_t seed = 12345;
	(void)state;

	/* A power of two, and none. */
	for (size_t count = 64; count <= 71; count += 7) {
		struct made made = made_new("x");
		function_add(&made, "f");
		for (size_t i = 0; i < count; i++) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
			sample_add(&made, (double)i, (double)(seed >> 54));
		}
		for (size_t from = 0; from < count; from += 3)
			for (size_t to = from; to < count; to++)
				assert_rise(&made, from, to);
		made_free(&made);
	}
}

/* ---- pictures ------------------------------------------------------------------------ */

static double number_after(const char *script, const char *what)
{
	const char *at = strstr(script, what);
	assert_non_null(at);
	return strtod(at + strlen(what), NULL);
}

static void box_read(const char *script, const char *block, double box[4])
{
	const char *at = strstr(script, block);
	assert_non_null(at);
	at = strchr(at, '\n') + 1;
	assert_int_equal(sscanf(at, "%lf %lf %lf %lf", &box[0], &box[1], &box[2], &box[3]), 4);
}

static void calls_are_shaded_and_have_a_cell_above(void **state)
{
	struct made made = ramp("./ramp");
	double band[4], cell[4];
	(void)state;

	size_t f = function_add(&made, "f");
	call_add(&made, f, 0, 2, 7.5, 30, 85);
	char *script = script_of(&made, PLOT_PNG);
	box_read(script, "$bands <<", band);
	box_read(script, "$cells <<", cell);
	assert_near(band[0], 2, 1e-6);
	assert_near(band[1], 7.5, 1e-6);
	assert_near(band[2], 0, 1e-6);
	assert_near(cell[0], 2, 1e-6);
	assert_near(cell[1], 7.5, 1e-6);
	assert_near(band[3], cell[2], 1e-6);
	assert_true(cell[3] > cell[2] && cell[2] > 110);
	assert_true(cell[3] <= number_after(script, "set yrange [0:"));
	free(script);

	/* One of no time can be seen. */
	made.run.calls[0].leave_ns = made.run.calls[0].enter_ns;
	script = script_of(&made, PLOT_PNG);
	box_read(script, "$bands <<", band);
	assert_near(band[0], 2, 1e-6);
	assert_true(band[1] > 2 && band[1] < 2.1);
	free(script);
	made_free(&made);
}

/* How many lines a data block has. */
static size_t line_count(const char *script, const char *block)
{
	const char *at = strstr(script, block);
	assert_non_null(at);
	char *copy = mem_strndup(at, (size_t)(strstr(at, "\nEOD") + 1 - at));
	size_t count = occurrences(copy, "\n\n");
	free(copy);
	return count;
}

static void crowded_brackets_leave_the_curve_free(void **state)
{
	struct made made = ramp("./ramp");
	double points[8][2];
	(void)state;

	/* Too long to be joined, too many to stand on the curve. */
	size_t outer = function_add(&made, "outer"), inner = function_add(&made, "inner");
	call_add(&made, outer, 0, 0.5, 9.5, 15, 105);
	for (int i = 0; i < 80; i++)
		call_add(&made, inner, 1, 0.5 + i * 0.11, 0.5 + i * 0.11 + 0.085, 15, 15);
	char *script = script_of(&made, PLOT_PNG);
	/* The outermost two ends stand on the curve and in the strip, every inner one in the strip. */
	assert_int_equal(line_count(script, "$ends0 <<"), 4);
	assert_true(line_count(script, "$ends1 <<") > 2 * 80);
	assert_true(line_count(script, "$ends1 <<") < 4 * 80 - 40);
	line_points(script, "$ends0 <<", 0, points);
	assert_near(points[1][0], 0.5, 1e-6);
	/* The curve once more, on top. */
	assert_int_equal(occurrences(script, "$curve using"), 2);
	free(script);

	/* Where there is room all stand on it, side by side or nested; then brackets are on top. */
	made.run.call_count = 0;
	call_add(&made, outer, 0, 1, 4, 20, 50);
	call_add(&made, inner, 1, 1, 4, 20, 50);
	call_add(&made, outer, 0, 4, 9, 50, 100);
	script = script_of(&made, PLOT_PNG);
	assert_int_equal(line_count(script, "$ends0 <<"), 8);
	assert_int_equal(line_count(script, "$ends1 <<"), 4);
	assert_int_equal(occurrences(script, "$curve using"), 1);
	free(script);

	/* At the same places an inner one hides nothing more. */
	made.run.call_count = 0;
	for (int i = 0; i < 12; i++) {
		call_add(&made, outer, 0, i * 0.8, i * 0.8 + 0.6, 50, 50);
		call_add(&made, inner, 1, i * 0.8, i * 0.8 + 0.6, 50, 50);
	}
	script = script_of(&made, PLOT_PNG);
	assert_int_equal(line_count(script, "$ends0 <<"), 48);
	assert_int_equal(line_count(script, "$ends1 <<"), 48);
	free(script);
	made_free(&made);
}

/* Where a label begins, and how wide it is, in pixels of a picture 1200 wide. */
static void the_peak_label_stays_inside(void **state)
{
	(void)state;
	for (int at = 0; at <= 10; at += 5) {
		struct made made = made_new("x");
		double x, y;
		for (int i = 0; i <= 10; i++)
			sample_add(&made, i, i == at ? 480.2 : 5);
		call_add(&made, function_add(&made, "f"), 0, at > 0 ? at - 1 : 0, at, 480.2, 480.2);
		char *script = script_of(&made, PLOT_PNG);
		const char *label = strstr(script, "set label 'peak 480.2 MiB' at ");
		assert_non_null(label);
		assert_int_equal(sscanf(label, "set label 'peak 480.2 MiB' at screen %lf,%lf", &x, &y), 2);
		double left, right, top;
		assert_int_equal(sscanf(strstr(script, "set lmargin"), "set lmargin at screen %lf", &left),
				 1);
		assert_int_equal(sscanf(strstr(script, "set rmargin"), "set rmargin at screen %lf", &right),
				 1);
		assert_int_equal(sscanf(strstr(script, "set tmargin"), "set tmargin at screen %lf", &top), 1);
		assert_true(x >= left && x + label_width("peak 480.2 MiB", 13) / 1200 <= right);
		assert_true(y < top - 19 / 700.0); /* below the strip of calls */
		free(script);
		made_free(&made);
	}
}

static void the_peak_line_is_the_kernels(void **state)
{
	struct made made = ramp("./ramp");
	(void)state;

	made.run.peak_rss = 200 * MIB;
	char *script = script_of(&made, PLOT_PNG);
	assert_non_null(strstr(script, "'peak 200.0 MiB'"));
	assert_non_null(strstr(script, "from first 0,200 to first 10,200"));
	assert_non_null(strstr(script, "from first 10,0 to first 10,200"));
	free(script);
	made_free(&made);
}

/* For an open call that ends at `seconds`, near the label's right end. */
static void assert_label_keeps_off(double seconds)
{
	struct made made = made_new("x");
	double x, y, points[8][2];

	for (int i = 0; i <= 100; i++)
		sample_add(&made, i / 10.0, i < 90 ? 10 + i : 100);
	struct run_call *call = call_add(&made, function_add(&made, "f"), 0, 1, seconds, 20, 100);
	call->end = TRACE_END_UNFINISHED;
	call->exact = false;
	made.run.peak_sample_ns = START_NS + (uint64_t)(8.88 * SECOND);
	char *script = script_of(&made, PLOT_PNG);
	/* Behind the enter on the curve and in the strip. */
	assert_int_equal(line_points(script, "$ends0 <<", 2, points), 3);
	const char *label = strstr(script, "set label 'peak 100.0 MiB' at ");
	assert_non_null(label);
	assert_int_equal(sscanf(label, "set label 'peak 100.0 MiB' at screen %lf,%lf", &x, &y), 2);
	double left = number_after(script, "set lmargin at screen ");
	double right = number_after(script, "set rmargin at screen ");
	double bottom = number_after(script, "set bmargin at screen ");
	double top = number_after(script, "set tmargin at screen ");
	double end = x * 1200 + label_width("peak 100.0 MiB", 13 * 1.12);
	double beside = (left + points[0][0] / 10 * (right - left)) * 1200;
	double above =
		(bottom + points[0][1] / number_after(script, "set yrange [0:") * (top - bottom)) * 700;
	double tip = (left + points[1][0] / 10 * (right - left)) * 1200;
	if (beside < end + 2 && tip > x * 1200 - 2 && above > y * 700 - 6)
		fail_msg("the label ends at %g, %g; the chevron begins at %g, %g", end, y * 700, beside,
			 above);
	free(script);
	made_free(&made);
}

static void the_peak_label_keeps_off_the_chevron(void **state)
{
	(void)state;
	for (int i = 0; i <= 100; i++)
		assert_label_keeps_off(9 + i / 100.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inner_calls_stay_below_their_own_outer_calls),
		cmocka_unit_test(threads_overlap_in_any_way),
		cmocka_unit_test(threads_keep_their_calls_together),
		cmocka_unit_test(threads_have_rows_of_their_own),
		cmocka_unit_test(threads_that_follow_each_other_share_a_row),
		cmocka_unit_test(rises_are_those_of_the_samples),
		cmocka_unit_test(calls_are_shaded_and_have_a_cell_above),
		cmocka_unit_test(crowded_brackets_leave_the_curve_free),
		cmocka_unit_test(the_peak_label_stays_inside),
		cmocka_unit_test(the_peak_line_is_the_kernels),
		cmocka_unit_test(the_peak_label_keeps_off_the_chevron),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Two recordings next to each other: which functions are the same, and what is worse. */
#include "fmprof/analyze.h"

#include "place.h"

enum { MIB = 1 << 20 };

/* The figures of two recordings as a reader would give them; functions are called once unless `rows` says 0. */
struct made {
	struct report report;
	struct run_function functions[8];
	struct report_row rows[8], *row_list[8];
};

static void made_start(struct made *made, const char *executable, uint64_t peak, uint64_t bound)
{
	*made = (struct made){0};
	made->report.executable = (char *)(uintptr_t)executable;
	made->report.peak = (struct report_peak){peak, true};
	made->report.peak_bound = bound;
	made->report.functions = made->functions;
	made->report.rows = made->row_list;
}

static struct report_row *made_add(struct made *made, const char *module, const char *full_name,
				   const char *file, bool called)
{
	struct run_function *function = &made->functions[made->report.function_count];
	char *end;

	*function = (struct run_function){
		.id = (uint32_t)made->report.function_count + 1,
		.full_name = mem_strdup(full_name),
		.name = mem_strdup(full_name),
		.module = mem_strdup(module),
		.file = file ? mem_strdup(file) : NULL,
	};
	if ((end = strchr(function->name, '(')))
		*end = '\0';
	struct report_row *row = &made->rows[made->report.function_count];
	*row = (struct report_row){
		.function = made->report.function_count++,
		.calls = 1,
		.outermost = 1,
		.peak = {MIB, true},
	};
	if (called)
		made->row_list[made->report.row_count++] = row;
	return row;
}

static void made_free(struct made *made)
{
	for (size_t i = 0; i < made->report.function_count; i++) {
		free(made->functions[i].full_name);
		free(made->functions[i].name);
		free(made->functions[i].module);
		free(made->functions[i].file);
	}
}

struct scene {
	struct made before, after;
	struct compare_options options;
	struct comparison comparison;
};

static void scene_start(struct scene *scene)
{
	*scene = (struct scene){.options.tolerance = 0.05};
	made_start(&scene->before, "/old/prog", 10 * MIB, 0);
	made_start(&scene->after, "/new/prog-2", 10 * MIB, 0);
}

static void scene_compare(struct scene *scene)
{
	compare_reports(&scene->before.report, &scene->after.report, &scene->options, &scene->comparison);
}

static void scene_end(struct scene *scene)
{
	comparison_free(&scene->comparison);
	made_free(&scene->before);
	made_free(&scene->after);
}

static const struct compare_row *row_of(const struct scene *scene, const char *full_name)
{
	for (size_t i = 0; i < scene->comparison.count; i++) {
		const struct compare_row *row = &scene->comparison.rows[i];
		if (strcmp((row->after ? row->after : row->before)->full_name, full_name) == 0)
			return row;
	}
	fail_msg("no row of %s", full_name);
	return NULL;
}

static bool is_pair(const struct scene *scene, const char *full_name)
{
	const struct compare_row *row = row_of(scene, full_name);

	return row->before && row->after;
}

static void values_beyond_noise_and_tolerance(void **state)
{
	(void)state;
	assert_int_equal(compare_values(100, 105, 0, 0.05), COMPARE_SAME);
	assert_int_equal(compare_values(100, 106, 0, 0.05), COMPARE_WORSE);
	assert_int_equal(compare_values(100, 106, 6, 0.05), COMPARE_SAME);
	assert_int_equal(compare_values(100, 94, 0, 0.05), COMPARE_BETTER);
	assert_int_equal(compare_values(0, 1, 0, 0.05), COMPARE_WORSE);
	assert_int_equal(compare_values(0, 0, 0, 0), COMPARE_SAME);
	/* What gave back less than before. */
	assert_int_equal(compare_values(-100, -90, 0, 0.05), COMPARE_WORSE);
	assert_int_equal(compare_values(-100, -97, 0, 0.05), COMPARE_SAME);
}

static void functions_of_two_builds(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene);
	made_add(&scene.before, "/old/prog", "main", "a.c", true);
	made_add(&scene.after, "/new/prog-2", "main", NULL, true);
	made_add(&scene.before, "/lib/libx.so.1.2", "x", NULL, true);
	made_add(&scene.after, "/opt/libx.so.1.3", "x", NULL, true);
	made_add(&scene.before, "/lib/liby.so", "x", NULL, true);
	made_add(&scene.before, "/old/prog", "f(int)", NULL, true);
	made_add(&scene.after, "/new/prog-2", "f", NULL, true);
	scene_compare(&scene);
	assert_int_equal(scene.comparison.count, 4);
	assert_true(is_pair(&scene, "main"));
	assert_true(is_pair(&scene, "f"));
	const struct compare_row *last = &scene.comparison.rows[3];
	assert_null(last->after);
	assert_string_equal(last->before->module, "/lib/liby.so");
	assert_false(scene.comparison.worse);
	scene_end(&scene);
}

/* Static functions of one name go by their files, wherever those lie; those that are left in their order. */
static void functions_of_one_name(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene);
	made_add(&scene.before, "/old/prog", "help", "/old/a.c", true)->net_growth = 1 * MIB;
	made_add(&scene.before, "/old/prog", "help", "/old/b.c", true)->net_growth = 2 * MIB;
	made_add(&scene.before, "/old/prog", "help", "/old/c.c", true)->net_growth = 3 * MIB;
	made_add(&scene.after, "/new/prog-2", "help", "/new/b.c", true)->net_growth = 2 * MIB;
	made_add(&scene.after, "/new/prog-2", "help", "/new/d.c", true)->net_growth = 1 * MIB;
	scene_compare(&scene);
	assert_int_equal(scene.comparison.count, 3);
	for (size_t i = 0; i < 2; i++) {
		const struct compare_figure *net = &scene.comparison.rows[i].figures[COMPARE_NET];
		assert_int_equal(net->before.value, net->after.value);
	}
	assert_string_equal(scene.comparison.rows[2].before->file, "/old/c.c");
	scene_end(&scene);
}

/* By its bare name a function is known only where that is unique. */
static void overloads_are_not_mixed_up(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene);
	made_add(&scene.before, "/old/prog", "f(int)", NULL, true);
	made_add(&scene.before, "/old/prog", "f(char)", NULL, true);
	made_add(&scene.after, "/new/prog-2", "f(long)", NULL, true);
	made_add(&scene.after, "/new/prog-2", "f(char)", NULL, true);
	/* Which of the two it is cannot be known. */
	made_add(&scene.before, "/old/prog", "g", NULL, true);
	made_add(&scene.after, "/new/prog-2", "g(int)", NULL, true);
	made_add(&scene.after, "/new/prog-2", "g(char)", NULL, true);
	scene_compare(&scene);
	assert_int_equal(scene.comparison.count, 6);
	assert_true(is_pair(&scene, "f(char)"));
	for (size_t i = 1; i < 6; i++)
		assert_true(!scene.comparison.rows[i].before || !scene.comparison.rows[i].after);
	scene_end(&scene);
}

static void worst_first(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene);
	scene.after.report.peak_bound = 500000;
	scene.before.report.peak_bound = 400000;
	for (int after = 0; after < 2; after++) {
		struct made *made = after ? &scene.after : &scene.before;
		const char *module = after ? "/new/prog-2" : "/old/prog";
		made_add(made, module, "better", NULL, true)->net_growth = after ? 1 * MIB : 9 * MIB;
		made_add(made, module, "some", NULL, true)->net_growth = after ? 3 * MIB : 1 * MIB;
		made_add(made, module, "most", NULL, true)->largest_growth = after ? 8 * MIB : 1 * MIB;
		made_add(made, module, "noise", NULL, true)->net_growth = after ? 900000 : 0;
		made_add(made, module, "peak", NULL, true)->peak.bytes = after ? 50 * MIB : 1 * MIB;
	}
	scene_compare(&scene);
	assert_true(scene.comparison.worse);
	assert_int_equal(scene.comparison.noise, 900000);
	static const char *const order[] = {"most", "some", "peak", "noise", "better"};
	for (size_t i = 0; i < 5; i++) {
		const struct compare_row *row = &scene.comparison.rows[i];
		assert_string_equal(row->after->name, order[i]);
		assert_int_equal(row->worse, i < 3);
	}
	scene_end(&scene);
}

static void times_count_if_asked(void **state)
{
	struct scene scene;

	(void)state;
	for (int times = 0; times < 2; times++) {
		scene_start(&scene);
		scene.options.times = times;
		made_add(&scene.before, "/old/prog", "f", NULL, true)->total_ns = 100;
		made_add(&scene.after, "/new/prog-2", "f", NULL, true)->total_ns = 200;
		scene_compare(&scene);
		assert_int_equal(scene.comparison.rows[0].figures[COMPARE_TOTAL].trend, COMPARE_WORSE);
		assert_int_equal(scene.comparison.worse, times);
		scene_end(&scene);
	}
}

static void what_was_not_called_is_compared_with_nothing(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene);
	made_add(&scene.before, "/old/prog", "f", NULL, false);
	made_add(&scene.after, "/new/prog-2", "f", NULL, true)->net_growth = MIB;
	made_add(&scene.before, "/old/prog", "never", NULL, false);
	made_add(&scene.after, "/new/prog-2", "never", NULL, false);
	scene_compare(&scene);
	assert_int_equal(scene.comparison.count, 1);
	const struct compare_row *row = &scene.comparison.rows[0];
	assert_int_equal(row->figures[COMPARE_NET].trend, COMPARE_WORSE);
	assert_true(row->figures[COMPARE_CALLS].before.known);
	assert_false(row->figures[COMPARE_PEAK].before.known);
	assert_int_equal(row->figures[COMPARE_PEAK].trend, COMPARE_SAME);
	scene_end(&scene);
}

static void the_run_itself(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene);
	scene.after.report.peak = (struct report_peak){11 * MIB, false};
	scene.before.report.peak_bound = 2 * MIB;
	scene_compare(&scene);
	assert_false(scene.comparison.worse);
	comparison_free(&scene.comparison);
	/* A floor that was named is taken instead of what the recordings say. */
	scene.options.has_floor = true;
	scene_compare(&scene);
	assert_true(scene.comparison.worse);
	assert_int_equal(scene.comparison.peak.trend, COMPARE_WORSE);
	assert_false(scene.comparison.peak.after.exact);
	assert_false(scene.comparison.slope.before.known);
	scene_end(&scene);
}

static void chosen_functions(void **state)
{
	static const char *const globs[] = {"g*"};
	struct scene scene;

	(void)state;
	scene_start(&scene);
	scene.options.globs = globs;
	scene.options.glob_count = 1;
	made_add(&scene.before, "/old/prog", "f", NULL, true);
	made_add(&scene.after, "/new/prog-2", "f", NULL, true)->net_growth = MIB;
	made_add(&scene.after, "/new/prog-2", "g", NULL, true);
	scene_compare(&scene);
	assert_int_equal(scene.comparison.count, 1);
	assert_string_equal(scene.comparison.rows[0].after->name, "g");
	assert_false(scene.comparison.worse);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_beyond_noise_and_tolerance),
		cmocka_unit_test(functions_of_two_builds),
		cmocka_unit_test(functions_of_one_name),
		cmocka_unit_test(overloads_are_not_mixed_up),
		cmocka_unit_test(worst_first),
		cmocka_unit_test(times_count_if_asked),
		cmocka_unit_test(what_was_not_called_is_compared_with_nothing),
		cmocka_unit_test(the_run_itself),
		cmocka_unit_test(chosen_functions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

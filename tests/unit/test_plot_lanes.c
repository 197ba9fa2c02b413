/* Lanes: calls as bars beneath the curve. */
#include "../../src/plot/lanes.h"
#include "plot_runs.h"

static const uint64_t second = 1000000000;

static struct lanes lanes_of(struct made *made, unsigned most)
{
	struct scene scene;
	struct lanes lanes;
	struct scene_detail detail = {.columns = 900,
				      .call_columns = 7,
				      .gap_columns = 3,
				      .rows = 50,
				      .functions = 16,
				      .blocks = 2500};

	scene_build(&scene, &made->run, &detail);
	lanes_build(&lanes, &scene, most, second / 100);
	scene_free(&scene);
	return lanes;
}

static void every_thread_has_a_lane_and_every_depth_a_row(void **state)
{
	struct made made = ramp("./threads");
	(void)state;

	size_t f = function_add(&made, "f");
	call_add(&made, f, 0, 1, 9, 20, 100)->tid = 1;
	call_add(&made, f, 1, 2, 5, 30, 60)->tid = 1;
	call_add(&made, f, 0, 2, 4, 30, 50)->tid = 2;
	for (int i = 0; i < 300; i++)
		call_add(&made, f, 2, 6 + i / 200.0, 6 + i / 200.0 + 0.004, 70, 70)->tid = 1;
	struct lanes lanes = lanes_of(&made, 20);
	assert_int_equal(lanes.count, 2);
	assert_int_equal(lanes.rows, 4);
	assert_int_equal(lanes.lanes[1].first_row, 3);
	/* Short ones are one bar that says how many. */
	assert_int_equal(lanes.bar_count, 4);
	assert_int_equal(lanes.bars[3].calls, 300);
	assert_int_equal(lanes.bars[3].row, 2);
	lanes_free(&lanes);

	/* Without room deep ones share a row, and those inside of one another a bar; then threads are left out, and counted. */
	lanes = lanes_of(&made, 2);
	assert_int_equal(lanes.rows, 2);
	assert_int_equal(lanes.left_out, 0);
	lanes_free(&lanes);
	lanes = lanes_of(&made, 1);
	assert_int_equal(lanes.count, 1);
	assert_int_equal(lanes.left_out, 1);
	lanes_free(&lanes);
	made_free(&made);
}

/* However many calls there are, a row has no more bars than can be told apart. */
static void calls_that_alternate_are_few_bars(void **state)
{
	struct made made = ramp("./alternating");
	(void)state;

	size_t one = function_add(&made, "one"), two = function_add(&made, "two");
	for (int i = 0; i < 50000; i++)
		call_add(&made, i % 2 ? one : two, 0, i / 5000.0, i / 5000.0 + (i % 2 ? 1e-4 : 5e-5), 20, 20);
	struct lanes lanes = lanes_of(&made, 20);
	/* 10 s in stretches of 10 ms, or a little less where one does not fit in. */
	assert_in_range(lanes.bar_count, 1000, 1100);
	uint64_t calls = 0;
	for (size_t i = 0; i < lanes.bar_count; i++) {
		assert_true(lanes.bars[i].mixed && lanes.bars[i].shown == one);
		calls += lanes.bars[i].calls;
	}
	assert_int_equal(calls, 50000);
	lanes_free(&lanes);

	/* Nor has deep recursion. */
	made.run.call_count = 0;
	for (int i = 0; i < 40000; i++)
		call_add(&made, one, (unsigned)i, i / 10000.0, 10 - i / 10000.0, 20, 20);
	lanes = lanes_of(&made, 20);
	assert_int_equal(lanes.bar_count, 20);
	assert_int_equal(lanes.bars[19].calls, 40000 - 19);
	lanes_free(&lanes);
	made_free(&made);
}

static void lanes_lie_below_the_memory_axis(void **state)
{
	struct made made = ramp("./ramp");
	double bar[4], low;
	(void)state;

	call_add(&made, function_add(&made, "f"), 0, 2, 7.5, 30, 85);
	char *script = script_with(&made, &(struct plot_options){.format = PLOT_PNG, .lanes = true});
	assert_int_equal(sscanf(strchr(strstr(script, "$bars <<"), '\n'), "%lf %lf %lf %lf", &bar[0], &bar[1],
				&bar[2], &bar[3]),
			 4);
	assert_near(bar[0], 2, 1e-6);
	assert_near(bar[1], 7.5, 1e-6);
	assert_int_equal(sscanf(strstr(script, "set yrange ["), "set yrange [%lf:", &low), 1);
	assert_true(bar[3] < 0 && bar[2] < bar[3] && bar[2] > low);
	assert_non_null(strstr(script, "set ytics nomirror scale 0 format '%.7g' tc rgb '#66737d' 0,"));
	/* Brackets are on the curve, and there is no strip. */
	assert_int_equal(occurrences(script, "$ends0 using"), 2);
	assert_null(strstr(script, "$cells"));
	free(script);
	script = script_with(&made, &(struct plot_options){.format = PLOT_PNG, .flame = true});
	assert_null(strstr(script, "$ends0"));
	assert_non_null(strstr(script, "$bars using"));
	free(script);
	made_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_thread_has_a_lane_and_every_depth_a_row),
		cmocka_unit_test(calls_that_alternate_are_few_bars),
		cmocka_unit_test(lanes_lie_below_the_memory_axis),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

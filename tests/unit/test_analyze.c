/* Figures of recordings whose truth is known. Times are small here, so that sums can be seen. */
#include "../../src/analyze/load.h"
#include "place.h"

enum { PAGE = 4096 };

static struct trace_writer *recording_begin(const struct place *place)
{
	struct trace_writer *writer = NULL;
	struct clock_anchor clock;
	struct error err = {0};
	char program[] = "./prog";
	char *argv[] = {program, NULL};

	assert_int_equal(trace_writer_open(place->file, &writer, &err), 0);
	clock_anchor_set(&clock);
	trace_begin(writer, &clock);
	trace_put_command(writer, argv);
	trace_put_header(writer, &(struct trace_header){.version = 1,
							.start_ns = 10,
							.interval_ns = 5,
							.pid = 1,
							.host = "h",
							.executable = "/prog",
							.metrics = "rss"});
	return writer;
}

static void function_put(struct trace_writer *writer, uint32_t id, const char *name)
{
	trace_put_function(writer, &(struct trace_function){id, name, name, "prog", id, NULL, 0});
}

static void sample_put(struct trace_writer *writer, uint64_t time_ns, uint64_t pages)
{
	trace_put_sample(writer, &(struct trace_sample){.time_ns = time_ns, .rss = pages * PAGE});
}

static void enter_put(struct trace_writer *writer, uint64_t call, uint32_t fn, pid_t tid, unsigned depth,
		      uint64_t time_ns)
{
	trace_put_enter(writer, &(struct trace_enter){call, fn, 1, tid, depth, PAGE, time_ns});
}

static void leave_put(struct trace_writer *writer, uint64_t call, uint32_t fn, pid_t tid, unsigned depth,
		      uint64_t from, uint64_t to)
{
	trace_put_call(writer, &(struct trace_call){call, fn, "name", 1, tid, depth, PAGE, from, 2 * PAGE, to,
						    TRACE_END_RETURN, true, 0, false});
}

static struct run *recording_load(const struct place *place, struct trace_writer *writer)
{
	struct run *run = NULL;
	struct error err = {0};
	trace_end(writer);
	assert_int_equal(trace_writer_close(writer, &err), 0);
	assert_int_equal(run_load(place->file, NULL, &run, &err), 0);
	return run;
}

static void text_file_write(const char *path, const char *content)
{
	bytes_write(path, content, strlen(content));
}

/*
 *  task 1   f 10────────────────60        a recursive inner f 20..40
 *  task 2        f 30──────────────────90
 *  task 1                          f 70─80
 */
static void test_time_inside(void **state)
{
	struct trace_writer *writer = recording_begin(*state);
	function_put(writer, 1, "never");
	function_put(writer, 2, "f");
	sample_put(writer, 10, 5);
	enter_put(writer, 1, 2, 1, 0, 10);
	enter_put(writer, 2, 2, 1, 1, 20);
	enter_put(writer, 3, 2, 2, 0, 30);
	leave_put(writer, 2, 2, 1, 1, 20, 40);
	leave_put(writer, 1, 2, 1, 0, 10, 60);
	enter_put(writer, 4, 2, 1, 0, 70);
	leave_put(writer, 4, 2, 1, 0, 70, 80);
	leave_put(writer, 3, 2, 2, 0, 30, 90);
	trace_put_finish(writer,
			 &(struct trace_finish){100, TRACE_FINISH_SIGNAL, 11, 77 * PAGE, 4, 0, 0, false});
	struct run *run = recording_load(*state, writer);

	assert_int_equal(run->function_count, 2);
	assert_string_equal(run->functions[0].name, "f");
	assert_int_equal(run->functions[0].id, 2);
	assert_int_equal(run->functions[0].calls, 4);
	assert_int_equal(run->functions[0].unfinished, 0);
	assert_int_equal(run->functions[0].total_ns, 50 + 10 + 60);
	assert_int_equal(run->functions[0].first_enter_ns, 10);
	assert_string_equal(run->functions[1].name, "never");
	assert_int_equal(run->functions[1].calls, 0);
	assert_int_equal(run->functions[1].total_ns, 0);

	assert_int_equal(run->call_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(run->calls[i].call, i + 1);
		assert_int_equal(run->calls[i].function, 0);
	}
	assert_true(run->start_ns == 10 && run->end_ns == 100 && run->interval_ns == 5);
	assert_string_equal(run->command, "./prog");
	assert_true(run->complete && run->finish.how == TRACE_FINISH_SIGNAL && run->finish.code == 11);
	assert_int_equal(run->peak_rss, 77 * PAGE);
	assert_int_equal(run->peak_sample_rss, 5 * PAGE);
	run_free(run);
}

static void test_unfinished_calls(void **state)
{
	struct trace_writer *writer = recording_begin(*state);
	function_put(writer, 1, "outer");
	function_put(writer, 2, "inner");
	sample_put(writer, 10, 3);
	enter_put(writer, 1, 1, 1, 0, 10);
	enter_put(writer, 2, 2, 1, 1, 20);
	leave_put(writer, 2, 2, 1, 1, 20, 30);
	sample_put(writer, 35, 9);
	sample_put(writer, 40, 8);
	enter_put(writer, 3, 2, 1, 1, 50);
	struct run *run = recording_load(*state, writer);

	assert_false(run->complete);
	assert_int_equal(run->end_ns, 50);
	assert_int_equal(run->call_count, 3);
	const struct run_call *outer = &run->calls[0];
	assert_true(outer->end == TRACE_END_UNFINISHED && outer->leave_ns == 50 &&
		    outer->leave_rss == 8 * PAGE);
	assert_false(outer->exact);
	assert_true(run->calls[1].end == TRACE_END_RETURN && run->calls[1].leave_rss == 2 * PAGE);
	/* No sample since its enter: what it entered with is the best that is known. */
	assert_true(run->calls[2].end == TRACE_END_UNFINISHED && run->calls[2].leave_rss == PAGE);
	assert_true(run->functions[0].unfinished == 1 && run->functions[0].total_ns == 40);
	assert_true(run->functions[1].unfinished == 1 && run->functions[1].calls == 2);
	assert_int_equal(run->peak_rss, 9 * PAGE);
	assert_int_equal(run->peak_sample_ns, 35);
	run_free(run);
}

/* Without an end, what rose and fell between samples is known from them. */
static void test_peak_between_samples(void **state)
{
	struct trace_writer *writer = recording_begin(*state);
	trace_put_sample(writer, &(struct trace_sample){.time_ns = 10, .rss = 5 * PAGE, .peak = 5 * PAGE});
	trace_put_sample(writer, &(struct trace_sample){.time_ns = 20, .rss = 6 * PAGE, .peak = 90 * PAGE});
	struct run *run = recording_load(*state, writer);

	assert_true(run->peak_rss == 90 * PAGE && run->peak_sample_rss == 6 * PAGE);
	run_free(run);
}

/* A recording that was cut while many calls were open, each inside the one before. */
static void test_every_open_call_is_closed(void **state)
{
	enum { OPEN = 7 };
	struct trace_writer *writer = recording_begin(*state);
	function_put(writer, 1, "deep");
	for (unsigned i = 0; i < OPEN; i++)
		enter_put(writer, i + 1, 1, 1, i, 10 + i);
	sample_put(writer, 30, 4);
	struct run *run = recording_load(*state, writer);

	assert_int_equal(run->call_count, OPEN);
	assert_int_equal(run->functions[0].unfinished, OPEN);
	for (unsigned i = 0; i < OPEN; i++) {
		const struct run_call *call = &run->calls[i];
		assert_true(call->enter_ns == 10 + i && call->leave_ns == 30);
		assert_true(call->leave_rss == 4 * PAGE && call->end == TRACE_END_UNFINISHED && !call->exact);
	}
	run_free(run);
}

/* Calls noticed late are written late, and those of equal enter are outer first. */
static void test_order(void **state)
{
	struct trace_writer *writer = recording_begin(*state);
	sample_put(writer, 50, 1);
	function_put(writer, 1, "a");
	leave_put(writer, 4, 1, 1, 1, 30, 40);
	leave_put(writer, 5, 1, 1, 0, 30, 50);
	leave_put(writer, 3, 1, 2, 0, 20, 60);
	sample_put(writer, 45, 2);
	function_put(writer, 2, "b");
	leave_put(writer, 1, 2, 3, 0, 15, 70);
	/* Its FN line was lost. */
	leave_put(writer, 9, 3, 3, 0, 80, 90);
	struct run *run = recording_load(*state, writer);
	static const uint64_t order[] = {1, 3, 5, 4, 9};

	assert_int_equal(run->call_count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(run->calls[i].call, order[i]);
	assert_true(run->samples[0].time_ns == 45 && run->samples[1].time_ns == 50);
	assert_string_equal(run->functions[0].name, "b");
	assert_string_equal(run->functions[1].name, "a");
	assert_string_equal(run->functions[2].name, "name");
	assert_int_equal(run->functions[run->calls[0].function].id, 2);
	assert_int_equal(run->functions[run->calls[1].function].id, 1);
	run_free(run);
}

static void test_mprof_file(void **state)
{
	const struct place *place = *state;
	struct run *run;
	struct error err = {0};
	text_file_write(place->file,
			"CMDLINE python3 x.py\nMEM 1.0 2.0\nMEM 9.0 4.0\nMEM 3.0 5.0\n"
			"FUNC m.g 1.0 3.0 2.0 4.0 2\nFUNC m.f 1.0 2.5 2.0 4.5 1\nFUNC m.g 1.0 1.0 2.0 0.5 0\n"
			"damaged\n");
	assert_int_equal(run_load(place->file, NULL, &run, &err), 0);
	assert_int_equal(run->function_count, 2);
	assert_string_equal(run->functions[0].name, "m.g");
	assert_string_equal(run->functions[1].name, "m.f");
	assert_true(run->functions[0].id == 0 && run->functions[0].calls == 2);
	/* A clock that was set back makes an empty call, not one of 584 years. */
	assert_int_equal(run->functions[0].total_ns, 1000000000);
	assert_int_equal(run->calls[1].depth, 1);
	assert_int_equal(run->peak_rss, 9 << 20);
	assert_int_equal(run->start_ns, 1000000000);
	assert_true(run->damaged_lines == 1 && run->first_damaged_line == 8);
	assert_false(run->complete);
	run_free(run);
}

static void load_fails(const struct place *place, const char *part)
{
	struct run *run = NULL;
	struct error err = {0};
	assert_int_equal(run_load(place->file, NULL, &run, &err), -1);
	assert_null(run);
	assert_non_null(strstr(err.message, place->file));
	assert_non_null(strstr(err.message, part));
	error_free(&err);
}

static void test_empty_recordings(void **state)
{
	const struct place *place = *state;
	load_fails(place, "No such file");
	text_file_write(place->file, "");
	load_fails(place, "not a recording");
	bytes_write(place->file, "\0\0\177ELF\0", 7);
	load_fails(place, "not a recording");
	text_file_write(place->file, "#!/bin/sh\nexit\n");
	load_fails(place, "not a recording");
	text_file_write(place->file, "CMDLINE ./prog\nENTER 1 1 1 1 0 1.0 2.0\n");
	load_fails(place, "no memory sample; ");
	text_file_write(place->file, "CMDLINE ./prog\nMEM\nMEM 1.0\n");
	load_fails(place, "no memory sample, and damaged lines: 2; ");
	text_file_write(place->file, "MEM 1.0 2.0\nFMPROF 9\n");
	load_fails(place, "version 9");
}

enum { POINTS = 100000, COLUMNS = 100 };

/* A flat line with one spike and one dip, each a single sample wide. */
static struct run spiky_run(struct run_sample *samples)
{
	for (size_t i = 0; i < POINTS; i++)
		samples[i] = (struct run_sample){.time_ns = 1000 + i * 10, .rss = 100 + i % 2};
	samples[31337].rss = 5000;
	samples[77777].rss = 1;
	return (struct run){.samples = samples, .sample_count = POINTS};
}

static bool has_sample(const struct run_sample *samples, size_t count, uint64_t time_ns)
{
	for (size_t i = 0; i < count; i++) {
		if (samples[i].time_ns == time_ns)
			return true;
	}
	return false;
}

static void decimate_check(const struct run *run, uint64_t from, uint64_t to, unsigned columns)
{
	size_t count;
	struct run_sample *few = run_decimate(run, from, to, columns, &count);
	assert_true(count <= 4 * (columns > 0 ? columns : 1) + 2);
	for (size_t i = 1; i < count; i++)
		assert_true(few[i - 1].time_ns < few[i].time_ns);
	for (size_t i = 0; i < run->sample_count; i++) {
		uint64_t time_ns = run->samples[i].time_ns;
		bool extreme = run->samples[i].rss == 5000 || run->samples[i].rss == 1;
		if (extreme && time_ns >= from && time_ns <= to)
			assert_true(has_sample(few, count, time_ns));
	}
	/* The window is covered to its ends, and beyond where there is more. */
	assert_true(count > 0 && (few[0].time_ns <= from || few[0].time_ns == run->samples[0].time_ns));
	assert_true(few[count - 1].time_ns >= to ||
		    few[count - 1].time_ns == run->samples[run->sample_count - 1].time_ns);
	free(few);
}

static void test_decimation_keeps_what_is_seen(void **state)
{
	(void)state;
	struct run_sample *samples = mem_alloc(POINTS * sizeof *samples);
	struct run run = spiky_run(samples);
	uint64_t first = samples[0].time_ns, last = samples[POINTS - 1].time_ns;
	size_t count;

	decimate_check(&run, first, last, COLUMNS);
	decimate_check(&run, first, last, 1);
	decimate_check(&run, first, last, 0);
	decimate_check(&run, 0, UINT64_MAX, COLUMNS);
	decimate_check(&run, samples[31337].time_ns, samples[77777].time_ns, COLUMNS);
	decimate_check(&run, samples[31337].time_ns, samples[31337].time_ns, COLUMNS);
	decimate_check(&run, samples[10].time_ns + 1, samples[11].time_ns - 1, COLUMNS);

	/* Fewer samples than pixels: all stay, and one more on either side. */
	struct run_sample *all = run_decimate(&run, samples[100].time_ns, samples[119].time_ns, 1000, &count);
	assert_int_equal(count, 22);
	assert_memory_equal(all, &samples[99], 22 * sizeof *all);
	free(all);
	free(run_decimate(&run, last + 1, last + 2, COLUMNS, &count));
	assert_int_equal(count, 1);
	free(run_decimate(&run, 0, 1, COLUMNS, &count));
	assert_int_equal(count, 1);
	free(samples);
}

/* Thinned over and over while samples come, what stands out and both ends are still there, in order. */
static void test_thinning_keeps_what_is_seen(void **state)
{
	enum { ROOM = 4000 };
	(void)state;
	struct run_sample *samples = mem_alloc(POINTS * sizeof *samples);
	struct run_sample *kept = mem_alloc(ROOM * sizeof *kept);
	size_t count = 0;

	spiky_run(samples);
	/* As after a setting of the clock. */
	struct run_sample early = samples[500];
	samples[500] = samples[600];
	samples[600] = early;
	for (size_t i = 0; i < POINTS; i++) {
		if (count == ROOM)
			count = samples_thin(kept, count, ROOM / 8);
		assert_true(count < ROOM);
		kept[count++] = samples[i];
	}
	for (size_t i = 1; i < count; i++)
		assert_true(kept[i - 1].time_ns < kept[i].time_ns);
	assert_true(has_sample(kept, count, samples[31337].time_ns));
	assert_true(has_sample(kept, count, samples[77777].time_ns));
	assert_int_equal(kept[0].time_ns, samples[0].time_ns);
	assert_int_equal(kept[count - 1].time_ns, samples[POINTS - 1].time_ns);
	free(kept);
	free(samples);
}

/* Samples and the points of a line are thinned alike. */
static void test_long_recordings_are_thinned(void **state)
{
	enum { COUNT = 600000, SPIKE = 123457, MOST = 1 << 19 };
	const struct place *place = *state;
	struct run *run;
	struct error err = {0};
	FILE *out = fopen(place->file, "w");

	assert_non_null(out);
	fputs("CMDLINE x\nFMPROF 1 start=1.0 interval=0.001 pid=1 host=h exe=/x metrics=rss peaks=reset\n",
	      out);
	for (int i = 0; i < COUNT; i++)
		fprintf(out, "MEM 1.0 %d.%06d peak=%d.0\n", 1 + i / 1000, i % 1000 * 1000,
			i == SPIKE ? 9 : 2);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(run_load(place->file, NULL, &run, &err), 0);
	assert_true(run->sample_count < MOST);
	assert_true(run->line_count > 0 && run->lines[0].kind == RUN_LINE_PEAKS);
	for (size_t i = 0; i < run->line_count; i++)
		assert_true(run->lines[i].count < MOST);
	uint64_t highest = 0;
	for (size_t i = 0; i < run->lines[0].count; i++)
		highest = run->lines[0].points[i].rss > highest ? run->lines[0].points[i].rss : highest;
	assert_int_equal(highest, 9 << 20);
	run_free(run);
}

/* Wherever in its column a sample is that stands out, it stays, and so do both ends of the column. */
static void test_decimation_looks_at_each_sample(void **state)
{
	enum { LENGTH = 41 };
	struct run_sample samples[LENGTH];
	struct run run = {.samples = samples, .sample_count = LENGTH};
	(void)state;

	for (size_t spike = 0; spike < LENGTH; spike++) {
		for (int sign = -1; sign <= 1; sign += 2) {
			for (size_t i = 0; i < LENGTH; i++)
				samples[i] = (struct run_sample){.time_ns = i, .rss = 100};
			samples[spike].rss += (uint64_t)(sign * 50);
			size_t count;
			struct run_sample *few = run_decimate(&run, 0, LENGTH - 1, 1, &count);
			assert_true(count <= 4);
			assert_true(has_sample(few, count, 0) && has_sample(few, count, spike));
			assert_true(has_sample(few, count, LENGTH - 1));
			free(few);
		}
	}
}

static void test_newest_file(void **state)
{
	const struct place *place = *state;
	static const char *const names[] = {
		"mprofile_20240101000000.dat",  "mprofile_20251231235959.dat",
		"mprofile_20250101000000.dat",  "mprofile_99.dat",
		"mprofile_2026123123595x.dat",  "mprofile_20261231235959.dat.bak",
		"xmprofile_20261231235959.dat", "mprofile_202612312359590.dat",
	};
	struct error err = {0};

	assert_null(run_newest_file(place->folder, &err));
	assert_non_null(strstr(err.message, "no mprofile_*.dat"));
	assert_null(run_newest_file(place->file, &err));
	assert_non_null(strstr(err.message, "No such file"));
	error_free(&err);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *path = mem_printf("%s/%s", place->folder, names[i]);
		text_file_write(path, "");
		free(path);
	}
	char *newest = run_newest_file(place->folder, &err);
	char *wanted = mem_printf("%s/%s", place->folder, names[1]);
	assert_string_equal(newest, wanted);
	free(newest);
	free(wanted);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *path = mem_printf("%s/%s", place->folder, names[i]);
		unlink(path);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_time_inside, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_unfinished_calls, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_every_open_call_is_closed, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_peak_between_samples, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_order, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_mprof_file, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_empty_recordings, place_setup, place_teardown),
		cmocka_unit_test(test_decimation_keeps_what_is_seen),
		cmocka_unit_test(test_thinning_keeps_what_is_seen),
		cmocka_unit_test_setup_teardown(test_long_recordings_are_thinned, place_setup,
						place_teardown),
		cmocka_unit_test(test_decimation_looks_at_each_sample),
		cmocka_unit_test_setup_teardown(test_newest_file, place_setup, place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

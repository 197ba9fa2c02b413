/* Peaks and the metrics of a sample: what the writer was given comes back from the reader. */
#include "fmprof/trace.h"
#include "place.h"

static struct trace_reader *written(const struct place *place, const char *metrics, enum trace_peaks peaks,
				    void (*put)(struct trace_writer *writer))
{
	struct trace_writer *writer;
	struct trace_reader *reader;
	struct clock_anchor clock;
	struct error err = {0};

	clock_anchor_set(&clock);
	assert_int_equal(trace_writer_open(place->file, &writer, &err), 0);
	trace_begin(writer, &clock);
	trace_put_header(writer, &(struct trace_header){.version = TRACE_VERSION,
							.host = "h",
							.executable = "/x",
							.metrics = metrics,
							.peaks = peaks,
							.peak_bound = 93 * 4096});
	put(writer);
	trace_end(writer);
	assert_int_equal(trace_writer_close(writer, &err), 0);
	assert_int_equal(trace_reader_open(place->file, &reader, &err), 0);
	return reader;
}

static struct trace_event next(struct trace_reader *reader, enum trace_kind kind)
{
	struct trace_event event;
	struct error err = {0};

	assert_int_equal(trace_reader_next(reader, &event, &err), 1);
	assert_int_equal(event.kind, kind);
	return event;
}

static void no_lines(struct trace_writer *writer)
{
	(void)writer;
}

static void test_header_tells_how_peaks_are_known(void **state)
{
	for (int peaks = TRACE_PEAKS_NONE; peaks <= TRACE_PEAKS_SAMPLES; peaks++) {
		const char *name = trace_peaks_name((enum trace_peaks)peaks);
		struct trace_reader *reader = written(*state, "rss", (enum trace_peaks)peaks, no_lines);
		struct trace_header header = next(reader, TRACE_HEADER).u.header;

		assert_int_equal(header.peaks, peaks);
		assert_int_equal(header.peak_bound, 93 * 4096);
		assert_int_equal(trace_peaks_from_name(name, strlen(name)), peaks);
		trace_reader_close(reader);
	}
	assert_int_equal(trace_peaks_from_name("res", 3), -1);
}

static void put_calls(struct trace_writer *writer)
{
	struct trace_call call = {
		.call = 1, .function = 1, .name = "f", .peak = 12 * 4096, .peak_exact = true};

	trace_put_call(writer, &call);
	call.peak_exact = false;
	trace_put_call(writer, &call);
	call.peak = 0;
	trace_put_call(writer, &call);
}

static void test_calls(void **state)
{
	struct trace_reader *reader = written(*state, "rss", TRACE_PEAKS_RESET, put_calls);
	struct trace_call call;

	next(reader, TRACE_HEADER);
	call = next(reader, TRACE_CALL).u.call;
	assert_true(call.peak == 12 * 4096 && call.peak_exact);
	call = next(reader, TRACE_CALL).u.call;
	assert_true(call.peak == 12 * 4096 && !call.peak_exact);
	call = next(reader, TRACE_CALL).u.call;
	assert_true(call.peak == 0 && !call.peak_exact);
	trace_reader_close(reader);
}

static void put_samples(struct trace_writer *writer)
{
	const uint64_t all[] = {7 * 1024, 8 * 4096, UINT64_C(5) << 40},
		       some[] = {TRACE_NOT_KNOWN, 8 * 4096, 0};

	trace_put_sample(writer, &(struct trace_sample){.rss = 8 * 4096, .peak = 9 * 4096, .values = all});
	trace_put_sample(writer, &(struct trace_sample){.rss = 8 * 4096, .values = some});
	trace_put_child(writer,
			&(struct trace_child){.pid = 3, .rss = 8 * 4096, .peak = 11 * 4096, .values = all});
	trace_put_sample(writer, &(struct trace_sample){.rss = 8 * 4096});
}

static void test_metrics_of_a_sample(void **state)
{
	struct trace_reader *reader = written(*state, "pss,rss,vms", TRACE_PEAKS_MARK, put_samples);
	struct trace_sample sample;
	struct trace_child child;
	const char *const *names;

	assert_int_equal(trace_reader_metrics(reader, &names), 0);
	next(reader, TRACE_HEADER);
	assert_int_equal(trace_reader_metrics(reader, &names), 3);
	assert_string_equal(names[0], "pss");
	assert_string_equal(names[1], "rss");
	assert_string_equal(names[2], "vms");

	sample = next(reader, TRACE_SAMPLE).u.sample;
	assert_true(sample.rss == 8 * 4096 && sample.peak == 9 * 4096 && sample.values[0] == 7 * 1024 &&
		    sample.values[1] == 8 * 4096 && sample.values[2] == UINT64_C(5) << 40);
	sample = next(reader, TRACE_SAMPLE).u.sample;
	assert_true(sample.peak == 0 && sample.values[0] == TRACE_NOT_KNOWN && sample.values[1] == 8 * 4096 &&
		    sample.values[2] == 0);
	child = next(reader, TRACE_CHILD).u.child;
	assert_true(child.pid == 3 && child.peak == 11 * 4096 && child.values[0] == 7 * 1024);
	sample = next(reader, TRACE_SAMPLE).u.sample;
	assert_true(sample.values[0] == TRACE_NOT_KNOWN && sample.values[1] == 8 * 4096 &&
		    sample.values[2] == TRACE_NOT_KNOWN);
	trace_reader_close(reader);
}

static const struct trace_process starts[] = {
	{.pid = 3, .time_ns = 5, .event = TRACE_PROCESS_START, .parent = 2, .made = TRACE_MADE_FORK},
	{.pid = 4, .time_ns = 5, .event = TRACE_PROCESS_START, .parent = 2, .made = TRACE_MADE_VFORK},
	{.pid = 5, .time_ns = 6, .event = TRACE_PROCESS_START, .parent = 2, .made = TRACE_MADE_CLONE},
	{.pid = 6, .time_ns = 7, .event = TRACE_PROCESS_START},
};
static const struct trace_process ends[] = {
	{.pid = 3, .time_ns = 8, .event = TRACE_PROCESS_END, .code = 7, .peak = 5 * 4096, .peak_exact = true},
	{.pid = 4,
	 .time_ns = 8,
	 .event = TRACE_PROCESS_END,
	 .how = TRACE_FINISH_SIGNAL,
	 .code = 9,
	 .peak = 4096},
	{.pid = 5, .time_ns = 8, .event = TRACE_PROCESS_END, .how = TRACE_FINISH_DETACHED},
};

static void put_processes(struct trace_writer *writer)
{
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		trace_put_process(writer, &starts[i]);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		trace_put_process(writer, &ends[i]);
	trace_put_function_end(writer, &(struct trace_function_end){7, 9, UINT64_C(1) << 40});
}

static void test_processes(void **state)
{
	struct trace_reader *reader = written(*state, "rss", TRACE_PEAKS_RESET, put_processes);
	struct trace_process line;

	next(reader, TRACE_HEADER);
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		line = next(reader, TRACE_PROCESS).u.process;
		assert_true(line.pid == starts[i].pid && line.time_ns == starts[i].time_ns);
		assert_true(line.event == TRACE_PROCESS_START && line.parent == starts[i].parent &&
			    line.made == starts[i].made);
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		line = next(reader, TRACE_PROCESS).u.process;
		assert_true(line.pid == ends[i].pid && line.time_ns == 8 && line.event == TRACE_PROCESS_END);
		assert_true(line.how == ends[i].how && line.code == ends[i].code);
		assert_true(line.peak == ends[i].peak && line.peak_exact == ends[i].peak_exact);
	}
	struct trace_function_end end = next(reader, TRACE_FUNCTION_END).u.function_end;
	assert_true(end.id == 7 && end.time_ns == 9 && end.calls == UINT64_C(1) << 40);
	trace_reader_close(reader);
}

/* The kernel tells some metrics in KiB. */
static void put_every_kib(struct trace_writer *writer)
{
	for (uint64_t kib = 0; kib < 3000000; kib += 997) {
		uint64_t bytes = kib * 1024;

		trace_put_sample(writer, &(struct trace_sample){.values = &bytes});
	}
}

static void test_kib_are_exact(void **state)
{
	struct trace_reader *reader = written(*state, "pss", TRACE_PEAKS_NONE, put_every_kib);

	next(reader, TRACE_HEADER);
	for (uint64_t kib = 0; kib < 3000000; kib += 997)
		assert_int_equal(next(reader, TRACE_SAMPLE).u.sample.values[0], kib * 1024);
	trace_reader_close(reader);
}

/* Lines of a later fmprof, of a damaged file. */
static void test_odd_lines(void **state)
{
	static const char file[] = "FMPROF 1 metrics=rss,,a,a,B,peak,c%20d peaks=later peak_bound=0.5\n"
				   "MEM 1.0 1.0 a=2 c=3 peak=4 unknown=x\n"
				   "MEM 1.0 1.0 a=x\n"
				   "MEM 1.0 1.0 peak=-1\n"
				   "FUNC f 1 1 2 2 0 call=1 peak=3 peak_is=perhaps\n"
				   "FMPROF 1\n"
				   "MEM 1.0 1.0 a=x\n";
	const struct place *place = *state;
	struct trace_reader *reader;
	struct trace_header header;
	struct trace_sample sample;
	struct error err = {0};
	const char *const *names;
	size_t first;

	bytes_write(place->file, file, sizeof(file) - 1);
	assert_int_equal(trace_reader_open(place->file, &reader, &err), 0);
	header = next(reader, TRACE_HEADER).u.header;
	assert_true(header.peaks == TRACE_PEAKS_SAMPLES && header.peak_bound == 512 << 10);
	assert_int_equal(trace_reader_metrics(reader, &names), 2);
	assert_string_equal(names[1], "a");
	sample = next(reader, TRACE_SAMPLE).u.sample;
	assert_true(sample.values[0] == 1 << 20 && sample.values[1] == 2 << 20 && sample.peak == 4 << 20);
	next(reader, TRACE_HEADER);
	assert_int_equal(trace_reader_metrics(reader, &names), 0);
	next(reader, TRACE_SAMPLE);
	assert_int_equal(trace_reader_damaged(reader, &first), 3);
	assert_int_equal(first, 3);
	trace_reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_header_tells_how_peaks_are_known, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(test_calls, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_metrics_of_a_sample, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_processes, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_kib_are_exact, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_odd_lines, place_setup, place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

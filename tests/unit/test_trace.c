/* The file as a whole: what the writer was given comes back from the reader. */
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "fmprof/trace.h"
#include "place.h"

static const char *const hostile_names[] = {
	"plain",
	"_leading",
	"ns::Class<int, char*>::operator()(int, ...)",
	"foo.part.0",
	"a$b$c",
	"100%",
	"%",
	"%41",
	"%%41%4",
	"",
	" ",
	"line\nfeed\rreturn\ttab\x7f",
	"\xff\xfe not UTF-8 \xc3",
	"na\xc3\xafve_\xe6\x97\xa5\xf0\x9f\x98\x80",
	"overlong \xc0\xaf surrogate \xed\xa0\x80 beyond \xf4\x90\x80\x80",
	"next line \xc2\x85 separator \xe2\x80\xa8",
	"\\$ \\",
};

enum { HOSTILE_COUNT = sizeof hostile_names / sizeof hostile_names[0] };

static struct trace_writer *writer_open(const struct place *place)
{
	struct trace_writer *writer = NULL;
	struct error err = {0};
	assert_int_equal(trace_writer_open(place->file, &writer, &err), 0);
	return writer;
}

static void writer_close(struct trace_writer *writer)
{
	struct error err = {0};
	assert_false(trace_writer_failed(writer));
	assert_int_equal(trace_writer_close(writer, &err), 0);
	assert_null(err.message);
}

static struct trace_reader *reader_open(const struct place *place)
{
	struct trace_reader *reader = NULL;
	struct error err = {0};
	assert_int_equal(trace_reader_open(place->file, &reader, &err), 0);
	return reader;
}

static struct trace_event event_expect(struct trace_reader *reader, enum trace_kind kind)
{
	struct trace_event event;
	struct error err = {0};
	assert_int_equal(trace_reader_next(reader, &event, &err), 1);
	assert_int_equal(event.kind, kind);
	return event;
}

static void end_expect(struct trace_reader *reader)
{
	struct trace_event event;
	struct error err = {0};
	size_t first;
	assert_int_equal(trace_reader_next(reader, &event, &err), 0);
	assert_int_equal(trace_reader_next(reader, &event, &err), 0);
	assert_int_equal(trace_reader_damaged(reader, &first), 0);
	trace_reader_close(reader);
}

static void test_names_are_reversible(void **state)
{
	(void)state;
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		struct text encoded = {0}, decoded = {0};
		trace_encode_name(&encoded, hostile_names[i]);
		assert_true(encoded.length > 0);
		for (size_t k = 0; k < encoded.length; k++)
			assert_true((unsigned char)encoded.data[k] > ' ' &&
				    !strchr(".$\x7f", encoded.data[k]));
		trace_decode_name(&decoded, encoded.data, encoded.length);
		assert_string_equal(decoded.data, hostile_names[i]);
		text_free(&encoded);
		text_free(&decoded);
	}
}

static void test_encoded_bytes(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"a b.c$%\n\x7f", "a%20b%2Ec%24%25%0A%7F"},
		{"\xc3\xaf\xe6\x97\xa5\xf0\x9f\x98\x80", "\xc3\xaf\xe6\x97\xa5\xf0\x9f\x98\x80"},
		{"\xff \xc3", "%FF%20%C3"},
		{"\xc0\xaf\xe0\x9f\xbf\xf0\x8f\xbf\xbf", "%C0%AF%E0%9F%BF%F0%8F%BF%BF"}, /* overlong */
		{"\xed\xa0\x80\xf4\x90\x80\x80", "%ED%A0%80%F4%90%80%80"},        /* surrogate, too high */
		{"\xc2\x85\xe2\x80\xa8\xe2\x80\xa9", "%C2%85%E2%80%A8%E2%80%A9"}, /* ends of line */
		{"\xc2\x80\xc2\x9f\xc2\xa0\xe2\x80\xaa",
		 "%C2%80%C2%9F\xc2\xa0\xe2\x80\xaa"},            /* C1 and beside */
		{"\xe6\x97 \xf0\x9f\x98", "%E6%97%20%F0%9F%98"}, /* cut short */
	};
	struct text out = {0};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		text_clear(&out);
		trace_encode_name(&out, pairs[i][0]);
		assert_string_equal(out.data, pairs[i][1]);
	}
	text_clear(&out);
	text_puts(&out, "before ");
	trace_decode_name(&out, "a%2eb%2xyz", 6);
	assert_string_equal(out.data, "before a.b%");
	text_free(&out);
}

static void test_end_words(void **state)
{
	(void)state;
	for (int end = TRACE_END_RETURN; end < TRACE_END_UNFINISHED; end++) {
		const char *word = trace_end_name((enum trace_end)end);
		assert_int_equal(trace_end_from_name(word, strlen(word)), end);
		assert_int_equal(trace_end_from_name(word, strlen(word) - 1), -1);
	}
	/* A word for people: no file says so of a call with both its ends. */
	const char *word = trace_end_name(TRACE_END_UNFINISHED);
	assert_string_equal(word, "unfinished");
	assert_int_equal(trace_end_from_name(word, strlen(word)), -1);
}

static void strings_round_trip(const struct place *place, const char *string)
{
	struct trace_header header = {1,      1700000000123456789, 10000000, 4711, string, string, string,
				      string, TRACE_PEAKS_NONE,    0};
	struct trace_function with_file = {7, string, string, string, 0xdeadbeef0, string, 42};
	struct trace_function without_file = {UINT32_MAX, string, string, string, UINT64_MAX, NULL, 0};
	struct trace_task task = {4711, 4712, 1700000000000000001, TRACE_TASK_EXEC, string};
	struct trace_call call = {3,     7, string, 4711, 4712, 2, 4096, 5, 8192, 9, TRACE_END_LONGJMP,
				  false, 0, false};

	struct trace_writer *writer = writer_open(place);
	struct clock_anchor clock;
	clock_anchor_set(&clock);
	trace_begin(writer, &clock);
	trace_put_header(writer, &header);
	trace_put_function(writer, &with_file);
	trace_put_function(writer, &without_file);
	trace_put_task(writer, &task);
	trace_put_note(writer, 17, string);
	trace_put_sample(writer, &(struct trace_sample){.time_ns = 6, .rss = 4096});
	trace_put_call(writer, &call);
	trace_end(writer);
	writer_close(writer);

	/* mprof fails on a line that is empty or has no space. */
	struct text content = bytes_read(place->file);
	for (const char *line = content.data; *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, " ") < strcspn(line, "\n"));
	assert_null(strchr(content.data, '\r'));
	text_free(&content);

	struct trace_reader *reader = reader_open(place);
	struct trace_header h = event_expect(reader, TRACE_HEADER).u.header;
	assert_int_equal(h.version, 1);
	assert_true(h.start_ns == header.start_ns && h.interval_ns == header.interval_ns &&
		    h.pid == header.pid);
	assert_string_equal(h.host, string);
	assert_string_equal(h.executable, string);
	assert_string_equal(h.build_id, string);
	assert_string_equal(h.metrics, string);
	struct trace_function f = event_expect(reader, TRACE_FUNCTION).u.function;
	assert_true(f.id == 7 && f.address == with_file.address && f.line == 42);
	assert_string_equal(f.name, string);
	assert_string_equal(f.full_name, string);
	assert_string_equal(f.module, string);
	assert_string_equal(f.file, string);
	f = event_expect(reader, TRACE_FUNCTION).u.function;
	assert_true(f.id == UINT32_MAX && f.address == UINT64_MAX && !f.file);
	struct trace_task t = event_expect(reader, TRACE_TASK).u.task;
	assert_true(t.pid == 4711 && t.tid == 4712 && t.time_ns == task.time_ns &&
		    t.event == TRACE_TASK_EXEC);
	assert_string_equal(t.name, string);
	struct trace_event note = event_expect(reader, TRACE_NOTE);
	assert_int_equal(note.u.note.time_ns, 17);
	assert_string_equal(note.u.note.text, string);
	event_expect(reader, TRACE_SAMPLE);
	struct trace_call c = event_expect(reader, TRACE_CALL).u.call;
	assert_string_equal(c.name, string);
	assert_true(c.call == 3 && c.function == 7 && c.pid == 4711 && c.tid == 4712 && c.depth == 2);
	assert_true(c.enter_rss == 4096 && c.enter_ns == 5 && c.leave_rss == 8192 && c.leave_ns == 9);
	assert_true(c.end == TRACE_END_LONGJMP && !c.exact);
	end_expect(reader);
}

static void test_hostile_strings(void **state)
{
	for (size_t i = 0; i < HOSTILE_COUNT; i++)
		strings_round_trip(*state, hostile_names[i]);
}

static void test_numbers_are_exact(void **state)
{
	struct trace_writer *writer = writer_open(*state);
	struct clock_anchor clock;
	clock_anchor_set(&clock);
	trace_begin(writer, &clock);
	/* A prime step visits every remainder of a page count to a MiB. */
	for (uint64_t pages = 0; pages < 3000000; pages += 997)
		trace_put_sample(writer,
				 &(struct trace_sample){.time_ns = pages * 1000000007, .rss = pages * 4096});
	struct trace_enter enter = {UINT64_MAX, UINT32_MAX,        INT32_MAX, 1,
				    UINT32_MAX, UINT64_C(1) << 47, UINT64_MAX};
	trace_put_enter(writer, &enter);
	struct trace_finish finishes[] = {
		{1, TRACE_FINISH_EXIT, 255, 0, 12, 0, 0, false},
		{2, TRACE_FINISH_SIGNAL, 11, 123 * 4096, 0, 17, 31 * 4096, false},
		{3, TRACE_FINISH_DETACHED, 0, 4096, UINT64_MAX, UINT64_MAX, 0, true},
	};
	for (size_t i = 0; i < 3; i++)
		trace_put_finish(writer, &finishes[i]);
	trace_end(writer);
	writer_close(writer);

	struct trace_reader *reader = reader_open(*state);
	for (uint64_t pages = 0; pages < 3000000; pages += 997) {
		struct trace_sample sample = event_expect(reader, TRACE_SAMPLE).u.sample;
		assert_int_equal(sample.rss, pages * 4096);
		assert_int_equal(sample.time_ns, pages * 1000000007);
	}
	struct trace_enter back = event_expect(reader, TRACE_ENTER).u.enter;
	assert_memory_equal(&back, &enter, sizeof enter);
	for (size_t i = 0; i < 3; i++) {
		struct trace_finish finish = event_expect(reader, TRACE_FINISH).u.finish;
		assert_true(finish.time_ns == finishes[i].time_ns && finish.how == finishes[i].how);
		assert_true(finish.code == finishes[i].code && finish.peak == finishes[i].peak);
		assert_int_equal(finish.calls, finishes[i].calls);
		assert_int_equal(finish.missed, finishes[i].missed);
		assert_int_equal(finish.peak_bound, finishes[i].peak_bound);
	}
	end_expect(reader);
}

/* As matplotlib's cbook.is_math_text counts. */
static bool is_math(const char *string)
{
	int dollars = 0;
	for (const char *c = string; *c; c++)
		dollars += (*c == '$') - (c[0] == '\\' && c[1] == '$');
	return dollars > 0 && dollars % 2 == 0;
}

static void command_check(const struct place *place, char *const argv[])
{
	struct trace_writer *writer = writer_open(place);
	struct clock_anchor clock;
	clock_anchor_set(&clock);
	trace_begin(writer, &clock);
	trace_put_command(writer, argv);
	trace_end(writer);
	writer_close(writer);

	struct trace_reader *reader = reader_open(place);
	struct trace_event event = event_expect(reader, TRACE_COMMAND);
	assert_false(is_math(event.u.command));
	struct text script = {0};
	text_printf(&script, "printf '%%s\\0' %s", event.u.command);
	end_expect(reader);

	bytes_write(place->file, script.data, script.length);
	char *run = mem_printf("bash %s", place->file);
	FILE *words = popen(run, "r");
	assert_non_null(words);
	char *word = NULL;
	size_t room = 0;
	for (size_t i = 0; argv[i]; i++) {
		assert_true(getdelim(&word, &room, '\0', words) > 0);
		assert_string_equal(word, argv[i]);
	}
	assert_int_equal(getdelim(&word, &room, '\0', words), -1);
	pclose(words);
	free(word);
	free(run);
	text_free(&script);
}

static void test_command_is_never_math(void **state)
{
	static char commands[][3][16] = {
		{"prog", "a b", "it's"},   {"prog", "a\nb", "c\nd"},   {"prog", "a\nb", "c\\\n\\"},
		{"prog", "$x", "${y"},     {"prog", "$\\bad{", "\n$"}, {"prog", "\xff\\", "\xfe\\"},
		{"prog", "\\\n", "x\\\n"}, {"prog", "", "a\rb\rc"},    {"\n", "\n", "\n"},
	};
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		char *argv[] = {commands[i][0], commands[i][1], commands[i][2], NULL};
		command_check(*state, argv);
	}
}

/* mprof's `peak --func` takes the maximum of the samples inside. */
static void test_each_call_has_a_sample_inside(void **state)
{
	struct trace_writer *writer = writer_open(*state);
	struct clock_anchor clock;
	clock_anchor_set(&clock);
	struct trace_call without = {1,    1, "f",  1, 1, 0, 4096, 100, 8192, 200, TRACE_END_RETURN,
				     true, 0, false};
	struct trace_call with = {2, 1, "f", 1, 1, 0, 4096, 300, 8192, 400, TRACE_END_RETURN, true, 0, false};
	trace_begin(writer, &clock);
	trace_put_sample(writer, &(struct trace_sample){.time_ns = 99, .rss = 0});
	trace_put_call(writer, &without);
	trace_put_sample(writer, &(struct trace_sample){.time_ns = 300, .rss = 4096});
	trace_put_call(writer, &with);
	trace_end(writer);
	writer_close(writer);

	struct trace_reader *reader = reader_open(*state);
	event_expect(reader, TRACE_SAMPLE);
	struct trace_sample made = event_expect(reader, TRACE_SAMPLE).u.sample;
	assert_true(made.time_ns == 200 && made.rss == 8192);
	event_expect(reader, TRACE_CALL);
	event_expect(reader, TRACE_SAMPLE);
	event_expect(reader, TRACE_CALL);
	end_expect(reader);
}

enum { THREADS = 4, GROUPS = 5000 };

struct putter {
	struct trace_writer *writer;
	const struct clock_anchor *clock;
	pid_t tid;
};

static void *putter_run(void *argument)
{
	const struct putter *putter = argument;
	for (uint64_t i = 1; i <= GROUPS; i++) {
		uint64_t now = trace_begin(putter->writer, putter->clock);
		trace_put_sample(putter->writer,
				 &(struct trace_sample){.time_ns = now, .rss = (uint64_t)putter->tid * 4096});
		trace_put_enter(putter->writer, &(struct trace_enter){i, 1, 1, putter->tid, 0, 4096, now});
		trace_end(putter->writer);
	}
	return NULL;
}

static void test_threads_write_whole_groups_in_order(void **state)
{
	struct trace_writer *writer = writer_open(*state);
	struct clock_anchor clock;
	struct putter putters[THREADS];
	pthread_t threads[THREADS];

	clock_anchor_set(&clock);
	for (int i = 0; i < THREADS; i++) {
		putters[i] = (struct putter){writer, &clock, i + 1};
		assert_int_equal(pthread_create(&threads[i], NULL, putter_run, &putters[i]), 0);
	}
	for (int i = 0; i < 20; i++)
		trace_writer_flush(writer);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	writer_close(writer);

	struct trace_reader *reader = reader_open(*state);
	uint64_t counts[THREADS + 1] = {0}, last = 0;
	for (int i = 0; i < THREADS * GROUPS; i++) {
		struct trace_sample sample = event_expect(reader, TRACE_SAMPLE).u.sample;
		struct trace_enter enter = event_expect(reader, TRACE_ENTER).u.enter;
		assert_true(sample.time_ns >= last && enter.time_ns == sample.time_ns);
		assert_int_equal(sample.rss, (uint64_t)enter.tid * 4096);
		assert_int_equal(enter.call, ++counts[enter.tid]);
		last = sample.time_ns;
	}
	end_expect(reader);
}

static void test_time_never_goes_back(void **state)
{
	struct trace_writer *writer = writer_open(*state);
	struct clock_anchor later, earlier;
	clock_anchor_set(&earlier);
	later = earlier;
	later.epoch_minus_monotonic_ns += 3600000000000;
	uint64_t first = trace_begin(writer, &later);
	trace_end(writer);
	assert_int_equal(trace_begin(writer, &earlier), first);
	trace_end(writer);
	writer_close(writer);
}

static off_t file_size(const struct place *place)
{
	struct stat info;
	assert_int_equal(stat(place->file, &info), 0);
	return info.st_size;
}

static void test_lines_reach_the_file_while_recording(void **state)
{
	struct trace_writer *writer = writer_open(*state);
	struct clock_anchor clock;
	clock_anchor_set(&clock);
	trace_begin(writer, &clock);
	trace_put_note(writer, 1, "flushed");
	trace_end(writer);
	trace_writer_flush(writer);
	assert_int_equal(file_size(*state), strlen("NOTE 0.000000001 flushed\n"));

	trace_begin(writer, &clock);
	trace_put_note(writer, 2, "in time");
	trace_end(writer);
	uint64_t give_up = clock_monotonic_ns() + 20000000000;
	while (file_size(*state) < 50 && clock_monotonic_ns() < give_up)
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	assert_int_equal(file_size(*state), 50);
	writer_close(writer);
}

static void test_mprof_file(void **state)
{
	static const char content[] =
		"CMDLINE python3 'a b'.py\nMEM 12.500000 1700000000.1234\nCHLD 0 1.5 1700000000.1\n"
		"FUNC __main__.a%41 12.5000 1700000000.0500 13.0117 1700000000.2500 1\n"
		"FUNC old 1.0 2.0 3.0 4.0\n";
	bytes_write(((struct place *)*state)->file, content, sizeof content - 1);
	struct trace_reader *reader = reader_open(*state);
	assert_string_equal(event_expect(reader, TRACE_COMMAND).u.command, "python3 'a b'.py");
	struct trace_sample sample = event_expect(reader, TRACE_SAMPLE).u.sample;
	assert_int_equal(sample.time_ns, 1700000000123400000);
	assert_int_equal(sample.rss, 3200 * 4096);
	struct trace_child child = event_expect(reader, TRACE_CHILD).u.child;
	assert_true(child.pid == 0 && child.rss == 384 * 4096 && child.time_ns == 1700000000100000000);
	struct trace_call call = event_expect(reader, TRACE_CALL).u.call;
	assert_string_equal(call.name, "__main__.a%41");
	assert_true(call.call == 0 && call.function == 0 && call.depth == 1 && call.exact);
	assert_true(call.end == TRACE_END_RETURN && call.leave_rss == 3331 * 4096);
	assert_true(call.enter_ns == 1700000000050000000 && call.leave_ns == 1700000000250000000);
	assert_string_equal(event_expect(reader, TRACE_CALL).u.call.name, "old");
	end_expect(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_reversible),
		cmocka_unit_test(test_encoded_bytes),
		cmocka_unit_test(test_end_words),
		cmocka_unit_test_setup_teardown(test_hostile_strings, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_numbers_are_exact, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_command_is_never_math, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_each_call_has_a_sample_inside, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(test_threads_write_whole_groups_in_order, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(test_time_never_goes_back, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_lines_reach_the_file_while_recording, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(test_mprof_file, place_setup, place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Recordings that were cut, damaged or could not be written to the end. */
#include <sys/resource.h>

#include "fmprof/trace.h"
#include "place.h"

/* Reads the file to its end and returns how many events it has. */
static size_t events_count(const struct place *place, size_t *damaged, size_t *first)
{
	struct trace_reader *reader;
	struct trace_event event;
	struct error err = {0};
	size_t count = 0;
	int status;

	assert_int_equal(trace_reader_open(place->file, &reader, &err), 0);
	while ((status = trace_reader_next(reader, &event, &err)) > 0)
		count++;
	assert_int_equal(status, 0);
	*damaged = trace_reader_damaged(reader, first);
	trace_reader_close(reader);
	return count;
}

/* One line of each kind. */
static void lines_put(struct trace_writer *writer)
{
	struct clock_anchor clock;
	char program[] = "./prog", argument[] = "a b";
	char *argv[] = {program, argument, NULL};
	clock_anchor_set(&clock);
	uint64_t now = trace_begin(writer, &clock);
	trace_put_command(writer, argv);
	trace_put_header(writer, &(struct trace_header){1, now, 10000000, 1, "host", "/bin/prog", "12ab",
							"rss", TRACE_PEAKS_NONE, 0});
	trace_put_function(writer,
			   &(struct trace_function){1, "f(int)", "f(int)", "prog", 0x1234, "a.c", 12});
	trace_put_task(writer, &(struct trace_task){1, 2, now, TRACE_TASK_START, "worker"});
	trace_put_process(writer, &(struct trace_process){.pid = 3,
							  .time_ns = now,
							  .event = TRACE_PROCESS_START,
							  .parent = 1,
							  .made = TRACE_MADE_FORK});
	trace_put_sample(writer, &(struct trace_sample){.time_ns = now, .rss = 4096});
	trace_put_enter(writer, &(struct trace_enter){1, 1, 1, 2, 0, 4096, now});
	trace_put_note(writer, now, "a note");
	trace_put_call(writer, &(struct trace_call){1, 1, "f(int)", 1, 2, 0, 4096, now, 8192, now,
						    TRACE_END_TAIL, true, 0, false});
	trace_put_finish(writer, &(struct trace_finish){now, TRACE_FINISH_EXIT, 0, 8192, 1, 0, 0, false});
	trace_end(writer);
}

static struct text small_file_make(const struct place *place)
{
	struct trace_writer *writer;
	struct error err = {0};
	assert_int_equal(trace_writer_open(place->file, &writer, &err), 0);
	lines_put(writer);
	assert_int_equal(trace_writer_close(writer, &err), 0);
	return bytes_read(place->file);
}

static void test_cut_at_every_byte(void **state)
{
	const struct place *place = *state;
	struct text whole = small_file_make(place);
	size_t lines = 0, damaged, first;

	for (size_t length = 0; length <= whole.length; length++) {
		if (length > 0)
			lines += whole.data[length - 1] == '\n';
		bytes_write(place->file, whole.data, length);
		assert_int_equal(events_count(place, &damaged, &first), lines);
		assert_int_equal(damaged, 0);
	}
	assert_int_equal(lines, 10);
	text_free(&whole);
}

/* xorshift64: the same bytes in each run. */
static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void test_random_damage(void **state)
{
	const struct place *place = *state;
	struct text whole = small_file_make(place);
	char *copy = mem_alloc(whole.length);
	uint64_t seed = 88172645463325252;
	size_t damaged, first;

	for (int round = 0; round < 3000; round++) {
		memcpy(copy, whole.data, whole.length);
		for (int change = 0; change <= round % 4; change++) {
			static const char bytes[] = " .%=\n\r\t0-9eE\xff:$";
			uint64_t random = random_next(&seed);
			copy[random % whole.length] = bytes[(random >> 32) % sizeof bytes];
		}
		/* Another version is refused, and that is right. */
		copy[strcspn(whole.data, "\n") + strlen("\nFMPROF ")] = '1';
		bytes_write(place->file, copy, whole.length);
		assert_true(events_count(place, &damaged, &first) <= 13);
	}
	free(copy);
	text_free(&whole);
}

static void test_damaged_lines_are_skipped_and_counted(void **state)
{
	const struct place *place = *state;
	static const char *const bad[] = {
		"",
		" ",
		"lower case",
		"MEM",
		"MEM ",
		"MEM 1.0",
		"MEM 1.0 ",
		"MEM  1.0 2.0",
		"MEM nan 2.0",
		"MEM 1.0 inf",
		"MEM -1.0 2.0",
		"MEM +1.0 2.0",
		"MEM 0x1 2.0",
		"MEM 1e3 2.0",
		"MEM 1. 2.0",
		"MEM .5 2.0",
		"MEM 1.0 2.0.0",
		"MEM 17592186044416.0 1.0",
		"MEM 99999999999999999999999 1.0",
		"MEM 1.0 18446744074.0",
		"MEM 1.0 99999999999999999999999",
		"MEM 1.0MEM 1.0 2.0",
		"MEM\t1.0 2.0",
		"FUNC f 1.0 2.0 3.0",
		"FUNC  1.0 2.0 3.0 4.0 0",
		"FUNC f 1.0 2.0 3.0 4.0 -1",
		"FUNC f 1.0 2.0 3.0 4.0 x",
		"FUNC f g 1.0 2.0 3.0 4.0 0",
		"FUNC f 1.0 2.0 3.0 4.0 0 call=x",
		"FUNC f 1.0 2.0 3.0 4.0 0 end=",
		"FUNC f 1.0 2.0 3.0 4.0 0 end=nowhere",
		"FUNC f 1.0 2.0 3.0 4.0 0 end=unfinished",
		"FUNC f 1.0 2.0 3.0 4.0 0 time=maybe",
		"FUNC f 1.0 2.0 3.0 4.0 4294967296",
		"FUNC f 1.0 2.0 3.0 4.0 0 tid=2147483648",
		"ENTER 0 1 1 1 0 1.0 2.0",
		"ENTER 1 0 1 1 0 1.0 2.0",
		"ENTER 1 1 1 1 0 1.0",
		"ENTER 18446744073709551616 1 1 1 0 1.0 2.0",
		"ENTER 1 1 -1 1 0 1.0 2.0",
		"FN 0 f m 0x1 - f",
		"FN 1 f m 1 - f",
		"FN 1 f m 0x - f",
		"FN 1 f m 0x11112222333344445 - f",
		"FN 1 f m 0x1 a.c f",
		"FN 1 f m 0x1 a.c:-1 f",
		"FN 1 f m 0x1 -",
		"FN 1 f m",
		"TASK 1 2 3.0 began x",
		"TASK 1 2 3.0",
		"FNEND 0 2.0",
		"FNEND 1",
		"FNEND 1 x",
		"FNEND 1 2.0 calls=x",
		"PROC 1 2.0",
		"PROC 1 2.0 began",
		"PROC -1 2.0 start",
		"PROC 1 x start",
		"PROC 1 2.0 start parent=x",
		"PROC 1 2.0 end",
		"PROC 1 2.0 end exit=x",
		"PROC 1 2.0 end exit=0 detached",
		"PROC 1 2.0 end exit=0 peak=x",
		"PROC 1 2.0 end exit=0 peak=1.0 peak_is=perhaps",
		"NOTE text",
		"FMPROF",
		"FMPROF x",
		"FMPROF 1 start=x",
		"END 1.0",
		"END 1.0 exit=",
		"END 1.0 exit=0 signal=1",
		"END 1.0 calls=1",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct text content = {0};
		size_t damaged, first;
		text_printf(&content, "MEM 1.0 1.0\n%s\nMEM 1.0 3.0\n", bad[i]);
		bytes_write(place->file, content.data, content.length);
		if (events_count(place, &damaged, &first) != 2 || damaged != 1 || first != 2)
			fail_msg("'%s' was not taken for damaged", bad[i]);
		text_free(&content);
	}
}

static void test_unknown_is_skipped(void **state)
{
	const struct place *place = *state;
	static const char content[] = "CMDLINE\nCHLD 12 1.0 2.0\nLATER kind of line\nLATER\nX_2 y\n"
				      "MEM 1.0 2.0 pid=3 anon=1.0 new\n"
				      "FUNC f 1.0 2.0 3.0 4.0 0 peak=4.0 new=x flag call=1 \n"
				      "FMPROF 1 start=1.0 new=%20 =x\n"
				      "END 1.0 new detached =\nMEM 1.0 2.0\r\n";
	size_t damaged, first;
	bytes_write(place->file, content, sizeof content - 1);
	assert_int_equal(events_count(place, &damaged, &first), 7);
	assert_int_equal(damaged, 0);
}

static void test_zero_bytes(void **state)
{
	const struct place *place = *state;
	static const char content[] =
		"MEM 1.0 2.0\nMEM 1.0\0 2.0\n\0\0\0\0MEM 1.0 2.0\nNOTE 1.0 a\0b\nMEM 1.0 2.0\n\0\0\0";
	size_t damaged, first;
	bytes_write(place->file, content, sizeof content - 1);
	assert_int_equal(events_count(place, &damaged, &first), 2);
	assert_int_equal(damaged, 3);
	assert_int_equal(first, 2);
}

static void test_long_lines(void **state)
{
	const struct place *place = *state;
	enum { LONG = 3 << 20, TOO_LONG = 80 << 20 };
	struct text content = {0};
	char *letters = mem_alloc(TOO_LONG);
	size_t damaged, first;

	memset(letters, 'x', TOO_LONG);
	text_puts(&content, "NOTE 1.0 ");
	text_put(&content, letters, LONG);
	text_puts(&content, "\nMEM 1.0 2.0\n");
	bytes_write(place->file, content.data, content.length);
	struct trace_reader *reader;
	struct trace_event event;
	struct error err = {0};
	assert_int_equal(trace_reader_open(place->file, &reader, &err), 0);
	assert_int_equal(trace_reader_next(reader, &event, &err), 1);
	assert_int_equal(strspn(event.u.note.text, "x"), LONG);
	trace_reader_close(reader);

	text_put(&content, letters, TOO_LONG);
	text_puts(&content, "\nMEM 1.0 2.0\n");
	bytes_write(place->file, content.data, content.length);
	assert_int_equal(events_count(place, &damaged, &first), 3);
	assert_int_equal(damaged, 1);
	assert_int_equal(first, 3);
	free(letters);
	text_free(&content);
}

static void error_expect(struct error *err, const char *start, const char *part)
{
	assert_non_null(err->message);
	assert_int_equal(err->status, STATUS_FAILED);
	assert_memory_equal(err->message, start, strlen(start));
	assert_non_null(strstr(err->message, part));
	assert_null(strchr(err->message, '\n'));
	error_free(err);
}

static void test_what_cannot_be_read(void **state)
{
	const struct place *place = *state;
	struct trace_reader *reader;
	struct trace_event event;
	struct error err = {0};

	assert_int_equal(trace_reader_open(place->file, &reader, &err), -1);
	error_expect(&err, place->file, "No such file or directory; name a recording that exists");
	assert_int_equal(trace_reader_open(place->folder, &reader, &err), 0);
	assert_int_equal(trace_reader_next(reader, &event, &err), -1);
	error_expect(&err, place->folder, "Is a directory");
	trace_reader_close(reader);

	static const char later[] = "FMPROF 2 whatever\nMEM 1.0 2.0\n";
	bytes_write(place->file, later, sizeof later - 1);
	assert_int_equal(trace_reader_open(place->file, &reader, &err), 0);
	assert_int_equal(trace_reader_next(reader, &event, &err), -1);
	error_expect(&err, place->file, "version 2");
	trace_reader_close(reader);
}

/* Some of these never end. */
static void test_what_is_no_recording(void **state)
{
	const struct place *place = *state;
	static const char *const endless[] = {"/dev/zero", "/dev/urandom"};
	struct trace_reader *reader;
	struct trace_event event;
	struct error err = {0};
	size_t damaged, first;

	alarm(120);
	for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
		assert_int_equal(trace_reader_open(endless[i], &reader, &err), 0);
		assert_int_equal(trace_reader_next(reader, &event, &err), -1);
		error_expect(&err, endless[i], "not a recording: no line of one in its first 64 MiB; ");
		trace_reader_close(reader);
	}
	alarm(0);

	/* What a crash of the machine left at the beginning is passed over. */
	struct text content = {0};
	char *zeroes = mem_alloc(1 << 20);
	text_put(&content, zeroes, 1 << 20);
	text_puts(&content, "\nLATER\nMEM 1.0 2.0\n");
	bytes_write(place->file, content.data, content.length);
	assert_int_equal(events_count(place, &damaged, &first), 1);
	assert_true(damaged == 1 && first == 1);
	free(zeroes);
	text_free(&content);
}

static void test_what_cannot_be_created(void **state)
{
	const struct place *place = *state;
	char *path = mem_printf("%s/none/s.dat", place->folder);
	struct trace_writer *writer;
	struct error err = {0};
	assert_int_equal(trace_writer_open(path, &writer, &err), -1);
	error_expect(&err, path, "No such file or directory; ");
	free(path);
}

/* Puts until the writer has noticed; every put after that must return and do nothing. */
static void failure_await(struct trace_writer *writer)
{
	uint64_t give_up = clock_monotonic_ns() + 20000000000;
	while (!trace_writer_failed(writer) && clock_monotonic_ns() < give_up) {
		lines_put(writer);
		trace_writer_flush(writer);
	}
	assert_true(trace_writer_failed(writer));
	lines_put(writer);
	trace_writer_flush(writer);
}

static void test_full_disk(void **state)
{
	(void)state;
	struct trace_writer *writer;
	struct error err = {0};
	assert_int_equal(trace_writer_open("/dev/full", &writer, &err), 0);
	failure_await(writer);
	assert_int_equal(trace_writer_close(writer, &err), -1);
	error_expect(&err, "/dev/full: No space left on device; recording stopped after 0 bytes, ",
		     "record again");
}

/* The limit of file sizes makes write(2) stop inside a line, as a full disk does. */
static void test_file_is_cut_to_whole_lines(void **state)
{
	const struct place *place = *state;
	struct trace_writer *writer;
	struct error err = {0};
	struct rlimit before, small;
	size_t damaged, first;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	for (rlim_t limit = 5000; limit < 5100; limit += 7) {
		small.rlim_cur = limit;
		assert_int_equal(trace_writer_open(place->file, &writer, &err), 0);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		failure_await(writer);
		int status = trace_writer_close(writer, &err);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(status, -1);

		struct text content = bytes_read(place->file);
		char *size = mem_printf("stopped after %zu bytes", content.length);
		assert_true(content.length <= limit && content.length > limit - 200);
		assert_int_equal(content.data[content.length - 1], '\n');
		error_expect(&err, place->file, size);
		assert_true(events_count(place, &damaged, &first) > 40);
		assert_int_equal(damaged, 0);
		free(size);
		text_free(&content);
	}
}

static void test_closed_pipe(void **state)
{
	(void)state;
	int ends[2];
	struct trace_writer *writer;
	struct error err = {0};
	assert_int_equal(pipe(ends), 0);
	char *path = mem_printf("/proc/self/fd/%d", ends[1]);
	assert_int_equal(trace_writer_open(path, &writer, &err), 0);
	close(ends[0]);
	failure_await(writer);
	assert_int_equal(trace_writer_close(writer, &err), -1);
	error_expect(&err, path, "Broken pipe; recording stopped after 0 bytes");
	close(ends[1]);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cut_at_every_byte, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_random_damage, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_lines_are_skipped_and_counted, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(test_unknown_is_skipped, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_zero_bytes, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_long_lines, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_read, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_recording, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_created, place_setup, place_teardown),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test_setup_teardown(test_file_is_cut_to_whole_lines, place_setup, place_teardown),
		cmocka_unit_test(test_closed_pipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

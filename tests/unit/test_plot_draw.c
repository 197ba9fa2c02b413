/* Pictures that gnuplot draws of recordings that are built by hand, and what is said when it cannot. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "plot_runs.h"

static int draw(struct made *made, enum plot_format format, const char *path, struct error *err)
{
	run_find_peaks(&made->run);
	return plot_draw(&made->run, &(struct plot_options){.output = path, .format = format}, err);
}

static void assert_drawn(struct made *made, const struct place *place)
{
	static const char *const beginnings[] = {"\x89PNG", "<?xml", "%PDF", " "};
	for (enum plot_format format = PLOT_PNG; format <= PLOT_TEXT; format++) {
		struct error err = {0};
		if (draw(made, format, place->file, &err) != 0)
			fail_msg("%s", err.message);
		struct text picture = bytes_read(place->file);
		assert_true(picture.length > 300);
		assert_memory_equal(picture.data, beginnings[format], strlen(beginnings[format]));
		text_free(&picture);
	}
}

static void poor_recordings_are_drawn(void **state)
{
	struct made one = made_new(""), flat = made_new(""), zero = made_new(""), instant = made_new("");

	sample_add(&one, 0, 1.5);
	assert_drawn(&one, *state);
	for (int i = 0; i < 3; i++)
		sample_add(&flat, i / 1000.0, 1.5);
	assert_drawn(&flat, *state);
	for (int i = 0; i < 3; i++)
		sample_add(&zero, i, 0);
	assert_drawn(&zero, *state);
	sample_add(&instant, 0, 2);
	call_add(&instant, function_add(&instant, "f"), 0, 0, 0, 2, 2);
	assert_drawn(&instant, *state);
	made_free(&one);
	made_free(&flat);
	made_free(&zero);
	made_free(&instant);
}

static void hostile_recordings_are_drawn(void **state)
{
	struct made made = hostile_run();
	assert_drawn(&made, *state);
	assert_int_equal(access("HARM", F_OK), -1);
	made_free(&made);
}

static void text_has_brackets_and_legend(void **state)
{
	const struct place *place = *state;
	struct made made = ramp("./ramp");
	struct error err = {0};

	call_add(&made, function_add(&made, "grow"), 0, 2, 7.5, 30, 85);
	assert_int_equal(draw(&made, PLOT_TEXT, place->file, &err), 0);
	struct text text = bytes_read(place->file);
	assert_non_null(strstr(text.data, "[grow--"));
	assert_non_null(strstr(text.data, "a grow  1 call, 5.500 s, +55.0 MiB, peak 85.0 MiB\n"));
	assert_non_null(strstr(text.data, "peak 110.0 MiB"));
	assert_int_equal(occurrences(text.data, "["), 2);
	assert_int_equal(occurrences(text.data, "]"), 2);
	assert_null(strchr(text.data, '\f'));
	assert_null(strchr(text.data, '\033'));
	assert_null(strstr(text.data, " \n"));
	assert_int_equal(occurrences(text.data, "\n"), 30);
	text_free(&text);
	made_free(&made);
}

/* Each function's letters are written below the curve, between its brackets. */
static void text_areas_stand_below_their_calls(void **state)
{
	const struct place *place = *state;
	struct made made = ramp("./ramp");
	struct error err = {0};

	call_add(&made, function_add(&made, "one"), 0, 2, 4, 30, 50);
	call_add(&made, function_add(&made, "two"), 0, 6, 9.5, 70, 105);
	assert_int_equal(draw(&made, PLOT_TEXT, place->file, &err), 0);
	struct text text = bytes_read(place->file);
	const char *one = strstr(text.data, "[one"), *two = strstr(text.data, "[two"), *line = one;
	while (line[-1] != '\n')
		line--;
	long from[] = {one - line, two - line}, to[] = {strchr(one, ']') - line, strchr(two, ']') - line};
	/* The lowest line of the plot is behind the last that has the axis at its left. */
	const char *lowest = NULL;
	for (const char *at = text.data; (at = strstr(at, "\n          |")); at++)
		lowest = at + 1;
	assert_non_null(lowest);
	for (int i = 0; i < 2; i++) {
		char letters[] = {(char)('a' + i), 0};
		size_t length = strcspn(lowest, "\n"), count = 0;
		for (size_t column = 0; column < length; column++)
			count += lowest[column] == letters[0];
		long first = strchr(lowest, letters[0]) - lowest;
		assert_in_range(first, from[i] - 1, from[i] + 1);
		assert_in_range(first + (long)count, to[i] - 1, to[i] + 1);
	}
	text_free(&text);
	made_free(&made);
}

static void text_has_the_brackets_of_every_call(void **state)
{
	const struct place *place = *state;
	struct made made = ramp("./ramp");
	struct error err = {0};

	size_t f = function_add(&made, "f");
	for (int i = 0; i < 5; i++)
		call_add(&made, f, 0, 2 * i + 0.5, 2 * i + 1.5, 15 + 20 * i, 25 + 20 * i);
	assert_int_equal(draw(&made, PLOT_TEXT, place->file, &err), 0);
	struct text text = bytes_read(place->file);
	assert_int_equal(occurrences(text.data, "["), 10);
	assert_int_equal(occurrences(text.data, "]"), 10);
	text_free(&text);
	made_free(&made);
}

static void text_says_how_many_rows_it_leaves_out(void **state)
{
	const struct place *place = *state;
	struct made made = ramp("./ramp");
	struct error err = {0};

	size_t deep = function_add(&made, "deep");
	for (unsigned depth = 0; depth < 16; depth++) {
		call_add(&made, deep, depth, 1 + depth / 10.0, 9 - depth / 10.0, 20, 20);
		if (depth != 2 && depth != 3 && depth != 15)
			continue;
		assert_int_equal(draw(&made, PLOT_TEXT, place->file, &err), 0);
		struct text text = bytes_read(place->file);
		assert_int_equal(strstr(text.data, "more row") != NULL, depth > 2);
		assert_int_equal(strstr(text.data, "\n           \xe2\x80\xa6 1 more row\n") != NULL,
				 depth == 3);
		assert_int_equal(strstr(text.data, "\n           \xe2\x80\xa6 13 more rows\n") != NULL,
				 depth == 15);
		assert_int_equal(occurrences(text.data, "\n"), 30);
		text_free(&text);
	}
	/* As deep as a damaged file can say; the others are none the less there. */
	made.run.calls[3].depth = UINT32_MAX;
	assert_int_equal(draw(&made, PLOT_TEXT, place->file, &err), 0);
	struct text deepest = bytes_read(place->file);
	assert_non_null(strstr(deepest.data, "\n           \xe2\x80\xa6 4,294,967,293 more rows\n"));
	text_free(&deepest);
	made.run.calls[3].depth = 3;
	/* The smallest page still has a curve. */
	assert_int_equal(
		plot_draw(&made.run,
			  &(struct plot_options){
				  .output = place->file, .format = PLOT_TEXT, .width = 40, .height = 12},
			  &err),
		0);
	struct text text = bytes_read(place->file);
	assert_non_null(strstr(text.data, "15 more rows"));
	assert_non_null(strchr(text.data, '*'));
	text_free(&text);
	made_free(&made);
}

static bool is_link(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static void outputs_that_cannot_be_written_are_errors(void **state)
{
	const struct place *place = *state;
	struct made made = ramp("./ramp");
	struct error err = {0};
	char *nowhere = mem_printf("%s/none/x.png", place->folder);

	assert_int_equal(draw(&made, PLOT_PNG, place->folder, &err), -1);
	assert_int_equal(err.status, STATUS_FAILED);
	assert_null(strchr(err.message, '\n'));
	assert_int_equal(draw(&made, PLOT_PNG, nowhere, &err), -1);
	assert_non_null(strstr(err.message, nowhere));
	assert_int_equal(symlink("/dev/full", place->file), 0);
	assert_int_equal(draw(&made, PLOT_PNG, place->file, &err), -1);
	assert_non_null(strstr(err.message, "No space left on device"));
	assert_true(is_link(place->file));
	assert_int_equal(access(place->file, F_OK), 0);
	assert_int_equal(draw(&made, PLOT_PNG, NULL, &err), -1);
	error_free(&err);
	free(nowhere);
	made_free(&made);
}

/* Draws with what the script `body` says in place of gnuplot. */
static char *error_of_gnuplot(const struct place *place, const char *body)
{
	struct made made = ramp("./ramp");
	struct error err = {0};
	char *program = mem_printf("%s/gnuplot", place->folder), *path = mem_strdup(getenv("PATH"));

	if (body) {
		bytes_write(program, body, strlen(body));
		assert_int_equal(chmod(program, 0755), 0);
	}
	setenv("PATH", place->folder, 1);
	assert_int_equal(draw(&made, PLOT_PNG, place->file, &err), -1);
	setenv("PATH", path, 1);
	assert_int_equal(err.status, STATUS_FAILED);
	assert_null(strchr(err.message, '\n'));
	unlink(program);
	free(program);
	free(path);
	made_free(&made);
	return err.message;
}

static void failures_of_gnuplot_are_one_line(void **state)
{
	const struct place *place = *state;
	char *message = error_of_gnuplot(place, NULL);

	assert_string_equal(message, "gnuplot: not found; install it (Debian: apt install gnuplot-nox)");
	free(message);
	message = error_of_gnuplot(place, "#!/bin/sh\nprintf '\\ngnuplot> plot x(\\n  ^\\n line 0: invalid "
					  "expression \\n\\n' >&2\nexit 1\n");
	assert_string_equal(message, "gnuplot: line 0: invalid expression");
	free(message);
	message = error_of_gnuplot(place, "#!/bin/sh\necho half a picture\nkill -9 $$\n");
	assert_non_null(strstr(message, "killed by signal 9"));
	free(message);
	message = error_of_gnuplot(place, "#!/bin/sh\nexit 0\n");
	assert_non_null(strstr(message, "drew nothing"));
	free(message);
	assert_int_equal(access(place->file, F_OK), -1);

	/* An earlier picture is not lost. */
	bytes_write(place->file, "old", 3);
	free(error_of_gnuplot(place, "#!/bin/sh\necho half\nexit 1\n"));
	struct text old = bytes_read(place->file);
	assert_string_equal(old.data, "old");
	text_free(&old);
}

/* What a full disk cuts short is removed, or emptied if a link led to it. */
static void half_written_pictures_are_taken_back(void **state)
{
	const struct place *place = *state;
	/* The limit is to meet our writing, not gnuplot's. */
	const char *body = "#!/bin/sh\nulimit -S -f unlimited\nprintf %200000s x\n";
	char *real = mem_printf("%s/real.png", place->folder);
	struct rlimit before, little;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = (struct rlimit){100000, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	char *message = error_of_gnuplot(place, body);
	assert_non_null(strstr(message, "File too large"));
	free(message);
	assert_int_equal(access(place->file, F_OK), -1);

	bytes_write(real, "old", 3);
	assert_int_equal(symlink(real, place->file), 0);
	free(error_of_gnuplot(place, body));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(is_link(place->file));
	struct text rest = bytes_read(real);
	assert_int_equal(rest.length, 0);
	text_free(&rest);
	unlink(real);
	free(real);
}

static void settings_for_gnuplot_do_not_reach_it(void **state)
{
	setenv("GNUTERM", "qt", 1);
	setenv("GNUPLOT_LIB", "/nowhere", 1);
	char *message = error_of_gnuplot(
		*state, "#!/bin/sh\necho \"line $* $GNUTERM,$GNUPLOT_LIB,${PATH:+path}\" >&2\nexit 1\n");
	assert_string_equal(message, "gnuplot: line -d dumb,,path");
	free(message);
	unsetenv("GNUTERM");
	unsetenv("GNUPLOT_LIB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(poor_recordings_are_drawn, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(hostile_recordings_are_drawn, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(text_has_brackets_and_legend, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(text_areas_stand_below_their_calls, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(text_has_the_brackets_of_every_call, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(text_says_how_many_rows_it_leaves_out, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(half_written_pictures_are_taken_back, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(settings_for_gnuplot_do_not_reach_it, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(outputs_that_cannot_be_written_are_errors, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(failures_of_gnuplot_are_one_line, place_setup,
						place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

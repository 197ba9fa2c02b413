/* Pictures that gnuplot draws of recordings that are built by hand, and what is said when it cannot. */
#include <sys/stat.h>

#include "plot_runs.h"

static int draw(const struct made *made, enum plot_format format, const char *path, struct error *err)
{
	return plot_draw(&made->run, &(struct plot_options){.output = path, .format = format}, err);
}

static void assert_drawn(const struct made *made, const struct place *place)
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
	assert_non_null(strstr(text.data, "a grow  1 call, 5.500 s, +55.0 MiB\n"));
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
	assert_int_equal(draw(&made, PLOT_PNG, "/dev/full", &err), -1);
	assert_non_null(strstr(err.message, "/dev/full"));
	assert_int_equal(access("/dev/full", F_OK), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(poor_recordings_are_drawn, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(hostile_recordings_are_drawn, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(text_has_brackets_and_legend, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(outputs_that_cannot_be_written_are_errors, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(failures_of_gnuplot_are_one_line, place_setup,
						place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

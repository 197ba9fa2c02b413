#include "gnuplot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

/*
 * Ours without what steers gnuplot (GNUTERM, GNUPLOT_LIB, GNUPLOT_DRIVER_DIR …):
 * it sets up the terminal that GNUTERM names before it reads the script, and
 * gnuplot-nox dies of GNUTERM=qt. "dumb" keeps others from looking for a display.
 */
static char **environment_build(void)
{
	static char terminal[] = "GNUTERM=dumb";
	size_t count = 0, kept = 0;

	while (environ[count])
		count++;
	char **environment = mem_alloc((count + 2) * sizeof(*environment));
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "GNUTERM", 7) != 0 && strncmp(environ[i], "GNUPLOT", 7) != 0)
			environment[kept++] = environ[i];
	environment[kept] = terminal;
	return environment;
}

/* What a script says that finds none. */
static const char no_window[] = "no kind of window";

/* gnuplot shows the line, a caret below it, and then what is wrong:
 * `         line 12: invalid expression `. */
static int error_from_complaints(const struct child_result *result, struct error *err)
{
	const char *message = result->complaints.data ? result->complaints.data : "", *line = NULL;

	for (const char *at = message; (at = strstr(at, "line ")); at += 5)
		line = at;
	if (!line)
		line = message + strspn(message, " \t\n");
	int length = (int)strcspn(line, "\n");
	while (length > 0 && line[length - 1] == ' ')
		length--;
	if (WIFSIGNALED(result->status))
		return error_set(err, STATUS_FAILED,
				 "gnuplot: killed by signal %d (%s); see whether 'gnuplot -d' starts, or try "
				 "a smaller --size",
				 WTERMSIG(result->status), strsignal(WTERMSIG(result->status)));
	if (strstr(message, no_window))
		return error_set(
			err, STATUS_FAILED,
			"gnuplot: this one has no windows; install one that has (Debian: apt install "
			"gnuplot-qt), or name a file with --output");
	if (strstr(message, "unknown or ambiguous terminal"))
		return error_set(
			err, STATUS_FAILED,
			"gnuplot: this one cannot draw that kind of picture; choose another --output, or "
			"install one that can (Debian: apt install gnuplot-nox)");
	if (length == 0)
		return error_set(
			err, STATUS_FAILED,
			"gnuplot: drew nothing (exit status %d); see whether 'gnuplot -d' starts, or "
			"install it anew",
			WEXITSTATUS(result->status));
	return error_set(err, STATUS_FAILED, "gnuplot: %.*s", length, line);
}

static int script_run(char *const argv[], const struct text *script, bool draws_output, struct text *drawn,
		      struct error *err)
{
	char **environment = environment_build();
	struct child_result result;
	int status = -1, error = child_run(argv, environment, script, &result);

	if (error == ENOENT)
		error_set(err, STATUS_FAILED,
			  "gnuplot: not found; install it (Debian: apt install gnuplot-nox)");
	else if (error != 0)
		error_set(err, STATUS_FAILED, "gnuplot: cannot be run: %s", strerror(error));
	/* Warnings of fontconfig and the like do not matter as long as there is a picture. */
	else if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0 ||
		 (draws_output && result.output.length == 0))
		error_from_complaints(&result, err);
	else
		status = 0;
	if (status == 0 && draws_output)
		text_put(drawn, result.output.data, result.output.length);
	child_result_free(&result);
	free(environment);
	return status;
}

/* -d: no start-up file of the user's or the system's can change the picture. */
int gnuplot_run(const struct text *script, struct text *drawn, struct error *err)
{
	char program[] = "gnuplot", no_start_file[] = "-d";
	char *const argv[] = {program, no_start_file, NULL};

	return script_run(argv, script, true, drawn, err);
}

void gnuplot_put_window(struct text *script, double width, double height)
{
	static const char *const kinds[] = {"qt", "wxt", "x11"};

	text_puts(script, "WINDOW = ''\n");
	for (size_t i = sizeof(kinds) / sizeof(*kinds); i-- > 0;)
		text_printf(script, "if (strstrt(' '.GPVAL_TERMINALS.' ', ' %s ')) WINDOW = '%s'\n", kinds[i],
			    kinds[i]);
	text_printf(script,
		    "if (WINDOW eq '') exit error '%s'\n"
		    "set terminal @WINDOW size %.0f,%.0f noenhanced persist title 'fmprof' ",
		    no_window, width, height);
}

int gnuplot_show(const struct text *script, struct error *err)
{
	char program[] = "gnuplot", no_start_file[] = "-d", stay[] = "-persist";
	char *const argv[] = {program, no_start_file, stay, NULL};
	const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

	if ((!x11 || !*x11) && (!wayland || !*wayland))
		return error_set(
			err, STATUS_FAILED,
			"window: no display (neither DISPLAY nor WAYLAND_DISPLAY is set); name a file with "
			"--output, or leave --terminal out for text");
	return script_run(argv, script, false, NULL, err);
}

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

int gnuplot_run(const struct text *script, struct text *drawn, struct error *err)
{
	/* -d: no start-up file of the user's or the system's can change the picture. */
	char program[] = "gnuplot", no_start_file[] = "-d";
	char *const argv[] = {program, no_start_file, NULL};
	char **environment = environment_build();
	struct child_result result;
	int status = -1, error = child_run(argv, environment, script, &result);

	if (error == ENOENT)
		error_set(err, STATUS_FAILED,
			  "gnuplot: not found; install it (Debian: apt install gnuplot-nox)");
	else if (error != 0)
		error_set(err, STATUS_FAILED, "gnuplot: cannot be run: %s", strerror(error));
	/* Warnings of fontconfig and the like do not matter as long as there is a picture. */
	else if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0 || result.output.length == 0)
		error_from_complaints(&result, err);
	else
		status = 0;
	if (status == 0)
		text_put(drawn, result.output.data, result.output.length);
	child_result_free(&result);
	free(environment);
	return status;
}

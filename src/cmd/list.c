#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "recordings.h"

static void print_help(void)
{
	puts("usage: fmprof list\n"
	     "The recordings mprofile_*.dat of this folder, the oldest first, with the index by which other\n"
	     "commands take them. -1 is the newest, -2 the one before.\n\n"
	     "  -h, --help\n\n"
	     "Exit status: 0, or 125 and the reason on stderr.");
}

/* As mprof shows it: the time that is in the name. */
static void put_line(struct text *out, size_t index, const char *name)
{
	const char *t = name + strlen("mprofile_");

	text_printf(out, "%zu %s %.2s:%.2s:%.2s %.2s/%.2s/%.4s\n", index, name, t + 8, t + 10, t + 12, t + 6,
		    t + 4, t);
}

static int list(struct error *err)
{
	struct recording_list recordings;
	struct text out = {0};

	if (recording_list_read(".", &recordings, err) < 0)
		return -1;
	for (size_t i = 0; i < recordings.count; i++)
		put_line(&out, i, recordings.names[i]);
	int status = cmd_print(&out, err);
	text_free(&out);
	recording_list_free(&recordings);
	return status;
}

int cmd_list(int argc, char **argv)
{
	static const struct option longs[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct recordings words = {0};
	struct error err = {0};
	int letter = recordings_option(&words, argc, argv, "h", longs), status = 0;

	if (letter == 'h')
		print_help();
	else if (letter != -1)
		status = cmd_usage(argc, argv, letter);
	else if (words.count > 0)
		status = error_set(&err, STATUS_FAILED, "%s: list takes no argument; it lists this folder",
				   words.paths[0]);
	else
		status = list(&err);
	recordings_free(&words);
	return err.message ? cmd_fail(&err) : status;
}

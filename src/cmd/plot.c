#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"
#include "fmprof/plot.h"

struct plot_command {
	const char *output, *title, *size;
	char *file; /* owned */
};

static void print_help(void)
{
	puts("usage: fmprof plot [options] [FILE]\n"
	     "Draws a recording, by default the newest mprofile_*.dat of this folder: memory over time, with "
	     "a\n"
	     "bracket for every call. Without --output it is drawn as text, at the size of the terminal.\n"
	     "A function's figures are its calls, the time inside, and \"+80.2 MiB\": the most that memory "
	     "rose\n"
	     "inside one call, above what it was when that call began.\n\n"
	     "  -o, --output FILE    .png, .svg, .pdf or .txt\n"
	     "  -t, --title TEXT     instead of the recorded command\n"
	     "      --size WxH       pixels (default 1200x700), or characters for text\n"
	     "  -h, --help\n\n"
	     "NO_COLOR in the environment keeps text without colours.\n\n"
	     "Exit status: 0, or 125 and the reason on stderr.");
}

static int parse_side(const char **at, char end, unsigned least, unsigned most, unsigned *side)
{
	char *rest;
	if (**at < '0' || **at > '9')
		return -1;
	unsigned long value = strtoul(*at, &rest, 10);
	if (*rest != end || value < least || value > most)
		return -1;
	*side = (unsigned)value;
	*at = rest + 1;
	return 0;
}

/* What is smaller cannot be read, what is larger gnuplot refuses to draw. */
static int parse_size(const char *size, struct plot_options *plot, struct error *err)
{
	bool text = plot->format == PLOT_TEXT;
	unsigned least_width = text ? 40 : 200, least_height = text ? 12 : 150, most = text ? 1000 : 16000;
	const char *at = size;

	if (parse_side(&at, 'x', least_width, most, &plot->width) == 0 &&
	    parse_side(&at, '\0', least_height, most, &plot->height) == 0)
		return 0;
	return error_set(err, STATUS_FAILED,
			 "size '%s': not WIDTHxHEIGHT between %ux%u and %ux%u; give one like %s", size,
			 least_width, least_height, most, most, text ? "100x30" : "1200x700");
}

/* 1 go on, 0 done (help), -1 err is set, or a usage error was printed (err empty). */
static int parse_options(int argc, char **argv, struct plot_command *command, struct error *err)
{
	enum { SIZE = 256 };
	static const struct option longs[] = {
		{"output", required_argument, NULL, 'o'},
		{"title", required_argument, NULL, 't'},
		{"size", required_argument, NULL, SIZE},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":o:t:h", longs, NULL)) != -1) {
		switch (letter) {
		case 'o':
			command->output = optarg;
			break;
		case 't':
			command->title = optarg;
			break;
		case SIZE:
			command->size = optarg;
			break;
		case 'h':
			print_help();
			return 0;
		default:
			cmd_usage(argc, argv, letter);
			return -1;
		}
	}
	if (argc - optind > 1)
		return error_set(err, STATUS_FAILED, "%s: a second file; draw one at a time",
				 argv[optind + 1]);
	if (optind < argc)
		command->file = mem_strdup(argv[optind]);
	return 1;
}

/* Text for a terminal fills it, but for the line of the next prompt. */
static void fit_terminal(struct plot_options *plot)
{
	struct winsize size;
	const char *no_colour = getenv("NO_COLOR");

	if (!isatty(STDOUT_FILENO))
		return;
	plot->colour = !no_colour || !*no_colour;
	if (plot->width == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
	    size.ws_row > 1) {
		plot->width = size.ws_col;
		plot->height = size.ws_row - 1U;
	}
}

/* One line on stderr, in which a file's name cannot steer the terminal. */
static void say(const char *before, const char *path, const char *after)
{
	struct text line = {0};

	text_put_visible(&line, path);
	fprintf(stderr, "fmprof: %s%s%s\n", before, line.data ? line.data : "", after);
	text_free(&line);
}

static void say_damaged(const char *path, const struct run *run)
{
	char *what = mem_printf(": %zu damaged line%s left out, the first is line %zu", run->damaged_lines,
				run->damaged_lines == 1 ? "" : "s", run->first_damaged_line);
	say("", path, what);
	free(what);
}

static int draw(struct plot_command *command, struct error *err)
{
	struct plot_options plot = {.output = command->output, .format = PLOT_TEXT, .title = command->title};
	struct run *run = NULL;

	if (plot.output && plot_format_from_path(plot.output, &plot.format, err) < 0)
		return -1;
	if (command->size && parse_size(command->size, &plot, err) < 0)
		return -1;
	if (!plot.output)
		fit_terminal(&plot);
	if (!command->file) {
		command->file = run_newest_file(".", err);
		if (!command->file)
			return -1;
		say("drawing ", command->file, ", the newest recording here");
	}
	if (run_load(command->file, &run, err) < 0)
		return -1;
	if (run->damaged_lines > 0)
		say_damaged(command->file, run);
	int result = plot_draw(run, &plot, err);
	run_free(run);
	return result;
}

int cmd_plot(int argc, char **argv)
{
	struct plot_command command = {0};
	struct error err = {0};
	int status = parse_options(argc, argv, &command, &err);

	if (status > 0)
		status = draw(&command, &err);
	free(command.file);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"
#include "fmprof/plot.h"
#include "recordings.h"

struct plot_command {
	const char *output, *title, *size;
	struct recordings files;
};

static void print_help(void)
{
	puts("usage: fmprof plot [options] [FILE|INDEX]\n"
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

	while ((letter = recordings_option(&command->files, argc, argv, "o:t:h", longs)) != -1) {
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
	if (command->files.count > 1)
		return error_set(err, STATUS_FAILED, "%s: a second file; draw one at a time",
				 command->files.paths[1]);
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
	if (recordings_find(&command->files, "drawing", err) < 0 ||
	    run_load(command->files.paths[0], &run, err) < 0)
		return -1;
	recordings_say_damaged(run->path, run->damaged_lines, run->first_damaged_line);
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
	recordings_free(&command.files);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

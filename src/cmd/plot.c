#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"
#include "plot_options.h"

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

	if (plot->format == PLOT_PNG && plot->dpi > 96)
		most = most * 96 / plot->dpi;
	if (parse_side(&at, 'x', least_width, most, &plot->width) == 0 &&
	    parse_side(&at, '\0', least_height, most, &plot->height) == 0)
		return 0;
	return error_set(err, STATUS_FAILED,
			 "size '%s': not WIDTHxHEIGHT between %ux%u and %ux%u; give one like %s", size,
			 least_width, least_height, most, most, text ? "100x30" : "1200x700");
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

/* What text and interactive pictures cannot show is said, rather than left out. */
static int check_layout(const struct plot_command *command, struct error *err)
{
	const struct plot_options *plot = &command->plot;
	bool moves = plot->format == PLOT_INTERACTIVE || plot->format == PLOT_HTML;
	const char *still = plot->slope                          ? "--slope"
			    : plot->log                          ? "--log"
			    : plot->absolute                     ? "--time absolute"
			    : plot->legend == PLOT_LEGEND_BOTTOM ? "--legend bottom"
								 : NULL;
	const char *drawn = plot->children == PLOT_CHILDREN_STACKED ? "--children stacked"
			    : plot->stack_count > 0                 ? "--stack"
								    : still;

	if (moves && still)
		return error_set(err, STATUS_FAILED,
				 "%s: in pictures that stand still only; name one with --output, like x.png",
				 still);
	if (plot->format == PLOT_TEXT && drawn)
		return error_set(err, STATUS_FAILED,
				 "%s: in pictures only; name one with --output, like x.png", drawn);
	return 0;
}

/* The others are more than what gnuplot draws, or need its terminals looked up. */
static bool is_of_gnuplot_alone(enum plot_format format)
{
	return format == PLOT_PNG || format == PLOT_SVG || format == PLOT_PDF || format == PLOT_SIXEL;
}

static int settle(struct plot_command *command, struct error *err)
{
	struct plot_options *plot = &command->plot;

	bool to_stdout = !plot->output || strcmp(plot->output, "-") == 0;
	plot->format = plot->script ? PLOT_PNG : PLOT_TEXT;
	if (command->terminal ? plot_format_from_name(command->terminal, &plot->format, err) < 0
			      : !to_stdout && plot_format_from_path(plot->output, &plot->format, err) < 0)
		return -1;
	if (plot->script && !is_of_gnuplot_alone(plot->format))
		return error_set(err, STATUS_FAILED,
				 "--script: for png, svg, pdf and sixel only; name one with --output");
	if (command->size && parse_size(command->size, plot, err) < 0)
		return -1;
	if (to_stdout && plot->format == PLOT_TEXT)
		fit_terminal(plot);
	return check_layout(command, err);
}

/* ---- recordings ------------------------------------------------------------ */

static struct run *load_one(const struct plot_command *command, size_t index, struct error *err)
{
	struct run *run = NULL;

	if (run_load(command->files.paths[index], &command->selection, &run, err) < 0)
		return NULL;
	recordings_say_damaged(run->path, run->damaged_lines, run->first_damaged_line);
	if (run_select(run, &command->selection, err) == 0)
		return run;
	run_free(run);
	return NULL;
}

/* When the function that recordings are aligned by is called first, from the start. */
static int align_time(const struct run *run, const char *function, uint64_t *from_ns, struct error *err)
{
	*from_ns = 0;
	for (size_t i = 0; i < run->call_count && function; i++) {
		const struct run_call *call = &run->calls[i];
		if (run->functions[call->function].recording != 0 ||
		    !function_matches(&run->functions[call->function], function))
			continue;
		*from_ns = call->enter_ns - run->start_ns;
		return 0;
	}
	return function ? error_set(err, STATUS_FAILED,
				    "--align '%s': no call of it in %s; fmprof report lists functions",
				    function, run->path)
			: 0;
}

static struct run *load_all(const struct plot_command *command, struct error *err)
{
	struct run *run = load_one(command, 0, err), *other;
	uint64_t from_ns = 0, other_from_ns;

	if (run && command->files.count > 1 && align_time(run, command->align, &from_ns, err) < 0)
		goto failed;
	for (size_t i = 1; run && i < command->files.count; i++) {
		other = load_one(command, i, err);
		if (!other || align_time(other, command->align, &other_from_ns, err) < 0) {
			run_free(other);
			goto failed;
		}
		from_ns = run_overlay(run, other, from_ns, other_from_ns);
	}
	return run;
failed:
	run_free(run);
	return NULL;
}

static int draw(struct plot_command *command, struct error *err)
{
	if (settle(command, err) < 0 || recordings_find(&command->files, "drawing", err) < 0)
		return -1;
	struct run *run = load_all(command, err);
	if (!run)
		return -1;
	int result = plot_draw(run, &command->plot, err);
	run_free(run);
	return result;
}

int cmd_plot(int argc, char **argv)
{
	struct plot_command command = {.selection.to_ns = UINT64_MAX};
	struct error err = {0};
	int status = plot_options_parse(&command, argc, argv, &err);

	if (status > 0)
		status = draw(&command, &err);
	plot_options_free(&command);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

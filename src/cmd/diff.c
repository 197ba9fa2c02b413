#include "diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "diff_show.h"
#include "fmprof/plot.h"
#include "values.h"

static void print_help(void)
{
	puts("usage: fmprof diff [options] FIRST SECOND\n"
	     "Is the second worse than the first? Recordings, or folders of fmprof batch (or their "
	     "summary.json).\n"
	     "INDEX is as in fmprof list; -1 is the newest.\n\n"
	     "      --tolerance PCT   worse is what is higher by more than that, and than noise (default "
	     "5%)\n"
	     "      --floor SIZE      of memory, noise is a difference up to that: 0, 100KiB, 2MiB (default "
	     "by\n"
	     "                        how much both recordings can be off)\n"
	     "      --with-times      times count, too\n"
	     "  -f, --func GLOB       only functions of this name; may be given often; MODULE!GLOB\n"
	     "  -o, --output FILE     a picture as well, one over the other: .png, .svg, .html, .txt …\n"
	     "      --csv, --json     all figures, in bytes and nanoseconds\n"
	     "      --width N         of the table (default the terminal's; else as wide as it is)\n"
	     "  -h, --help\n\n"
	     "Functions are the same by module and full name. Compared are the peak of the run, and of "
	     "each function\n"
	     "calls, net and largest growth and peak. Exit status: 0 not worse, 1 worse, 125 and the reason "
	     "on stderr.");
}

/* ---- options ----------------------------------------------------------- */

static int parse_floor(const char *word, struct compare_options *options, struct error *err)
{
	double bytes;

	if (!parse_bytes(word, strlen(word), &bytes) || bytes < 0)
		return error_set(err, STATUS_FAILED,
				 "--floor '%s': not an amount of memory; write 0, 100KiB, 2MiB", word);
	options->has_floor = true;
	options->floor = (uint64_t)bytes;
	return 0;
}

enum { TOLERANCE = 256, FLOOR, TIMES, CSV, JSON, WIDTH };

/* 0 done, 1 no such option, -1 and a reason. */
static int take_option(struct diff_command *command, int letter, struct error *err)
{
	struct compare_options *options = &command->options;

	switch (letter) {
	case 'f':
		command->globs = array_reserve(command->globs, &command->glob_capacity,
					       options->glob_count + 1, sizeof(*command->globs));
		command->globs[options->glob_count++] = optarg;
		return 0;
	case 'o':
		command->output = optarg;
		return 0;
	case TOLERANCE:
		return value_parse_tolerance(optarg, &options->tolerance, err);
	case FLOOR:
		return parse_floor(optarg, options, err);
	case TIMES:
		options->times = true;
		return 0;
	case CSV:
		command->form = DIFF_CSV;
		return 0;
	case JSON:
		command->form = DIFF_JSON;
		return 0;
	case WIDTH:
		return value_parse_number(optarg, "--width", 100000, &command->width, err);
	default:
		return 1;
	}
}

/* 1 go on, 0 done (help), -1 err is set, or a usage error was printed (err empty). */
static int parse_options(int argc, char **argv, struct diff_command *command, struct error *err)
{
	static const struct option longs[] = {
		{"func", required_argument, NULL, 'f'},
		{"output", required_argument, NULL, 'o'},
		{"tolerance", required_argument, NULL, TOLERANCE},
		{"floor", required_argument, NULL, FLOOR},
		{"with-times", no_argument, NULL, TIMES},
		{"csv", no_argument, NULL, CSV},
		{"json", no_argument, NULL, JSON},
		{"width", required_argument, NULL, WIDTH},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	while ((letter = recordings_option(&command->files, argc, argv, "f:o:h", longs)) != -1) {
		if (letter == 'h') {
			print_help();
			return 0;
		}
		int taken = take_option(command, letter, err);
		if (taken > 0)
			cmd_usage(argc, argv, letter);
		if (taken)
			return -1;
	}
	command->options.globs = command->globs;
	return 1;
}

static int settle(struct diff_command *command, struct error *err)
{
	if (command->files.count != 2)
		return error_set(err, STATUS_FAILED,
				 "%s: two recordings are compared; name the first and "
				 "the second",
				 command->files.count == 0   ? "nothing"
				 : command->files.count == 1 ? command->files.paths[0]
							     : command->files.paths[2]);
	if (recordings_find(&command->files, "comparing", err) < 0)
		return -1;
	if (strcmp(command->files.paths[0], "-") == 0 && strcmp(command->files.paths[1], "-") == 0)
		return error_set(err, STATUS_FAILED,
				 "-: standard input can be read only once; name a file for the other");
	if (command->width == 0)
		command->width = cmd_terminal_width(STDOUT_FILENO);
	return 0;
}

/* ---- the picture ------------------------------------------------------- */

static int picture_format(const struct diff_command *command, enum plot_format *format, struct error *err)
{
	for (size_t i = 0; i < command->files.count; i++)
		if (strcmp(command->files.paths[i], "-") == 0)
			return error_set(err, STATUS_FAILED,
					 "--output: takes a second reading, and standard input can be read "
					 "only once; name a file");
	return plot_format_from_path(command->output, format, err);
}

static int picture_draw(const struct diff_command *command, enum plot_format format, struct error *err)
{
	const struct plot_options options = {.output = command->output, .format = format};
	const struct run_selection selection = {
		.to_ns = UINT64_MAX,
		.globs = command->options.globs,
		.glob_count = command->options.glob_count,
	};
	struct run *run = NULL, *other = NULL;
	int status = -1;

	if (run_load(command->files.paths[0], NULL, &run, err) == 0 &&
	    run_load(command->files.paths[1], NULL, &other, err) == 0 &&
	    run_select(run, &selection, err) == 0 && run_select(other, &selection, err) == 0) {
		run_overlay(run, other, 0, 0);
		other = NULL;
		status = plot_draw(run, &options, err);
	}
	run_free(run);
	run_free(other);
	return status;
}

/* ---- two recordings ---------------------------------------------------- */

static struct report *report_of(const char *path, struct error *err)
{
	const struct report_options options = {.to_ns = UINT64_MAX};
	struct report *report = NULL;

	if (report_read(path, &options, &report, err) < 0)
		return NULL;
	recordings_say_damaged(report->path, report->damaged_lines, report->first_damaged_line);
	return report;
}

static void put_diff(struct text *out, const struct diff_command *command, const struct diff *diff)
{
	if (command->form == DIFF_CSV)
		diff_put_csv(out, diff);
	else if (command->form == DIFF_JSON)
		diff_put_json(out, diff);
	else
		diff_put_text(out, diff, command->width);
}

/* 1 if the second is worse, 0 if not, -1 and a reason. */
static int diff_recordings(const struct diff_command *command, struct text *out, struct error *err)
{
	struct report *before = report_of(command->files.paths[0], err);
	struct report *after = before ? report_of(command->files.paths[1], err) : NULL;
	enum plot_format format;
	int status = -1;

	if (after && (!command->output || picture_format(command, &format, err) == 0)) {
		struct diff diff = {.before = before, .after = after, .options = &command->options};
		compare_reports(before, after, &command->options, &diff.comparison);
		put_diff(out, command, &diff);
		status = diff.comparison.worse;
		comparison_free(&diff.comparison);
		if (command->output && picture_draw(command, format, err) < 0)
			status = -1;
	}
	report_free(before);
	report_free(after);
	return status;
}

static int diff_both(const struct diff_command *command, struct text *out, struct error *err)
{
	char *const *paths = command->files.paths;

	if (diff_is_batch(paths[0]) != diff_is_batch(paths[1]))
		return error_set(err, STATUS_FAILED,
				 "%s: the other is %s; name two recordings, or two batches", paths[1],
				 diff_is_batch(paths[0]) ? "a batch" : "a recording");
	return diff_is_batch(paths[0]) ? diff_batches(command, out, err) : diff_recordings(command, out, err);
}

int cmd_diff(int argc, char **argv)
{
	struct diff_command command = {.options.tolerance = 0.05, .files.may_repeat = true};
	struct text out = {0};
	struct error err = {0};
	int status = parse_options(argc, argv, &command, &err), help = status == 0;

	if (status > 0)
		status = settle(&command, &err);
	if (status == 0 && !help)
		status = diff_both(&command, &out, &err);
	if (status >= 0 && cmd_print(&out, &err) < 0)
		status = -1;
	text_free(&out);
	recordings_free(&command.files);
	free(command.globs);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return status;
}

#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "fmprof/export.h"
#include "recordings.h"

struct export_command {
	struct recordings files;
	struct export_options options;
	const char *format, *what, *value; /* as written; NULL: not given */
};

static void print_help(void)
{
	puts("usage: fmprof export [options] [FILE|INDEX]\n"
	     "A recording for other programs, by default the newest mprofile_*.dat of this folder; - is "
	     "standard\n"
	     "input. INDEX is as in fmprof list; -1 is the newest.\n\n"
	     "  -o, --output FILE    instead of standard output; .json, .csv, .jsonl, .folded tell the "
	     "format\n"
	     "      --format NAME    perfetto  trace for Perfetto and Chrome (the default)\n"
	     "                       csv       a line for each sample, or each call\n"
	     "                       jsonl     an object for each event, one a line\n"
	     "                       json      the same objects in an array\n"
	     "                       folded    outer;inner VALUE, for flame graphs\n"
	     "      --what WHAT      samples or calls; all is the default but of CSV, which has samples\n"
	     "      --value VALUE    of folded stacks: self, KiB that functions grew by themselves (the "
	     "default);\n"
	     "                       net, with what they called; time, µs in themselves; calls\n"
	     "  -h, --help\n\n"
	     "Memory is in bytes, times in nanoseconds where nothing else is said; docs/export.md has the "
	     "rest.\n"
	     "Exit status: 0, or 125 and the reason on stderr.");
}

/* Which of the words; they end with NULL. */
static int parse_word(const char *word, const char *option, const char *const *words, const char *choice,
		      struct error *err)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return error_set(err, STATUS_FAILED, "%s '%s': not one of %s", option, word, choice);
}

static int settle(struct export_command *command, struct error *err)
{
	static const char *const whats[] = {"all", "samples", "calls", NULL};
	static const char *const values[] = {"self", "net", "time", "calls", NULL};
	struct export_options *options = &command->options;
	int word;

	if (options->output)
		options->format = export_format_from_path(options->output);
	if (command->format && export_format_from_name(command->format, &options->format, err) < 0)
		return -1;
	options->what = options->format == EXPORT_CSV ? EXPORT_SAMPLES : EXPORT_ALL;
	if (command->what) {
		word = parse_word(command->what, "--what", whats, "all, samples and calls", err);
		if (word < 0)
			return -1;
		options->what = (enum export_what)word;
	}
	if (command->value) {
		word = parse_word(command->value, "--value", values, "self, net, time and calls", err);
		if (word < 0)
			return -1;
		options->value = (enum export_value)word;
	}
	if (command->what && options->format == EXPORT_FOLDED)
		return error_set(err, STATUS_FAILED, "--what: folded stacks are of calls; leave it out");
	if (options->what == EXPORT_ALL && options->format == EXPORT_CSV)
		return error_set(err, STATUS_FAILED,
				 "--what all: a table has one kind of line; choose samples or calls");
	if (command->value && options->format != EXPORT_FOLDED)
		return error_set(err, STATUS_FAILED, "--value: of folded stacks only; add --format folded");
	return 0;
}

enum { FORMAT = 256, WHAT, VALUE };

/* 1 go on, 0 done (help), -1 a usage error was printed. */
static int parse_options(int argc, char **argv, struct export_command *command)
{
	static const struct option longs[] = {
		{"output", required_argument, NULL, 'o'}, {"format", required_argument, NULL, FORMAT},
		{"what", required_argument, NULL, WHAT},  {"value", required_argument, NULL, VALUE},
		{"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
	};
	int letter;

	while ((letter = recordings_option(&command->files, argc, argv, "o:h", longs)) != -1) {
		switch (letter) {
		case 'o':
			command->options.output = optarg;
			break;
		case FORMAT:
			command->format = optarg;
			break;
		case WHAT:
			command->what = optarg;
			break;
		case VALUE:
			command->value = optarg;
			break;
		case 'h':
			print_help();
			return 0;
		default:
			cmd_usage(argc, argv, letter);
			return -1;
		}
	}
	return 1;
}

static int export(struct export_command *command, struct error *err)
{
	size_t damaged, first;

	if (settle(command, err) < 0 || recordings_find(&command->files, "exporting", err) < 0)
		return -1;
	if (command->files.count > 1)
		return error_set(err, STATUS_FAILED, "%s: a second recording; export one at a time",
				 command->files.paths[1]);
	const char *path = command->files.paths[0];
	if (export_recording(path, &command->options, &damaged, &first, err) < 0)
		return -1;
	recordings_say_damaged(path, damaged, first);
	return 0;
}

int cmd_export(int argc, char **argv)
{
	struct export_command command = {0};
	struct error err = {0};
	int status = parse_options(argc, argv, &command);

	if (status > 0)
		status = export(&command, &err);
	recordings_free(&command.files);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

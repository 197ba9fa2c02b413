#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "recordings.h"
#include "report_show.h"
#include "values.h"

enum report_form { FORM_TEXT, FORM_CSV, FORM_JSON };

struct report_command {
	struct recordings files;
	struct report_show show;
	enum report_form form;
	const char **globs; /* owned; the words are argv's */
	size_t glob_capacity;
	bool has_order;
};

static void print_help(void)
{
	puts("usage: fmprof report [options] [FILE|INDEX...]\n"
	     "Figures of each function in recordings, by default the newest mprofile_*.dat of this folder.\n"
	     "INDEX is as in fmprof list; -1 is the newest.\n\n"
	     "  -f, --func GLOB       only functions of this name; may be given often; MODULE!GLOB\n"
	     "  -w, --window A,B      only calls that begin from A to B, seconds from the start; A, and ,B\n"
	     "  -b, --by WHAT         a line for each function, or for each in a process or thread\n"
	     "  -s, --sort COLUMN     name, or one of:");
	fputs("                       ", stdout);
	for (size_t i = 0; i < report_column_count; i++)
		printf(" %s%s", report_columns[i].name, i == 8 ? "\n                       " : "");
	puts("\n"
	     "                        (default net, with --leaks the growth per call)\n"
	     "  -r, --reverse         the other way round\n"
	     "  -n, --top N           only the first N\n"
	     "      --leaks           memory that calls retain: slope per call and second, 95 % confidence\n"
	     "      --csv, --json     all figures, in bytes and nanoseconds\n"
	     "      --width N         of the table (default the terminal's; else as wide as it is)\n"
	     "  -h, --help\n\n"
	     "Time and growth of recursive calls are those of the outermost. \"≥\" marks a peak that was "
	     "only\n"
	     "sampled. Exit status: 0, or 125 and the reason on stderr.");
}

static int parse_by(const char *word, enum report_by *by, struct error *err)
{
	static const char *const words[] = {"function", "process", "thread"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(word, words[i]) == 0) {
			*by = (enum report_by)i;
			return 0;
		}
	}
	return error_set(err, STATUS_FAILED, "--by '%s': neither function, process nor thread", word);
}

static int parse_sort(const char *word, struct report_show *show, struct error *err)
{
	if (strcmp(word, "name") == 0) {
		show->order = REPORT_ORDER_NAME;
		return 0;
	}
	show->order = REPORT_ORDER_COLUMN;
	show->column = report_column_find(word);
	if (show->column)
		return 0;
	return error_set(err, STATUS_FAILED, "--sort '%s': no such column; see fmprof report --help", word);
}

static void glob_add(struct report_command *command, const char *glob)
{
	command->globs = array_reserve(command->globs, &command->glob_capacity, command->show.glob_count + 1,
				       sizeof(*command->globs));
	command->globs[command->show.glob_count++] = glob;
}

enum { CSV = 256, JSON, LEAKS, WIDTH };

/* 0 done, 1 no such option, -1 and a reason. */
static int take_option(struct report_command *command, int letter, struct error *err)
{
	struct report_show *show = &command->show;

	switch (letter) {
	case 'f':
		glob_add(command, optarg);
		return 0;
	case 'w':
		return recordings_parse_window(optarg, &show->from_ns, &show->to_ns, err);
	case 'b':
		return parse_by(optarg, &show->by, err);
	case 's':
		command->has_order = true;
		return parse_sort(optarg, show, err);
	case 'r':
		show->reverse = true;
		return 0;
	case 'n':
		return value_parse_number(optarg, "--top", 1000000000, &show->top, err);
	case CSV:
		command->form = FORM_CSV;
		return 0;
	case JSON:
		command->form = FORM_JSON;
		return 0;
	case LEAKS:
		show->leaks = true;
		return 0;
	case WIDTH:
		return value_parse_number(optarg, "--width", 100000, &show->width, err);
	default:
		return 1;
	}
}

/* 1 go on, 0 done (help), -1 err is set, or a usage error was printed (err empty). */
static int parse_options(int argc, char **argv, struct report_command *command, struct error *err)
{
	static const struct option longs[] = {
		{"func", required_argument, NULL, 'f'}, {"window", required_argument, NULL, 'w'},
		{"by", required_argument, NULL, 'b'},   {"sort", required_argument, NULL, 's'},
		{"reverse", no_argument, NULL, 'r'},    {"top", required_argument, NULL, 'n'},
		{"csv", no_argument, NULL, CSV},        {"json", no_argument, NULL, JSON},
		{"leaks", no_argument, NULL, LEAKS},    {"width", required_argument, NULL, WIDTH},
		{"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
	};
	int letter;

	while ((letter = recordings_option(&command->files, argc, argv, "f:w:b:s:rn:h", longs)) != -1) {
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
	return 1;
}

static void settle(struct report_command *command)
{
	struct report_show *show = &command->show;

	show->globs = command->globs;
	if (!command->has_order && show->leaks)
		show->order = REPORT_ORDER_LEAK;
	else if (!command->has_order)
		show->column = report_column_find("net");
	if (show->width == 0)
		show->width = cmd_terminal_width(STDOUT_FILENO);
}

static int show_one(const struct report_command *command, size_t number, struct text *out, struct error *err)
{
	const struct report_show *show = &command->show;
	const struct report_options options = {
		.by = show->by,
		.from_ns = show->from_ns,
		.to_ns = show->to_ns,
	};
	struct report *report;

	if (report_read(command->files.paths[number], &options, &report, err) < 0)
		return -1;
	recordings_say_damaged(report->path, report->damaged_lines, report->first_damaged_line);
	if (command->form == FORM_CSV) {
		report_put_csv(out, report, show);
	} else if (command->form == FORM_JSON) {
		text_puts(out, number > 0 ? ",\n" : "");
		report_put_json(out, report, show);
	} else {
		text_puts(out, number > 0 ? "\n" : "");
		report_put_text(out, report, show);
	}
	report_free(report);
	return 0;
}

/* All or nothing: half a table would look like a whole one. */
static int show_all(struct report_command *command, struct error *err)
{
	struct text out = {0};
	int status = recordings_find(&command->files, "reading", err);

	settle(command);
	if (command->form == FORM_CSV)
		report_put_csv_heading(&out, &command->show);
	if (command->form == FORM_JSON)
		text_puts(&out, "{\"fmprof_report\":1,\"recordings\":[\n");
	for (size_t i = 0; status == 0 && i < command->files.count; i++)
		status = show_one(command, i, &out, err);
	if (command->form == FORM_JSON)
		text_puts(&out, "\n]}\n");
	if (status == 0)
		status = cmd_print(&out, err);
	text_free(&out);
	return status;
}

int cmd_report(int argc, char **argv)
{
	struct report_command command = {.show.to_ns = UINT64_MAX};
	struct error err = {0};
	int status = parse_options(argc, argv, &command, &err);

	if (status > 0)
		status = show_all(&command, &err);
	recordings_free(&command.files);
	free(command.globs);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "recordings.h"

struct peak_command {
	struct recordings files;
	const char *glob; /* NULL: the whole recording */
};

static void print_help(void)
{
	puts("usage: fmprof peak [options] [FILE|INDEX...]\n"
	     "The highest memory (RSS) of recordings, by default of the newest mprofile_*.dat of this "
	     "folder.\n"
	     "INDEX is as in fmprof list; -1 is the newest.\n\n"
	     "  -f, --func GLOB   inside of the calls of these functions, a line each; MODULE!GLOB\n"
	     "  -h, --help\n\n"
	     "\"≥\" marks a peak that was only sampled: it was at least that. Children (-C, -M) have a line "
	     "each,\n"
	     "below the one that made them; with -C the peak of the recording is that of their sum.\n"
	     "Exit status: 0, or 125 and the reason on stderr.");
}

static int parse_options(int argc, char **argv, struct peak_command *command)
{
	static const struct option longs[] = {
		{"func", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	while ((letter = recordings_option(&command->files, argc, argv, "f:h", longs)) != -1) {
		switch (letter) {
		case 'f':
			command->glob = optarg;
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

static void put_peak(struct text *out, const struct report_peak *peak)
{
	text_printf(out, "%s%.3f MiB", peak->exact ? "" : "≥ ", (double)peak->bytes / 1048576);
}

/* Each below the one that made it, which is told where that is not the first; the first one too where the peak is that of the tree. */
static void put_processes(struct text *out, const struct report *report)
{
	struct report_branch *branches = report_tree(report);

	for (size_t i = 0; i < report->process_count; i++) {
		const struct report_process *process = branches[i].process;
		bool is_first = process == report->processes[0];
		if (process->peak.bytes == 0 || (is_first && report->peaks != TRACE_PEAKS_SAMPLES))
			continue;
		text_printf(out, "  %s %d\t\t\t", is_first ? "First" : "Child", process->pid);
		put_peak(out, &process->peak);
		if (branches[i].depth > 1)
			text_printf(out, "\tof %d", process->parent);
		text_putc(out, '\n');
	}
	free(branches);
}

/* The forms of mprof's lines. */
static void put_recording(struct text *out, const struct report *report)
{
	text_put_visible(out, report->path);
	text_putc(out, '\t');
	put_peak(out, &report->peak);
	text_putc(out, '\n');
	put_processes(out, report);
}

static int put_functions(struct text *out, const struct report *report, const char *glob, struct error *err)
{
	bool found = false;

	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_row *row = report->rows[i];
		const struct run_function *function = &report->functions[row->function];
		if (!function_matches(function, glob))
			continue;
		found = true;
		text_put_visible(out, report->path);
		text_putc(out, '\t');
		put_peak(out, &row->peak);
		text_putc(out, '\t');
		char *name = label_clean(function->name);
		text_printf(out, "%s\n", name);
		free(name);
	}
	if (found)
		return 0;
	return error_set(err, STATUS_FAILED, "%s: no call of '%s' in it; see fmprof report for those it has",
			 report->path, glob);
}

static int put_peaks(struct peak_command *command, struct text *out, struct error *err)
{
	const struct report_options options = {.to_ns = UINT64_MAX};
	int status = recordings_find(&command->files, "reading", err);

	for (size_t i = 0; status == 0 && i < command->files.count; i++) {
		struct report *report;
		status = report_read(command->files.paths[i], &options, &report, err);
		if (status < 0)
			break;
		recordings_say_damaged(report->path, report->damaged_lines, report->first_damaged_line);
		if (command->glob)
			status = put_functions(out, report, command->glob, err);
		else
			put_recording(out, report);
		report_free(report);
	}
	return status;
}

int cmd_peak(int argc, char **argv)
{
	struct peak_command command = {0};
	struct text out = {0};
	struct error err = {0}, write_error = {0};
	int status = parse_options(argc, argv, &command);

	if (status > 0) {
		/* Files before one that cannot be read have their lines. */
		status = put_peaks(&command, &out, &err);
		if (cmd_print(&out, &write_error) < 0 && status == 0)
			status = error_set(&err, STATUS_FAILED, "%s", write_error.message);
	}
	error_free(&write_error);
	text_free(&out);
	recordings_free(&command.files);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

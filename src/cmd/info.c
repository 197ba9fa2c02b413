#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "fmprof/record.h"
#include "processes.h"
#include "recordings.h"

/* What a traced call costs the program, as measured on a virtual machine: README.md, "Cost". */
enum { CALL_LEAST_NS = RECORD_CALL_NS, CALL_MOST_NS = 40000 };

struct info_command {
	struct recordings files;
	bool all; /* processes */
};

static void print_help(void)
{
	puts("usage: fmprof info [options] [FILE|INDEX...]\n"
	     "What recordings are of, by default the newest mprofile_*.dat of this folder: command, time, "
	     "samples,\n"
	     "functions, calls, processes, peak, what tracing may have cost, and whether the file is whole.\n"
	     "INDEX is as in fmprof list; -1 is the newest.\n\n"
	     "  -a, --all   all processes, not only the first 20\n"
	     "  -h, --help\n\n"
	     "Exit status: 0, or 125 and the reason on stderr.");
}

static int parse_options(int argc, char **argv, struct info_command *command)
{
	static const struct option longs[] = {
		{"all", no_argument, NULL, 'a'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	while ((letter = recordings_option(&command->files, argc, argv, "ah", longs)) == 'a')
		command->all = true;
	if (letter == -1)
		return 1;
	if (letter == 'h') {
		print_help();
		return 0;
	}
	cmd_usage(argc, argv, letter);
	return -1;
}

/* "name        " in front of a line; nothing for the name of the line before. */
static void put_name(struct text *out, const char *name)
{
	text_printf(out, "%-11s", name);
}

static void put_string(struct text *out, const char *name, const char *string)
{
	if (!*string)
		return;
	char *clean = label_clean(string);
	put_name(out, name);
	text_printf(out, "%s\n", clean);
	free(clean);
}

static void put_start(struct text *out, const struct report *report)
{
	time_t seconds = (time_t)(report->start_ns / 1000000000);
	struct tm local;
	char shown[64];

	put_name(out, "start");
	if (localtime_r(&seconds, &local) && strftime(shown, sizeof(shown), "%F %T %z", &local) > 0)
		text_puts(out, shown);
	else
		text_printf(out, "%llu s since the epoch", (unsigned long long)seconds);
	text_putc(out, '\n');
}

static void put_end(struct text *out, const struct report *report)
{
	const struct trace_finish *finish = &report->finish;

	put_name(out, "duration");
	label_put_duration(out, report->end_ns - report->start_ns);
	text_putc(out, '\n');
	put_name(out, "ended");
	if (!report->complete)
		text_puts(out,
			  "not in this file: it was cut short, or is still being recorded, or is mprof's");
	else if (finish->how == TRACE_FINISH_EXIT)
		text_printf(out, "with exit status %d", finish->code);
	else if (finish->how == TRACE_FINISH_SIGNAL)
		text_printf(out, "by signal %d (%s)", finish->code, strsignal(finish->code));
	else
		text_puts(out, "let go; the process went on");
	text_putc(out, '\n');
}

static void put_samples(struct text *out, const struct report *report)
{
	put_name(out, "samples");
	label_put_number(out, report->samples);
	if (report->interval_ns > 0) {
		text_puts(out, ", one each ");
		label_put_duration(out, report->interval_ns);
	}
	if (report_missed_known(report)) {
		text_puts(out, "; ");
		label_put_number(out, report->finish.missed);
		text_puts(out, " missed");
	} else {
		text_puts(out, "; how many were missed is not known");
	}
	text_putc(out, '\n');
}

static void put_peak(struct text *out, const struct report *report)
{
	put_name(out, "peak");
	text_puts(out, report->peak.exact ? "" : "≥ ");
	label_put_bytes(out, report->peak.bytes);
	if (!report->peak.exact) {
		text_puts(out, ": the highest that was read");
	} else if (report->peak_bound > 0) {
		text_puts(out, ", off by no more than ");
		label_put_bytes(out, report->peak_bound);
	}
	text_puts(out, "; highest sample ");
	label_put_bytes(out, report->peak_sample_rss);
	text_puts(out, ", at ");
	/* Damaged lines may tell anything. */
	label_put_duration(out, report->peak_sample_ns > report->start_ns
					? report->peak_sample_ns - report->start_ns
					: 0);
	text_putc(out, '\n');
}

/* Returns how many functions were not recorded to the end. */
static size_t put_functions(struct text *out, const struct report *report)
{
	size_t let_go = 0;

	for (size_t i = 0; i < report->function_count; i++)
		let_go += report->functions[i].until_ns > 0;
	put_name(out, "functions");
	label_put_number(out, report->function_count);
	text_puts(out, ", ");
	label_put_number(out, report->row_count /* one for each */);
	text_puts(out, " called");
	if (let_go > 0) {
		text_puts(out, ", ");
		label_put_number(out, let_go);
		text_puts(out, " let go of (--max-overhead)");
	}
	text_putc(out, '\n');
	return let_go;
}

static void put_calls(struct text *out, const struct report *report)
{
	const size_t let_go = put_functions(out, report);

	put_name(out, "calls");
	text_puts(out, let_go > 0 ? "≥ " : "");
	label_put_number(out, report->calls);
	if (report->unfinished > 0) {
		text_puts(out, ", ");
		label_put_number(out, report->unfinished);
		text_puts(out, " still open where the file ends");
	}
	text_putc(out, '\n');
}

static void put_percent(struct text *out, double share)
{
	text_printf(out, "%.*f", share < 0.0995 ? 1 : 0, 100 * share);
}

static void put_overhead(struct text *out, const struct report *report)
{
	double span = (double)(report->end_ns - report->start_ns), calls = (double)report->calls;

	if (report->calls == 0 || !(span > 0))
		return;
	put_name(out, "overhead");
	label_put_duration(out, (uint64_t)(calls * CALL_LEAST_NS));
	text_puts(out, " to ");
	label_put_duration(out, (uint64_t)(calls * CALL_MOST_NS));
	text_puts(out, ", or ");
	put_percent(out, calls * CALL_LEAST_NS / span);
	text_puts(out, " to ");
	put_percent(out, calls * CALL_MOST_NS / span);
	text_printf(out, " %%: an estimate, from %d to %d µs a call as measured elsewhere\n",
		    CALL_LEAST_NS / 1000, CALL_MOST_NS / 1000);
}

static void put_processes(struct text *out, const struct report *report, bool all)
{
	put_name(out, "processes");
	label_put_number(out, report->process_count);
	text_putc(out, '\n');
	if (report->process_count > 1)
		processes_put(out, report, all ? 0 : PROCESSES_SHOWN);
}

static void put_damage(struct text *out, const struct report *report)
{
	put_name(out, "file");
	text_puts(out, report->complete ? "whole" : "without an end");
	if (report->damaged_lines > 0) {
		text_puts(out, ", ");
		label_put_count(out, report->damaged_lines, "damaged line");
		text_printf(out, ", the first is line %zu", report->first_damaged_line);
	}
	if (report->notes > 0) {
		text_puts(out, ", ");
		label_put_count(out, report->notes, "note");
	}
	text_putc(out, '\n');
}

static void put_info(struct text *out, const struct report *report, bool all)
{
	put_string(out, "recording", report->path);
	put_string(out, "command", report->command);
	put_string(out, "program", report->executable);
	put_string(out, "host", report->host);
	put_start(out, report);
	put_end(out, report);
	put_samples(out, report);
	put_peak(out, report);
	put_calls(out, report);
	put_overhead(out, report);
	put_processes(out, report, all);
	put_damage(out, report);
}

static int put_all(struct info_command *command, struct text *out, struct error *err)
{
	const struct report_options options = {.to_ns = UINT64_MAX};
	int status = recordings_find(&command->files, "reading", err);

	for (size_t i = 0; status == 0 && i < command->files.count; i++) {
		struct report *report;
		status = report_read(command->files.paths[i], &options, &report, err);
		if (status < 0)
			break;
		if (i > 0)
			text_putc(out, '\n');
		put_info(out, report, command->all);
		report_free(report);
	}
	return status < 0 ? -1 : cmd_print(out, err);
}

int cmd_info(int argc, char **argv)
{
	struct info_command command = {0};
	struct text out = {0};
	struct error err = {0};
	int status = parse_options(argc, argv, &command);

	if (status > 0)
		status = put_all(&command, &out, &err);
	text_free(&out);
	recordings_free(&command.files);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

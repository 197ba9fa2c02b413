#include <stdio.h>

#include "cmd.h"
#include "recordings.h"
#include "remove.h"

enum { DRY_RUN = 256 };

static void print_help(void)
{
	puts("usage: fmprof rm [options] FILE|INDEX...\n"
	     "Removes recordings. INDEX is as in fmprof list; -1 is the newest. All indices are those from "
	     "before\n"
	     "anything is removed. What is no recording is refused, and then nothing is removed.\n\n"
	     "      --dry-run   only say what would be removed\n"
	     "  -h, --help\n\n"
	     "Exit status: 0, or 125 and the reason on stderr.");
}

static int parse_options(int argc, char **argv, struct recordings *files, bool *dry_run)
{
	static const struct option longs[] = {
		{"dry-run", no_argument, NULL, DRY_RUN},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	while ((letter = recordings_option(files, argc, argv, "h", longs)) != -1) {
		switch (letter) {
		case DRY_RUN:
			*dry_run = true;
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

/* An index means a recording by its name; a word may be a slip. An empty file is a recording that never began. */
static int check(const char *path, struct error *err)
{
	struct trace_reader *reader;
	struct trace_event event;

	if (remove_check(path, err) < 0 || trace_reader_open(path, &reader, err) < 0)
		return -1;
	int status = trace_reader_next(reader, &event, err);
	size_t first, damaged = trace_reader_damaged(reader, &first);
	trace_reader_close(reader);
	if (status == 0 && damaged > 0)
		return error_set(err, STATUS_FAILED, "%s: not a recording; remove it by rm(1) if you want to",
				 path);
	return status < 0 ? -1 : 0;
}

static int remove_all(struct recordings *files, bool dry_run, struct error *err)
{
	if (files->count == 0)
		return error_set(err, STATUS_FAILED,
				 "rm: no recording named; give a file, or an index of fmprof list");
	if (recordings_find(files, "removing", err) < 0)
		return -1;
	for (size_t i = 0; i < files->count; i++)
		if (check(files->paths[i], err) < 0)
			return -1;
	for (size_t i = 0; i < files->count; i++)
		if (remove_recording(files->paths[i], dry_run, err) < 0)
			return -1;
	return 0;
}

int cmd_rm(int argc, char **argv)
{
	struct recordings files = {0};
	struct error err = {0};
	bool dry_run = false;
	int status = parse_options(argc, argv, &files, &dry_run);

	if (status > 0)
		status = remove_all(&files, dry_run, &err);
	recordings_free(&files);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

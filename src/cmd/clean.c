#include <stdio.h>

#include "cmd.h"
#include "recordings.h"
#include "remove.h"

enum { DRY_RUN = 256 };

static void print_help(void)
{
	puts("usage: fmprof clean [options]\n"
	     "Removes all recordings mprofile_*.dat of this folder: those that fmprof list shows.\n\n"
	     "      --dry-run   only say what would be removed\n"
	     "  -h, --help\n\n"
	     "Exit status: 0, or 125 and the reason on stderr.");
}

static int parse_options(int argc, char **argv, bool *dry_run, struct error *err)
{
	static const struct option longs[] = {
		{"dry-run", no_argument, NULL, DRY_RUN},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct recordings words = {0};
	int letter, status = 1;

	while (status > 0 && (letter = recordings_option(&words, argc, argv, "h", longs)) != -1) {
		if (letter == DRY_RUN) {
			*dry_run = true;
		} else if (letter == 'h') {
			print_help();
			status = 0;
		} else {
			cmd_usage(argc, argv, letter);
			status = -1;
		}
	}
	if (status > 0 && words.count > 0)
		status = error_set(err, STATUS_FAILED,
				   "%s: clean takes no file; it removes all, fmprof rm those that are named",
				   words.paths[0]);
	recordings_free(&words);
	return status;
}

static int remove_all(bool dry_run, struct error *err)
{
	struct recording_list list;
	int status = recording_list_read(".", &list, err);

	if (status == 0 && list.count == 0)
		fputs("fmprof: no mprofile_*.dat here\n", stderr);
	for (size_t i = 0; status == 0 && i < list.count; i++)
		status = remove_recording(list.names[i], dry_run, err);
	recording_list_free(&list);
	return status;
}

int cmd_clean(int argc, char **argv)
{
	struct error err = {0};
	bool dry_run = false;
	int status = parse_options(argc, argv, &dry_run, &err);

	if (status > 0)
		status = remove_all(dry_run, &err);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return 0;
}

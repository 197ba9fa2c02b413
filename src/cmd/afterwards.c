#include "afterwards.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "fmprof/plot.h"
#include "report_show.h"

static char *picture_of(const struct afterwards *afterwards, const char *recording)
{
	size_t length = strlen(recording);

	if (afterwards->picture)
		return mem_strdup(afterwards->picture);
	if (length > 4 && strcmp(recording + length - 4, ".dat") == 0)
		length -= 4;
	return mem_printf("%.*s.png", (int)length, recording);
}

/* It is read again: a pipe, or what is behind standard output, cannot be. */
static int check_recording(const char *recording, const char *option, struct error *err)
{
	struct stat info;

	if (strcmp(recording, "-") != 0 && (stat(recording, &info) < 0 || S_ISREG(info.st_mode)))
		return 0;
	return error_set(err, STATUS_FAILED,
			 "%s: %s cannot be read again after the recording; name a file with --output", option,
			 strcmp(recording, "-") == 0 ? "standard output" : recording);
}

static bool is_same_file(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

/* Nothing is left behind: the program may still turn out not to exist. */
static int check_picture(const char *picture, const char *recording, struct error *err)
{
	bool existed = access(picture, F_OK) == 0;
	int fd = open(picture, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666);
	char *created = existed ? NULL : realpath(picture, NULL); /* it may be where a link points to */
	int status = 0;

	if (fd < 0)
		return error_set(err, STATUS_FAILED,
				 "%s: cannot be written: %s; choose another file with --plot=FILE", picture,
				 strerror(errno));
	if (is_same_file(fd, recording))
		status = error_set(err, STATUS_FAILED,
				   "%s: is the recording as well; choose another file with --plot=FILE",
				   picture);
	close(fd);
	if (created)
		unlink(created);
	free(created);
	return status;
}

int afterwards_check(const struct afterwards *afterwards, const char *recording, struct error *err)
{
	enum plot_format format;
	char *picture;
	int status = 0;

	if (afterwards->report || afterwards->plot)
		status = check_recording(recording, afterwards->plot ? "--plot" : "--report", err);
	if (status < 0 || !afterwards->plot)
		return status;
	picture = picture_of(afterwards, recording);
	status = plot_format_from_path(picture, &format, err);
	if (status == 0)
		status = check_picture(picture, recording, err);
	free(picture);
	return status;
}

static int put_report(const char *recording, struct error *err)
{
	const struct report_options options = {.to_ns = UINT64_MAX};
	struct report_show show = {.to_ns = UINT64_MAX, .column = report_column_find("net")};
	struct text out = {0};
	struct report *report;

	if (report_read(recording, &options, &report, err) < 0)
		return -1;
	show.width = cmd_terminal_width(STDERR_FILENO);
	report_put_text(&out, report, &show);
	fputs(out.data, stderr);
	text_free(&out);
	report_free(report);
	return 0;
}

static int draw(const char *recording, const char *picture, struct error *err)
{
	struct plot_options options = {.output = picture};
	struct run *run;
	int status;

	if (plot_format_from_path(picture, &options.format, err) < 0 ||
	    run_load(recording, NULL, &run, err) < 0)
		return -1;
	status = plot_draw(run, &options, err);
	run_free(run);
	return status;
}

int afterwards_do(const struct afterwards *afterwards, const char *recording, bool quiet)
{
	char *picture = afterwards->plot ? picture_of(afterwards, recording) : NULL;
	struct error err = {0};
	int status = 0;

	if (afterwards->report && put_report(recording, &err) < 0) {
		cmd_fail(&err);
		status = -1;
	}
	if (picture && draw(recording, picture, &err) < 0) {
		cmd_fail(&err);
		status = -1;
	} else if (picture && !quiet) {
		struct text shown = {0};

		text_put_visible(&shown, picture);
		fprintf(stderr, "fmprof: drawn in %s\n", shown.data);
		text_free(&shown);
	}
	free(picture);
	return status;
}

#include "remove.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int remove_check(const char *path, struct error *err)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return error_set(err, STATUS_FAILED, "%s: %s; see fmprof list", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(err, STATUS_FAILED, "%s: not a regular file; fmprof removes recordings only",
				 path);
	return 0;
}

static int remove_one(const char *path, bool dry_run, struct error *err)
{
	struct text line = {0};

	if (!dry_run && unlink(path) != 0)
		return error_set(err, STATUS_FAILED, "%s: not removed: %s", path, strerror(errno));
	text_puts(&line, dry_run ? "would remove " : "removed ");
	text_put_visible(&line, path);
	puts(line.data);
	text_free(&line);
	return 0;
}

int remove_recording(const char *path, bool dry_run, struct error *err)
{
	size_t length = strlen(path);
	struct stat status;

	if (remove_check(path, err) < 0 || remove_one(path, dry_run, err) < 0)
		return -1;
	if (length < 4 || strcmp(path + length - 4, ".dat") != 0)
		return 0;
	char *beside = mem_printf("%.*s_ts.dat", (int)(length - 4), path);
	int result = 0;
	if (lstat(beside, &status) == 0 && S_ISREG(status.st_mode))
		result = remove_one(beside, dry_run, err);
	free(beside);
	return result;
}

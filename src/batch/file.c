/* file: writes results so that nobody ever finds half of one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* 0, or why not. */
static int put_file(const char *path, int flags, const struct text *content)
{
	size_t done = 0;
	int error = 0, fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0666);

	if (fd < 0)
		return errno;
	while (!error && done < content->length) {
		ssize_t put = write(fd, content->data + done, content->length - done);
		if (put < 0 && errno != EINTR)
			error = errno;
		else if (put > 0)
			done += (size_t)put;
	}
	if (close(fd) < 0 && !error)
		error = errno;
	return error;
}

/* By way of a file beside it, named after this process: two that write the same never mix. */
static int replace_file(const char *path, const struct text *content)
{
	char *part = mem_printf("%s.%d.part", path, (int)getpid());
	int error = put_file(part, O_CREAT | O_TRUNC, content);

	if (!error && rename(part, path) < 0)
		error = errno;
	if (error)
		unlink(part);
	free(part);
	return error;
}

int batch_file_write(const char *path, const struct text *content, struct error *err)
{
	/* A link stays one. */
	char *target = realpath(path, NULL);
	struct stat status;
	int error;

	if (target && stat(target, &status) == 0 && !S_ISREG(status.st_mode))
		error = put_file(target, 0, content);
	else
		error = replace_file(target ? target : path, content);
	free(target);
	if (!error)
		return 0;
	return error_set(err, STATUS_FAILED, "%s: cannot be written: %s; choose another place", path,
			 strerror(error));
}

/* output: files that come whole, or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fmprof/util.h"

static int output_error(const char *path, int why, struct error *err)
{
	if (!path)
		return error_set(err, STATUS_FAILED,
				 "standard output: %s; what it leads to took not all of it", strerror(why));
	return error_set(err, STATUS_FAILED, "%s: cannot be written: %s; choose another --output", path,
			 strerror(why));
}

int output_check(const char *path, struct error *err)
{
	struct stat status;

	if (stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return output_error(path, EISDIR, err);
		return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ? 0 : output_error(path, errno, err);
	}
	if (errno != ENOENT)
		return output_error(path, errno, err);
	char *copy = mem_strdup(path);
	int result = faccessat(AT_FDCWD, dirname(copy), W_OK | X_OK, AT_EACCESS), why = errno;
	free(copy);
	return result == 0 ? 0 : output_error(path, why, err);
}

static void output_open(struct output *output)
{
	output->is_open = true;
	output->kept = -1;
	if (!output->path) {
		output->fd = STDOUT_FILENO;
		return;
	}
	output->fd = open(output->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (output->fd < 0)
		output->failed = errno;
	else
		/* A second one: some file systems tell only at close that there was no room. */
		output->kept = fcntl(output->fd, F_DUPFD_CLOEXEC, 0);
}

void output_put(struct output *output, const char *bytes, size_t length)
{
	if (!output->is_open)
		output_open(output);
	while (length > 0 && !output->failed) {
		ssize_t written = write(output->fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			output->failed = errno;
			return;
		}
		bytes += written;
		length -= (size_t)written;
	}
}

/* Takes back what is half-written. What is no regular file is left alone, whoever we are: a device that root
 * unlinks is gone for all. A link stays as well, and leads to an empty file then. */
static void output_discard(const char *path, int fd)
{
	struct stat opened, named;

	/* Only a regular file can be truncated. */
	if (ftruncate(fd, 0) < 0 || fstat(fd, &opened) < 0 || lstat(path, &named) < 0)
		return;
	if (S_ISREG(named.st_mode) && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino)
		unlink(path);
}

int output_close(struct output *output, bool is_whole, struct error *err)
{
	bool is_file = output->is_open && output->path;

	if (is_file && output->fd >= 0 && close(output->fd) < 0 && !output->failed)
		output->failed = errno;
	if (is_file && output->kept >= 0) {
		if (output->failed || !is_whole)
			output_discard(output->path, output->kept);
		close(output->kept);
	}
	return output->failed ? output_error(output->path, output->failed, err) : 0;
}

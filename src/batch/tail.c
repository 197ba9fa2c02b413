/* tail: the end of what a program wrote, for those who read why it failed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* The last bytes of the file, in whole lines if there are more. What is no regular file has none. */
static void put_end(struct text *out, int fd, size_t most)
{
	char *bytes = mem_alloc(most + 1);
	struct stat status;
	off_t start = 0;
	ssize_t got = 0;

	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		start = status.st_size > (off_t)most ? status.st_size - (off_t)most : 0;
		got = pread(fd, bytes, most, start);
	}
	for (ssize_t i = 0; i < got; i++)
		if (bytes[i] == '\0')
			bytes[i] = ' ';
	bytes[got > 0 ? got : 0] = '\0';
	const char *newline = start > 0 ? strchr(bytes, '\n') : NULL;
	text_puts(out, newline ? newline + 1 : bytes);
	free(bytes);
}

/* A summary may have been read from a file: nothing outside of its folder is shown. */
static bool is_inside(const char *file)
{
	for (const char *part = file; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
		if (part[0] == '.' && part[1] == '.' && (part[2] == '/' || part[2] == '\0'))
			return false;
	return *file != '/';
}

void tail_put(struct text *out, const struct batch_summary *summary, const char *file, size_t most)
{
	char *path;
	int fd;

	text_puts(out, "");
	if (!file || !is_inside(file))
		return;
	path = mem_printf("%s/%s", summary->folder && *summary->folder ? summary->folder : ".", file);
	/* Not blocked by a pipe. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0) {
		put_end(out, fd, most);
		close(fd);
	}
	while (out->length > 0 && strchr("\n\r\t ", out->data[out->length - 1]))
		out->data[--out->length] = '\0';
	free(path);
}

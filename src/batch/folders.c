#include "folders.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_unmade(const char *path, struct error *err)
{
	return error_set(err, STATUS_FAILED, "%s: cannot be made: %s; choose another folder with -o", path,
			 strerror(errno));
}

int folder_make(const char *path, struct error *err)
{
	char *part = mem_strdup(path);
	struct stat info;
	int status = 0;

	for (char *c = part; status == 0 && *c; c++) {
		if (c == part || *c != '/')
			continue;
		*c = '\0';
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			status = set_unmade(part, err);
		*c = '/';
	}
	if (status == 0 && mkdir(part, 0777) < 0 && errno != EEXIST)
		status = set_unmade(part, err);
	if (status == 0 && (stat(part, &info) < 0 || !S_ISDIR(info.st_mode)))
		status = error_set(err, STATUS_FAILED, "%s: is no folder; choose another with -o", part);
	free(part);
	return status;
}

int folder_take(const char *path, int *fd, struct error *err)
{
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Where there are no locks (some network file systems) there is no knowing. */
	if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	close(*fd);
	*fd = -1;
	return error_set(err, STATUS_FAILED, "%s: another batch writes there; choose another folder with -o",
			 path);
}

/* Nothing hidden, and nothing that is called as the results of the batch are. */
static bool is_plain_dot(const char *name, const char *dot)
{
	static const char *const results[] = {".json", ".html", ".xml", ".tap", ".txt"};

	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++)
		if (strcmp(dot, results[i]) == 0)
			return false;
	return dot > name;
}

char *folder_name(const char *name)
{
	struct text out = {0};

	for (const char *c = name; *c; c++) {
		size_t printable = utf8_printable(c);

		if (isalnum((unsigned char)*c) || strchr("-_+=,@~", *c) ||
		    (*c == '.' && is_plain_dot(name, c))) {
			text_putc(&out, *c);
		} else if (printable > 1) {
			text_put(&out, c, printable);
			c += printable - 1;
		} else {
			text_printf(&out, "%%%02X", (unsigned char)*c);
		}
	}
	return out.data;
}

enum { FILES = 4 };

static void list_files(const char *folder, const char *name, char *files[FILES])
{
	files[0] = mem_printf("%s/%s.dat", folder, name);
	files[1] = mem_printf("%s/%s.png", folder, name);
	files[2] = mem_printf("%s/stdout", folder);
	files[3] = mem_printf("%s/stderr", folder);
}

static void free_files(char *files[FILES])
{
	for (size_t i = 0; i < FILES; i++)
		free(files[i]);
}

int folder_prepare(const char *path, const char *name, struct error *err)
{
	char *files[FILES];
	int status = folder_make(path, err);

	list_files(path, name, files);
	for (size_t i = 0; status == 0 && i < FILES; i++)
		if (unlink(files[i]) < 0 && errno != ENOENT)
			status = error_set(err, STATUS_FAILED,
					   "%s: cannot be replaced: %s; choose another folder with -o",
					   files[i], strerror(errno));
	free_files(files);
	return status;
}

int folder_put_aside(const char *path, const char *name, unsigned number, struct error *err)
{
	char *aside = mem_printf("%s/attempt-%u", path, number), *from[FILES], *to[FILES];
	int status = folder_prepare(aside, name, err);

	list_files(path, name, from);
	list_files(aside, name, to);
	for (size_t i = 0; status == 0 && i < FILES; i++)
		if (rename(from[i], to[i]) < 0 && errno != ENOENT)
			status = error_set(err, STATUS_FAILED, "%s: cannot be put aside: %s", from[i],
					   strerror(errno));
	free_files(from);
	free_files(to);
	free(aside);
	return status;
}

#include "spec_list.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void spec_list_free(struct spec_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		sym_spec_free(&list->items[i]);
	free(list->items);
	*list = (struct spec_list){0};
}

int spec_list_add(struct spec_list *list, const char *text, struct error *err)
{
	list->items = array_reserve(list->items, &list->capacity, list->count + 1, sizeof(*list->items));
	if (sym_spec_parse(text, &list->items[list->count], err) < 0)
		return -1;
	list->count++;
	return 0;
}

static int unreadable(const char *path, const char *why, struct error *err)
{
	return error_set(err, STATUS_FAILED, "--funcs-from %s: %s; name a file with one spec a line", path,
			 why);
}

/* The line without white space around it. */
static char *trim(char *line)
{
	char *end = line + strlen(line);

	while (end > line && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*line))
		line++;
	return line;
}

/* What stands behind " # " is for people. */
static void cut_comment(char *line)
{
	for (char *at = line; *at; at++)
		if (*at == '#' && at > line && isspace((unsigned char)at[-1]) &&
		    (!at[1] || isspace((unsigned char)at[1]))) {
			*at = '\0';
			return;
		}
}

static int add_line(struct spec_list *list, const char *path, size_t number, const char *text,
		    struct error *err)
{
	struct error why = {0};

	if (!*text || *text == '#' || spec_list_add(list, text, &why) == 0)
		return 0;
	error_set(err, why.status, "%s:%zu: %s", path, number, why.message);
	error_free(&why);
	return -1;
}

int spec_list_read(struct spec_list *list, const char *path, struct error *err)
{
	char *line = NULL;
	size_t room = 0, number = 0, before = list->count;
	ssize_t length;
	int failed = 0;
	FILE *file;

	/* What stands on stdin is the program's. */
	if (strcmp(path, "-") == 0)
		return error_set(err, STATUS_FAILED,
				 "--funcs-from -: standard input belongs to the program; name a file");
	file = fopen(path, "re");
	if (!file)
		return unreadable(path, strerror(errno), err);
	errno = 0;
	while (!failed && (length = getline(&line, &room, file)) >= 0) {
		number++;
		if (strlen(line) != (size_t)length)
			failed = unreadable(path, "it is not a text file", err);
		else {
			cut_comment(line);
			failed = add_line(list, path, number, trim(line), err);
		}
		errno = 0;
	}
	if (!failed && ferror(file))
		failed = unreadable(path, strerror(errno), err);
	if (!failed && list->count == before)
		failed = unreadable(path, "there is no spec in it", err);
	free(line);
	fclose(file);
	return failed;
}

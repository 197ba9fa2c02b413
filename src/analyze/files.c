/* files: the recordings of a folder, which one a word on the command line means, and whether one can be read twice. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fmprof/analyze.h"
#include "load.h"

off_t source_start(const char *path)
{
	struct stat status;

	if (strcmp(path, "-") == 0)
		return lseek(STDIN_FILENO, 0, SEEK_CUR);
	return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? 0 : -1;
}

int source_rewind(const char *path, off_t start)
{
	if (start < 0 || (strcmp(path, "-") == 0 && lseek(STDIN_FILENO, start, SEEK_SET) != start))
		return -1;
	return 0;
}

/* mprofile_YYYYmmddHHMMSS.dat */
static bool is_recording_name(const char *name)
{
	static const char prefix[] = "mprofile_";
	if (strncmp(name, prefix, sizeof prefix - 1) != 0)
		return false;
	const char *digits = name + sizeof prefix - 1;
	return strspn(digits, "0123456789") == 14 && strcmp(digits + 14, ".dat") == 0;
}

static int name_compare(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;
	return strcmp(*a, *b);
}

int recording_list_read(const char *folder, struct recording_list *list, struct error *err)
{
	DIR *dir = opendir(folder);

	*list = (struct recording_list){0};
	if (!dir)
		return error_set(err, STATUS_FAILED, "%s: %s; name a recording", folder, strerror(errno));
	size_t capacity = 0;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		struct stat status;
		/* Not what a link leads to: indices are also for rm. */
		if (!is_recording_name(entry->d_name) ||
		    fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(status.st_mode))
			continue;
		list->names = array_reserve(list->names, &capacity, list->count + 1, sizeof *list->names);
		list->names[list->count++] = strcmp(folder, ".") == 0
						     ? mem_strdup(entry->d_name)
						     : mem_printf("%s/%s", folder, entry->d_name);
	}
	closedir(dir);
	if (list->count > 0)
		qsort(list->names, list->count, sizeof *list->names, name_compare);
	return 0;
}

void recording_list_free(struct recording_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct recording_list){0};
}

bool recording_word_is_index(const char *word, long *index)
{
	const char *digits = *word == '-' ? word + 1 : word;

	if (!*digits || digits[strspn(digits, "0123456789")])
		return false;
	*index = strtol(word, NULL, 10); /* LONG_MAX if it is longer: no such recording */
	return true;
}

static int index_error(const struct recording_list *list, const char *word, struct error *err)
{
	if (list->count == 0)
		return error_set(err, STATUS_FAILED,
				 "%s: no recording of that number, as there is no mprofile_*.dat here; "
				 "name a file",
				 word);
	return error_set(err, STATUS_FAILED,
			 "%s: no recording of that number; there are 0 to %zu, and -1 is the newest: see "
			 "fmprof list",
			 word, list->count - 1);
}

char *recording_find(const char *folder, const char *word, struct error *err)
{
	struct recording_list list;
	char *path = NULL;
	long index;

	if (!recording_word_is_index(word, &index))
		return mem_strdup(word);
	if (recording_list_read(folder, &list, err) < 0)
		return NULL;
	size_t count = list.count, from_end = index < 0 ? 0 - (size_t)index : 0;
	if (index < 0 ? from_end <= count : (size_t)index < count)
		path = mem_strdup(list.names[index < 0 ? count - from_end : (size_t)index]);
	else
		index_error(&list, word, err);
	recording_list_free(&list);
	return path;
}

char *run_newest_file(const char *folder, struct error *err)
{
	struct recording_list list;
	char *newest = NULL;

	if (recording_list_read(folder, &list, err) < 0)
		return NULL;
	if (list.count > 0)
		newest = mem_strdup(list.names[list.count - 1]);
	else
		error_set(err, STATUS_FAILED, "%s: no mprofile_*.dat in it; record something or name a file",
			  folder);
	recording_list_free(&list);
	return newest;
}

int recording_empty_error(const char *path, bool has_event, size_t damaged_lines, struct error *err)
{
	if (!has_event)
		return error_set(err, STATUS_FAILED,
				 "%s: not a recording: no line of one in it; name another file", path);
	if (damaged_lines > 0)
		return error_set(err, STATUS_FAILED,
				 "%s: no memory sample, and damaged lines: %zu; name another recording", path,
				 damaged_lines);
	return error_set(err, STATUS_FAILED,
			 "%s: no memory sample; record again, for longer than the sampling interval", path);
}

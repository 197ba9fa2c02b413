/*
 * Where the memory of a process's control group is told: /proc/PID/cgroup has its path below the hierarchy's
 * root, /proc/self/mountinfo where that hierarchy is mounted, and which of its groups is the top of what is mounted.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fmprof/sample.h"

/* Whether the comma-separated list holds the word. */
static bool list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at++)
		if ((at == list || at[-1] == ',') && (at[length] == ',' || !at[length]))
			return true;
	return false;
}

/* The path of the process's group in the hierarchy of v1's controller "memory", or of v2. A new string or NULL. */
static char *group_path(pid_t pid, bool v2)
{
	char *file_name = mem_printf("/proc/%d/cgroup", pid), *line = NULL, *path = NULL;
	FILE *file = fopen(file_name, "re");
	size_t capacity = 0;

	/* ID:CONTROLLERS:PATH */
	while (file && !path && getline(&line, &capacity, file) > 0) {
		char *rest = line, *controllers;

		line[strcspn(line, "\n")] = '\0';
		strsep(&rest, ":");
		controllers = strsep(&rest, ":");
		if (rest && (v2 ? !*controllers : list_has(controllers, "memory")))
			path = mem_strdup(rest);
	}
	if (file)
		fclose(file);
	free(line);
	free(file_name);
	return path;
}

/* In mountinfo, space, tab, newline and backslash are written \ooo. */
static void unescape(char *string)
{
	char *to = string;

	for (const char *from = string; *from; to++) {
		unsigned byte;
		int length;

		if (sscanf(from, "\\%3o%n", &byte, &length) == 1) {
			*to = (char)byte;
			from += length;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The part of `path` below `root`, NULL if it is not below it. */
static const char *below(const char *path, const char *root)
{
	size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);

	return strncmp(path, root, length) == 0 && (path[length] == '/' || !path[length]) ? path + length
											  : NULL;
}

/* If the line of mountinfo is a mount of the hierarchy that shows the group: its folder there, a new string. */
static char *folder_in_mount(char *line, const char *path, bool v2)
{
	/* ID PARENT DEVICE ROOT POINT OPTIONS [TAG…] - TYPE SOURCE SUPER-OPTIONS */
	char *words[5], *rest = line, *type;

	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < 5; i++)
		if (!(words[i] = strsep(&rest, " ")) || !rest)
			return NULL;
	type = strstr(rest, " - ");
	if (!type)
		return NULL;
	rest = type + 3;
	type = strsep(&rest, " ");
	strsep(&rest, " ");
	if (strcmp(type, v2 ? "cgroup2" : "cgroup") != 0 || (!v2 && (!rest || !list_has(rest, "memory"))))
		return NULL;
	unescape(words[3]);
	unescape(words[4]);
	path = below(path, words[3]);
	return path ? mem_printf("%s%s", words[4], path) : NULL;
}

static int group_open(const char *path, bool v2)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t capacity = 0;
	int fd = -1;

	while (mounts && fd < 0 && getline(&line, &capacity, mounts) > 0) {
		char *folder = folder_in_mount(line, path, v2), *file;

		if (!folder)
			continue;
		file = mem_printf("%s/%s", folder, v2 ? "memory.current" : "memory.usage_in_bytes");
		fd = open(file, O_RDONLY | O_CLOEXEC);
		free(file);
		free(folder);
	}
	if (mounts)
		fclose(mounts);
	free(line);
	return fd;
}

int sample_cgroup_open(pid_t pid)
{
	int fd = -1;

	/* Where both are mounted, memory is counted by one of them. */
	for (int v2 = 1; v2 >= 0 && fd < 0; v2--) {
		char *path = group_path(pid, v2);

		if (path)
			fd = group_open(path, v2);
		free(path);
	}
	return fd;
}

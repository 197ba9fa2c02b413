/* tree: the processes below this one. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fmprof/util.h"
#include "task.h"

struct member {
	pid_t pid, parent;
	bool alive, below;
};

struct members {
	struct member *items;
	size_t count, capacity;
};

/* False if it is gone. The name, in parentheses, may hold anything. */
static bool read_member(const char *pid, struct member *member)
{
	char *path = mem_printf("/proc/%s/stat", pid), line[512], state;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	const char *end;

	free(path);
	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return false;
	line[length] = '\0';
	end = strrchr(line, ')');
	if (!end || sscanf(end, ") %c %d", &state, &member->parent) != 2)
		return false;
	member->pid = (pid_t)strtol(pid, NULL, 10);
	member->alive = state != 'Z' && state != 'X';
	member->below = false;
	return true;
}

static void read_members(struct members *members)
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		struct member member;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !read_member(entry->d_name, &member))
			continue;
		members->items =
			array_reserve(members->items, &members->capacity, members->count + 1, sizeof(member));
		members->items[members->count++] = member;
	}
	if (folder)
		closedir(folder);
}

/* Marks children of what is marked, until nothing is new. */
static void mark_below(struct members *members, pid_t top)
{
	struct table marked = {0};
	bool is_new = true;

	table_put(&marked, (uint64_t)top, members);
	while (is_new) {
		is_new = false;
		for (size_t i = 0; i < members->count; i++) {
			struct member *member = &members->items[i];

			if (member->below || !table_get(&marked, (uint64_t)member->parent))
				continue;
			member->below = is_new = true;
			table_put(&marked, (uint64_t)member->pid, member);
		}
	}
	table_free(&marked);
}

size_t tree_kill(pid_t spared)
{
	struct members members = {0};
	size_t alive = 0;

	read_members(&members);
	mark_below(&members, getpid());
	for (size_t i = 0; i < members.count; i++) {
		const struct member *member = &members.items[i];

		if (!member->below || !member->alive || member->pid == spared)
			continue;
		kill(member->pid, SIGKILL);
		alive++;
	}
	free(members.items);
	return alive;
}

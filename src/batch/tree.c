/* tree: the processes below this one. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fmprof/util.h"
#include "task.h"

/* False if it is gone. The name, in parentheses, may hold anything. */
static bool read_member(const char *pid, struct tree_member *member)
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

void tree_read(struct tree *tree)
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;

	tree->count = 0;
	while (folder && (entry = readdir(folder))) {
		struct tree_member member;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !read_member(entry->d_name, &member))
			continue;
		tree->members =
			array_reserve(tree->members, &tree->capacity, tree->count + 1, sizeof(member));
		tree->members[tree->count++] = member;
	}
	if (folder)
		closedir(folder);
}

/* Marks children of what is marked, until nothing is new. */
static void mark_below(struct tree *tree, pid_t top, pid_t spared)
{
	struct table marked = {0};
	bool is_new = true;

	table_put(&marked, (uint64_t)top, tree);
	while (is_new) {
		is_new = false;
		for (size_t i = 0; i < tree->count; i++) {
			struct tree_member *member = &tree->members[i];

			if (member->below || member->pid == spared ||
			    !table_get(&marked, (uint64_t)member->parent))
				continue;
			member->below = is_new = true;
			table_put(&marked, (uint64_t)member->pid, member);
		}
	}
	table_free(&marked);
}

size_t tree_kill(struct tree *tree, pid_t spared, bool with_its_own)
{
	size_t alive = 0;

	mark_below(tree, getpid(), spared);
	if (with_its_own)
		mark_below(tree, spared, 0);
	for (size_t i = 0; i < tree->count; i++) {
		const struct tree_member *member = &tree->members[i];

		if (!member->below || !member->alive)
			continue;
		kill(member->pid, SIGKILL);
		alive++;
	}
	return alive;
}

void tree_free(struct tree *tree)
{
	free(tree->members);
}

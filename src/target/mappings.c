#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fmprof/target.h"

/* start-end perms offset major:minor inode path */
static bool mapping_parse(const char *line, struct mapping *mapping)
{
	unsigned long long start, end, offset, inode;
	unsigned major, minor;
	char permissions[5];
	int path = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, permissions, &offset, &major,
		   &minor, &inode, &path) < 7)
		return false;
	*mapping = (struct mapping){
		.start = start,
		.end = end,
		.offset = offset,
		.device = (uint64_t)major << 32 | minor,
		.inode = inode,
		.readable = permissions[0] == 'r',
		.writable = permissions[1] == 'w',
		.executable = permissions[2] == 'x',
		.shared = permissions[3] == 's',
		.path = mem_strndup(line + path, strcspn(line + path, "\n")),
	};
	return true;
}

int mappings_read(pid_t tid, struct mappings *mappings)
{
	char *path = mem_printf("/proc/%d/maps", tid), *line = NULL;
	FILE *file = fopen(path, "re");
	size_t capacity = 0;
	struct mapping mapping;

	*mappings = (struct mappings){0};
	free(path);
	if (!file)
		return -1;
	while (getline(&line, &capacity, file) > 0) {
		if (!mapping_parse(line, &mapping))
			continue;
		mappings->items = array_reserve(mappings->items, &mappings->capacity, mappings->count + 1,
						sizeof(mapping));
		mappings->items[mappings->count++] = mapping;
	}
	free(line);
	fclose(file);
	return mappings->count ? 0 : -1;
}

void mappings_free(struct mappings *mappings)
{
	for (size_t i = 0; i < mappings->count; i++)
		free(mappings->items[i].path);
	free(mappings->items);
	*mappings = (struct mappings){0};
}

const struct mapping *mappings_at(const struct mappings *mappings, uint64_t address)
{
	size_t low = 0, high = mappings->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mappings->items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < mappings->count && mappings->items[low].start <= address ? &mappings->items[low] : NULL;
}

bool process_auxv(pid_t tid, uint64_t type, uint64_t *value)
{
	char *path = mem_printf("/proc/%d/auxv", tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t entry[2];
	bool found = false;

	free(path);
	if (fd < 0)
		return false;
	while (!found && read(fd, entry, sizeof(entry)) == sizeof(entry) && entry[0] != 0) {
		if (entry[0] == type) {
			*value = entry[1];
			found = true;
		}
	}
	close(fd);
	return found;
}

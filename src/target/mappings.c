#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* Length of path without what the kernel appends to the name of a file that was deleted or replaced. */
static size_t length_undeleted(const char *path)
{
	const char deleted[] = " (deleted)";
	size_t length = strlen(path), more = sizeof(deleted) - 1;

	return length > more && strcmp(path + length - more, deleted) == 0 ? length - more : length;
}

char *mapping_path(const struct mapping *mapping)
{
	return mem_strndup(mapping->path, length_undeleted(mapping->path));
}

/*
 * Its path, seen through the program's root, for programs in another mount namespace. For one
 * that is not there any more the kernel has a name, but not for everybody (map_files in proc(5)).
 */
char *mapping_file(pid_t tid, const struct mapping *mapping)
{
	char *name = mem_printf("/proc/%d/root%s", tid, mapping->path);

	if (!mapping->path[length_undeleted(mapping->path)] || access(name, F_OK) == 0)
		return name;
	free(name);
	return mem_printf("/proc/%d/map_files/%llx-%llx", tid, (unsigned long long)mapping->start,
			  (unsigned long long)mapping->end);
}

bool mappings_have_code(const struct mappings *mappings, size_t first)
{
	const struct mapping *items = mappings->items;

	if (!items[first].inode || items[first].path[0] != '/')
		return false;
	for (size_t i = first; i < mappings->count && items[i].inode == items[first].inode; i++)
		if (items[i].executable)
			return true;
	return false;
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

/* PROCMAP_QUERY of linux/fs.h, which is newer than the headers that this is built with. */
struct procmap_query {
	uint64_t size, flags, address;
	uint64_t start, end, vma_flags, page_size, offset, inode;
	uint32_t device_major, device_minor, name_size, build_id_size;
	uint64_t name_address, build_id_address;
};

enum { VMA_READABLE = 1, VMA_WRITABLE = 2, VMA_EXECUTABLE = 4, VMA_SHARED = 8 };

static bool mapping_query(int fd, uint64_t address, struct mapping *mapping)
{
	char name[PATH_MAX];
	struct procmap_query query = {
		.size = sizeof(query),
		.address = address,
		.name_size = sizeof(name),
		.name_address = (uintptr_t)name,
	};

	if (ioctl(fd, _IOWR('f', 17, struct procmap_query), &query) < 0)
		return false;
	*mapping = (struct mapping){
		.start = query.start,
		.end = query.end,
		.offset = query.offset,
		.device = (uint64_t)query.device_major << 32 | query.device_minor,
		.inode = query.inode,
		.readable = query.vma_flags & VMA_READABLE,
		.writable = query.vma_flags & VMA_WRITABLE,
		.executable = query.vma_flags & VMA_EXECUTABLE,
		.shared = query.vma_flags & VMA_SHARED,
		.path = mem_strdup(query.name_size ? name : ""),
	};
	return true;
}

/* Takes the place of all that it overlaps. */
static void mappings_put(struct mappings *mappings, const struct mapping *mapping)
{
	size_t first = 0, end;

	while (first < mappings->count && mappings->items[first].end <= mapping->start)
		first++;
	for (end = first; end < mappings->count && mappings->items[end].start < mapping->end; end++)
		free(mappings->items[end].path);
	mappings->items =
		array_reserve(mappings->items, &mappings->capacity, mappings->count + 1, sizeof(*mapping));
	memmove(mappings->items + first + 1, mappings->items + end,
		(mappings->count - end) * sizeof(*mapping));
	mappings->count = mappings->count - (end - first) + 1;
	mappings->items[first] = *mapping;
}

int mappings_refresh_at(pid_t tid, struct mappings *mappings, uint64_t address)
{
	char *path = mem_printf("/proc/%d/maps", tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	struct mapping mapping;
	bool found;

	free(path);
	if (fd < 0)
		return -1;
	found = mapping_query(fd, address, &mapping);
	error = errno;
	close(fd);
	if (found)
		mappings_put(mappings, &mapping);
	errno = error;
	return found ? 0 : -1;
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

char *process_program(pid_t tid)
{
	char *link = mem_printf("/proc/%d/exe", tid), *path = mem_alloc(PATH_MAX);
	ssize_t length = readlink(link, path, PATH_MAX - 1);

	path[length > 0 ? length : 0] = '\0';
	free(link);
	return path;
}

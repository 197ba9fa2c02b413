#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "status.h"

void sample_source_init(struct sample_source *source)
{
	*source = (struct sample_source){.statm = -1, .status = -1, .clear_refs = -1};
}

static int file_open(const struct sample_source *source, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", source->pid, source->tid, name);
	return open(path, flags | O_CLOEXEC);
}

int sample_source_open(struct sample_source *source, pid_t pid, pid_t tid, struct error *err)
{
	sample_source_init(source);
	source->pid = pid;
	source->tid = tid;
	source->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	source->statm = file_open(source, "statm", O_RDONLY);
	if (source->statm < 0)
		return error_set(err, STATUS_FAILED, "/proc/%d/task/%d/statm: %s; is /proc mounted?", pid,
				 tid, strerror(errno));
	/* Without it RSS is known at least. */
	source->status = file_open(source, "status", O_RDONLY);
	/* Once the process is not dumpable the file cannot be opened any more, but what is open stays so. */
	source->clear_refs = file_open(source, "clear_refs", O_WRONLY);
	if (source->clear_refs < 0)
		source->reset_error = errno;
	return 0;
}

static void file_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

void sample_source_close(struct sample_source *source)
{
	file_close(source->statm);
	file_close(source->status);
	file_close(source->clear_refs);
	text_free(&source->text);
	sample_source_init(source);
}

bool sample_read_rss(const struct sample_source *source, uint64_t *rss)
{
	char line[128];
	ssize_t length = pread(source->statm, line, sizeof(line) - 1, 0);
	char *second;

	if (length <= 0)
		return false;
	line[length] = '\0';
	second = strchr(line, ' ');
	if (!second)
		return false;
	uint64_t pages = strtoull(second, NULL, 10);

	if (pages > 0)
		*rss = pages * source->page_size;
	return pages > 0;
}

/* Reads it whole: a process may be in thousands of groups, which stand before what we want. */
static bool text_read(int fd, struct text *text)
{
	size_t room = 4096;
	ssize_t length;

	for (;;) {
		text->data = array_reserve(text->data, &text->capacity, room, 1);
		length = pread(fd, text->data, text->capacity - 1, 0);
		if (length < (ssize_t)text->capacity - 1)
			break;
		room = 2 * text->capacity;
	}
	text->length = length > 0 ? (size_t)length : 0;
	text->data[text->length] = '\0';
	return length > 0;
}

bool text_find_kib(const char *text, const char *name, uint64_t *bytes)
{
	size_t length = strlen(name);
	const char *at = text;

	while ((at = strstr(at, name)) && ((at > text && at[-1] != '\n') || at[length] != ':'))
		at++;
	if (at)
		*bytes = strtoull(at + length + 1, NULL, 10) * 1024;
	return at;
}

bool sample_read_peak(struct sample_source *source, uint64_t *rss, uint64_t *peak)
{
	return text_read(source->status, &source->text) && text_find_kib(source->text.data, "VmHWM", peak) &&
	       text_find_kib(source->text.data, "VmRSS", rss) && *peak > 0;
}

bool sample_reset_peak(struct sample_source *source)
{
	if (source->clear_refs < 0)
		return false;
	if (pwrite(source->clear_refs, "5", 1, 0) == 1)
		return true;
	if (errno != ESRCH) {
		source->reset_error = errno;
		file_close(source->clear_refs);
		source->clear_refs = -1;
	}
	return false;
}

/* minflt, cminflt, majflt, cmajflt of the stat file. */
static bool faults_read(const struct sample_source *source, unsigned long long faults[4])
{
	char path[64], line[1024];
	const char *rest;
	ssize_t length;
	int fd;

	/* That of a thread counts the thread's alone. */
	snprintf(path, sizeof(path), "/proc/%d/stat", source->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd >= 0 ? read(fd, line, sizeof(line) - 1) : -1;
	file_close(fd);
	line[length > 0 ? length : 0] = '\0';
	/* The name in brackets may hold anything. */
	rest = strrchr(line, ')');
	return rest && sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %llu %llu %llu %llu", &faults[0],
			      &faults[1], &faults[2], &faults[3]) == 4;
}

bool sample_read_faults(const struct sample_source *source, uint64_t *faults)
{
	unsigned long long counted[4];

	if (!faults_read(source, counted))
		return false;
	*faults = counted[0] + counted[2];
	return true;
}

bool sample_read_child_faults(const struct sample_source *source, uint64_t *faults)
{
	unsigned long long counted[4];

	if (!faults_read(source, counted))
		return false;
	*faults = counted[1] + counted[3];
	return true;
}

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fmprof/sample.h"

int sample_source_open(struct sample_source *source, pid_t pid, pid_t tid, struct error *err)
{
	char *path = mem_printf("/proc/%d/task/%d/statm", pid, tid);
	int failed = 0;

	source->pid = pid;
	source->tid = tid;
	source->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	source->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (source->fd < 0)
		failed = error_set(err, STATUS_FAILED, "%s: %s; is /proc mounted?", path, strerror(errno));
	free(path);
	return failed;
}

void sample_source_close(struct sample_source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
}

bool sample_read_rss(const struct sample_source *source, uint64_t *rss)
{
	char line[128];
	ssize_t length = pread(source->fd, line, sizeof(line) - 1, 0);
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

bool sample_read_peak(const struct sample_source *source, uint64_t *peak)
{
	char *path = mem_printf("/proc/%d/task/%d/status", source->pid, source->tid), line[256];
	FILE *file = fopen(path, "re");
	unsigned long long kib = 0;

	free(path);
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmHWM: %llu", &kib) == 1)
			break;
	if (file)
		fclose(file);
	*peak = kib * 1024;
	return kib > 0;
}

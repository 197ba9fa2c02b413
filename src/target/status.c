#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target_internal.h"

unsigned long long task_status_number(const struct task *task, const char *name)
{
	char *path = mem_printf("/proc/%d/status", task->tid), line[256];
	FILE *file = fopen(path, "re");
	unsigned long long number = 0;

	free(path);
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, name, strlen(name)) == 0) {
			number = strtoull(line + strlen(name), NULL, 16);
			break;
		}
	}
	if (file)
		fclose(file);
	return number;
}

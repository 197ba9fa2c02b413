/* newest: the recording that a command without a file name means. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fmprof/analyze.h"

/* mprofile_YYYYmmddHHMMSS.dat */
static bool is_recording_name(const char *name)
{
	static const char prefix[] = "mprofile_";
	if (strncmp(name, prefix, sizeof prefix - 1) != 0)
		return false;
	const char *digits = name + sizeof prefix - 1;
	return strspn(digits, "0123456789") == 14 && strcmp(digits + 14, ".dat") == 0;
}

char *run_newest_file(const char *folder, struct error *err)
{
	char *newest = NULL;
	DIR *dir = opendir(folder);
	if (!dir) {
		error_set(err, STATUS_FAILED, "%s: %s; name a recording", folder, strerror(errno));
		return NULL;
	}
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (!is_recording_name(entry->d_name) || (newest && strcmp(entry->d_name, newest) <= 0))
			continue;
		free(newest);
		newest = mem_strdup(entry->d_name);
	}
	closedir(dir);
	if (!newest) {
		error_set(err, STATUS_FAILED, "%s: no mprofile_*.dat in it; record something or name a file",
			  folder);
		return NULL;
	}
	if (strcmp(folder, ".") == 0)
		return newest;
	char *path = mem_printf("%s/%s", folder, newest);
	free(newest);
	return path;
}

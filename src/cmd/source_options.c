#include "source_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char source_options_help[] =
	"      --debug-dir DIR     look for debug files there before /usr/lib/debug; may be given often\n"
	"      --no-cache          keep nothing of debug files in ~/.cache/fmprof, use nothing from there\n";

void source_options_init(struct source_options *options)
{
	*options = (struct source_options){.sources = {.debuginfod = true, .cache = true}};
}

void source_options_free(struct source_options *options)
{
	for (size_t i = 0; i < options->sources.debug_folder_count; i++)
		free(options->sources.debug_folders[i]);
	free(options->sources.debug_folders);
}

int source_options_add_folder(struct source_options *options, const char *word, struct error *err)
{
	struct sym_sources *sources = &options->sources;

	/* Whole, since batch looks for programs' files from their working folders. */
	char *path = access(word, R_OK | X_OK) == 0 ? realpath(word, NULL) : NULL;

	if (!path)
		return error_set(err, STATUS_FAILED, "--debug-dir '%s': %s; name a folder of debug files",
				 word, strerror(errno));
	sources->debug_folders =
		array_reserve(sources->debug_folders, &options->folder_capacity,
			      sources->debug_folder_count + 1, sizeof(*sources->debug_folders));
	sources->debug_folders[sources->debug_folder_count++] = path;
	return 0;
}

/*
 * Which files `fmprof symbols` looks into.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fmprof/target.h"
#include "symbols.h"

static int add_module(struct listed_modules *modules, const char *file, const char *path,
		      const struct sym_sources *sources, struct error *err)
{
	struct sym_module *opened;

	if (sym_module_open(file, path, &opened, err) < 0)
		return -1;
	opened->sources = sources;
	modules->items = array_reserve(modules->items, &modules->capacity, modules->count + 1,
				       sizeof(*modules->items));
	modules->items[modules->count++] = (struct listed_module){.file = opened};
	return 0;
}

static bool is_open(const struct listed_modules *modules, const char *path)
{
	for (size_t i = 0; i < modules->count; i++)
		if (strcmp(modules->items[i].file->path, path) == 0)
			return true;
	return false;
}

/* What cannot be read is passed over, as when a recording begins. */
static void add_mapped(struct listed_modules *modules, pid_t pid, const struct mapping *mapping,
		       const struct sym_sources *sources)
{
	char *path = mapping_path(mapping), *file = mapping_file(pid, mapping);
	struct error ignored = {0};

	if (!is_open(modules, path))
		add_module(modules, file, path, sources, &ignored);
	error_free(&ignored);
	free(file);
	free(path);
}

static int open_process(struct listed_modules *modules, pid_t pid, const struct sym_sources *sources,
			struct error *err)
{
	char *program = mem_printf("/proc/%d/exe", pid), *path = process_program(pid);
	const struct mapping named = {.path = path};
	struct mappings mappings;
	char *shown = mapping_path(&named);
	int failed = -1;

	if (!*path && access(program, F_OK) < 0 && errno == ENOENT)
		error_set(err, STATUS_FAILED, "process %d: there is none, or it is the kernel's; see ps -e",
			  pid);
	else if (add_module(modules, program, *shown ? shown : program, sources, err) == 0)
		failed = 0;
	if (!failed && mappings_read(pid, &mappings) < 0)
		failed = error_set(err, STATUS_FAILED, "process %d: its mappings cannot be read: %s", pid,
				   "run fmprof as its owner or as root");
	else if (!failed) {
		for (size_t i = 0; i < mappings.count; i++)
			if (mappings_have_code(&mappings, i))
				add_mapped(modules, pid, &mappings.items[i], sources);
		mappings_free(&mappings);
	}
	free(shown);
	free(path);
	free(program);
	return failed;
}

/* The kernel names a mapped file as it is without links; so do specs. */
static int open_file(struct listed_modules *modules, const char *word, const struct sym_sources *sources,
		     struct error *err)
{
	int why, failed;
	char *found = access(word, F_OK) == 0 ? mem_strdup(word) : program_find(word, &why);
	char *path = realpath(found ? found : word, NULL);

	failed = add_module(modules, path ? path : word, path ? path : word, sources, err);
	free(path);
	free(found);
	return failed;
}

int listed_modules_open(struct listed_modules *modules, const char *word, const struct sym_sources *sources,
			struct error *err)
{
	char *end;
	const long number = strtol(word, &end, 10);

	if (*word && !*end && number > 0 && number <= INT32_MAX)
		return open_process(modules, (pid_t)number, sources, err);
	return open_file(modules, word, sources, err);
}

void listed_modules_free(struct listed_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		sym_functions_free(&modules->items[i].functions);
		sym_listing_free(&modules->items[i].listing);
		sym_module_close(modules->items[i].file);
	}
	free(modules->items);
	*modules = (struct listed_modules){0};
}

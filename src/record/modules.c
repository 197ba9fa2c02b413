#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "modules.h"

static uint64_t page_down(uint64_t address)
{
	return address & ~((uint64_t)sysconf(_SC_PAGESIZE) - 1);
}

static uint64_t page_up(uint64_t address)
{
	return page_down(address + (uint64_t)sysconf(_SC_PAGESIZE) - 1);
}

static struct loaded_module *modules_add(struct loaded_modules *modules, struct sym_module *file,
					 uint64_t bias, const struct mapping *mapping)
{
	struct loaded_module module = {
		.file = file,
		.bias = bias,
		.start = UINT64_MAX,
		.device = mapping ? mapping->device : 0,
		.inode = mapping ? mapping->inode : 0,
		.is_new = true,
		.seen = true,
	};

	file->sources = modules->sources;
	for (size_t i = 0; i < file->segment_count; i++) {
		const struct sym_segment *segment = &file->segments[i];
		uint64_t start = page_down(bias + segment->address);
		uint64_t end = page_up(bias + segment->address + segment->memory_size);

		module.start = start < module.start ? start : module.start;
		module.end = end > module.end ? end : module.end;
	}
	modules->items =
		array_reserve(modules->items, &modules->capacity, modules->count + 1, sizeof(module));
	modules->items[modules->count] = module;
	return &modules->items[modules->count++];
}

int modules_open_main(struct loaded_modules *modules, pid_t tid, const char *shown, struct error *err)
{
	char *link = mem_printf("/proc/%d/exe", tid), *path = process_program(tid);
	struct sym_module *file;
	uint64_t headers;
	/* Without the right to read the program there is no link either. */
	int failed = sym_module_open(link, *path ? path : shown, &file, err);

	free(link);
	free(path);
	if (failed)
		return -1;
	/* The kernel says where it mapped the program headers: the one thing
	 * that is true for every kind of executable. */
	if (!process_auxv(tid, AT_PHDR, &headers) || file->program_headers == 0)
		headers = file->program_headers;
	modules_add(modules, file, headers - file->program_headers, NULL);
	return 0;
}

/* The module that the mapping is a part of. Other memory may lie where one was. */
static struct loaded_module *modules_find(struct loaded_modules *modules, const struct mapping *mapping)
{
	for (size_t i = 0; i < modules->count; i++) {
		struct loaded_module *module = &modules->items[i];

		if (mapping->start >= module->start && mapping->start < module->end &&
		    (i == 0 || (mapping->inode == module->inode && mapping->device == module->device)))
			return module;
	}
	return NULL;
}

static void note_lost(struct loaded_modules *modules, const char *path)
{
	for (size_t i = 0; i < modules->lost_count; i++)
		if (strcmp(modules->lost[i].path, path) == 0)
			return;
	modules->lost = array_reserve(modules->lost, &modules->lost_capacity, modules->lost_count + 1,
				      sizeof(*modules->lost));
	modules->lost[modules->lost_count++] = (struct lost_module){.path = mem_strdup(path)};
}

/* A mapping that begins a file nobody has opened yet: its first segment. */
static void modules_open(struct loaded_modules *modules, pid_t tid, const struct mapping *mapping)
{
	char *path = mapping_path(mapping), *file_path = mapping_file(tid, mapping);
	struct error ignored = {0};
	struct sym_module *file;

	if (sym_module_open(file_path, path, &file, &ignored) == 0) {
		if (file->segment_count && page_down(file->segments[0].offset) == mapping->offset)
			modules_add(modules, file, mapping->start - page_down(file->segments[0].address),
				    mapping);
		else
			sym_module_close(file);
	} else if (strcmp(path, mapping->path) != 0) {
		note_lost(modules, path);
	}
	error_free(&ignored);
	free(file_path);
	free(path);
}

void modules_refresh(struct loaded_modules *modules, pid_t tid,
		     void (*gone)(void *context, const struct loaded_module *module), void *context)
{
	struct mappings mappings;
	size_t kept = 1;

	for (size_t i = 0; i < modules->count; i++)
		modules->items[i].seen = modules->items[i].is_new = false;
	if (mappings_read(tid, &mappings) < 0)
		return;
	for (size_t i = 0; i < mappings.count; i++) {
		const struct mapping *mapping = &mappings.items[i];
		struct loaded_module *module = modules_find(modules, mapping);

		if (module)
			module->seen = true;
		else if (mappings_have_code(&mappings, i))
			modules_open(modules, tid, mapping);
	}
	mappings_free(&mappings);
	for (size_t i = 1; i < modules->count; i++) {
		if (modules->items[i].seen) {
			modules->items[kept++] = modules->items[i];
			continue;
		}
		gone(context, &modules->items[i]);
		sym_module_close(modules->items[i].file);
	}
	if (modules->count)
		modules->count = kept;
}

void modules_free(struct loaded_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		sym_module_close(modules->items[i].file);
	free(modules->items);
	for (size_t i = 0; i < modules->lost_count; i++)
		free(modules->lost[i].path);
	free(modules->lost);
	*modules = (struct loaded_modules){.sources = modules->sources};
}

bool module_slack(const struct loaded_module *module, uint64_t *start, uint64_t *length)
{
	for (size_t i = 0; i < module->file->segment_count; i++) {
		const struct sym_segment *segment = &module->file->segments[i];

		if (!segment->executable || segment->memory_size != segment->file_size)
			continue;
		*start = module->bias + segment->address + segment->file_size;
		*length = page_up(*start) - *start;
		return *length > 0;
	}
	return false;
}

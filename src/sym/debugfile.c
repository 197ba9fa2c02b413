/*
 * The separate file that holds a stripped module's debug symbols, found as
 * distributions place it: by build id, else by the name in .gnu_debuglink, else
 * with debuginfod. And the file that dwz moved what several of those share into.
 */
#include <limits.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"

static const char usual_folder[] = "/usr/lib/debug";

/* The user's own folders first; NULL behind the last one. */
static const char *debug_folder(const struct sym_module *module, size_t index)
{
	const size_t own = module->sources ? module->sources->debug_folder_count : 0;

	if (index < own)
		return module->sources->debug_folders[index];
	return index == own ? usual_folder : NULL;
}

/* ---- candidates -------------------------------------------------------- */

/* What was found on the way to one that fits; told only if none does. */
struct search {
	struct sym_elf *found;
	char *wrong; /* why the last candidate was not taken */
};

static void refuse(struct search *search, struct sym_elf *elf, const char *path, const char *why)
{
	sym_elf_close(elf);
	free(search->wrong);
	search->wrong = mem_printf("%s: %s", path, why);
}

static struct sym_elf *open_candidate(struct search *search, const char *path)
{
	struct sym_elf *elf = NULL;
	struct error err = {0};

	if (sym_elf_open(path, path, &elf, &err) < 0) {
		elf = NULL;
		if (err.status != STATUS_NOT_FOUND) {
			free(search->wrong);
			search->wrong = mem_strdup(err.message);
		}
	}
	error_free(&err);
	return elf;
}

static void try_build_id(struct search *search, const char *path, const char *id)
{
	struct sym_elf *elf = search->found ? NULL : open_candidate(search, path);
	char *found;

	if (!elf)
		return;
	found = sym_elf_build_id(elf);
	if (found && strcmp(found, id) == 0)
		search->found = elf;
	else
		refuse(search, elf, path, "has another build id than it is looked up by");
	free(found);
}

static bool checksum_is(const struct sym_elf *elf, uint32_t expected)
{
	unsigned char block[65536];
	uint64_t offset = 0;
	uint32_t sum = 0;
	size_t got;

	while ((got = sym_elf_read(elf, offset, block, sizeof(block))) > 0) {
		sum = lzma_crc32(block, got, sum);
		offset += got;
	}
	return sum == expected;
}

static void try_checksum(struct search *search, const char *path, uint32_t expected)
{
	struct sym_elf *elf = search->found ? NULL : open_candidate(search, path);

	if (!elf)
		return;
	if (checksum_is(elf, expected))
		search->found = elf;
	else
		refuse(search, elf, path, "is not what .gnu_debuglink means: its checksum differs");
}

/* ---- where they lie ---------------------------------------------------- */

static void search_by_build_id(struct search *search, const struct sym_module *module, const char *id)
{
	const char *folder;

	if (!id || strlen(id) < 4)
		return;
	for (size_t at = 0; (folder = debug_folder(module, at)); at++) {
		char *path = mem_printf("%s/.build-id/%.2s/%s.debug", folder, id, id + 2);

		try_build_id(search, path, id);
		free(path);
	}
}

/* .gnu_debuglink: a file name, padding to four bytes, the file's CRC. */
static const char *debug_link(const struct sym_elf *elf, uint32_t *checksum)
{
	Elf_Scn *section = sym_elf_section(elf, ".gnu_debuglink");
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;
	size_t end;

	if (!data || !data->d_buf)
		return NULL;
	end = (strnlen(data->d_buf, data->d_size) + 4) & ~(size_t)3;
	if (end > data->d_size || data->d_size - end < sizeof(*checksum))
		return NULL;
	memcpy(checksum, (const char *)data->d_buf + end, sizeof(*checksum));
	return data->d_buf;
}

static void search_by_link(struct search *search, struct sym_module *module)
{
	uint32_t checksum = 0;
	const char *link = debug_link(module->elf, &checksum), *folder;
	char *real, *slash, *path;

	if (!link && sym_elf_section(module->elf, ".gnu_debuglink"))
		sym_trouble_add(&module->trouble,
				"%s: its .gnu_debuglink is damaged; no debug file is looked up by it",
				module->path);
	if (!link || !*link || strchr(link, '/'))
		return;
	real = realpath(module->path, NULL);
	slash = real ? strrchr(real, '/') : NULL;
	if (slash) {
		*slash = '\0';
		path = mem_printf("%s/%s", real, link);
		try_checksum(search, path, checksum);
		free(path);
		path = mem_printf("%s/.debug/%s", real, link);
		try_checksum(search, path, checksum);
		free(path);
		for (size_t at = 0; (folder = debug_folder(module, at)); at++) {
			path = mem_printf("%s%s/%s", folder, real, link);
			try_checksum(search, path, checksum);
			free(path);
		}
	}
	free(real);
}

static void search_servers(struct search *search, struct sym_module *module)
{
	char *path;

	if (search->found || !module->build_id || !module->sources || !module->sources->debuginfod)
		return;
	path = sym_debuginfod_find(module);
	if (path)
		try_build_id(search, path, module->build_id);
	free(path);
}

struct sym_elf *sym_module_debug(struct sym_module *module)
{
	struct sym_elf *elf = module->elf;
	struct search search = {0};

	if (elf->debug_sought)
		return elf->debug;
	elf->debug_sought = true;
	search_by_build_id(&search, module, module->build_id);
	search_by_link(&search, module);
	search_servers(&search, module);
	if (!search.found && search.wrong)
		sym_trouble_add(&module->trouble, "%s; the debug symbols of %s are not used", search.wrong,
				module->name);
	if (search.found && search.found->damage)
		sym_trouble_add(&module->trouble, "%s", search.found->damage);
	free(search.wrong);
	elf->debug = search.found;
	return elf->debug;
}

/* ---- what dwz moved away ----------------------------------------------- */

/* .gnu_debugaltlink: a file name and the build id of that file. */
static const char *alternate_link(const struct sym_elf *elf, char **id)
{
	Elf_Scn *section = sym_elf_section(elf, ".gnu_debugaltlink");
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;
	struct text hex = {0};
	size_t end;

	if (!data || !data->d_buf)
		return NULL;
	end = strnlen(data->d_buf, data->d_size) + 1;
	if (end >= data->d_size)
		return NULL;
	for (; end < data->d_size; end++)
		text_printf(&hex, "%02x", ((const unsigned char *)data->d_buf)[end]);
	*id = hex.data;
	return data->d_buf;
}

struct sym_elf *sym_module_alternate(const struct sym_module *module, const struct sym_elf *elf, char **why)
{
	static const size_t usual_length = sizeof(usual_folder) - 1;
	struct search search = {0};
	char *id, *real, *path = NULL;
	const char *link = alternate_link(elf, &id), *folder;

	if (!link) {
		*why = mem_strdup("its .gnu_debugaltlink is damaged");
		return NULL;
	}
	real = realpath(elf->path, NULL);
	if (real && *link != '/')
		path = mem_printf("%.*s%s", (int)(sym_path_last(real) - real), real, link);
	try_build_id(&search, path ? path : link, id);
	free(path);
	for (size_t at = 0;
	     strncmp(link, usual_folder, usual_length) == 0 && (folder = debug_folder(module, at)); at++) {
		path = mem_printf("%s%s", folder, link + usual_length);
		try_build_id(&search, path, id);
		free(path);
	}
	search_by_build_id(&search, module, id);
	if (!search.found)
		*why = mem_printf("part of it is in %s: %s", link,
				  search.wrong ? search.wrong : "no such file");
	free(search.wrong);
	free(real);
	free(id);
	return search.found;
}

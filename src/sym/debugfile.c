/*
 * The separate file that holds a stripped module's debug symbols, found as
 * distributions place it: by build id, else by the name in .gnu_debuglink.
 */
#include <libdwarf/libdwarf.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"

static const char debug_folder[] = "/usr/lib/debug";

static struct sym_elf *open_quietly(const char *path)
{
	struct sym_elf *elf = NULL;
	struct error ignored = {0};

	if (sym_elf_open(path, path, &elf, &ignored) < 0)
		elf = NULL;
	error_free(&ignored);
	return elf;
}

static struct sym_elf *open_by_build_id(const struct sym_module *module)
{
	const char *id = module->build_id;
	struct sym_elf *elf;
	char *path, *found;
	bool same;

	if (!id || strlen(id) < 4)
		return NULL;
	path = mem_printf("%s/.build-id/%.2s/%s.debug", debug_folder, id, id + 2);
	elf = open_quietly(path);
	free(path);
	if (!elf)
		return NULL;
	found = sym_elf_build_id(elf);
	same = found && strcmp(found, id) == 0;
	free(found);
	if (same)
		return elf;
	sym_elf_close(elf);
	return NULL;
}

static bool checksum_is(const struct sym_elf *elf, uint32_t expected)
{
	unsigned char block[65536];
	uint64_t offset = 0;
	unsigned sum = 0;
	size_t got;

	while ((got = sym_elf_read(elf, offset, block, sizeof(block))) > 0) {
		sum = dwarf_basic_crc32(block, got, sum);
		offset += got;
	}
	return sum == expected;
}

/* .gnu_debuglink: a file name, padding to four bytes, the file's CRC. */
static const char *debug_link(const struct sym_elf *elf, uint32_t *checksum)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf->elf, &names) < 0)
		return NULL;
	while ((section = elf_nextscn(elf->elf, section))) {
		const char *name =
			gelf_getshdr(section, &header) ? elf_strptr(elf->elf, names, header.sh_name) : NULL;
		Elf_Data *data;
		size_t end;

		if (!name || strcmp(name, ".gnu_debuglink") != 0)
			continue;
		data = elf_rawdata(section, NULL);
		if (!data || !data->d_buf)
			return NULL;
		end = (strnlen(data->d_buf, data->d_size) + 4) & ~(size_t)3;
		if (end > data->d_size || data->d_size - end < sizeof(*checksum))
			return NULL;
		memcpy(checksum, (const char *)data->d_buf + end, sizeof(*checksum));
		return data->d_buf;
	}
	return NULL;
}

static struct sym_elf *open_by_link(const struct sym_module *module)
{
	uint32_t checksum;
	const char *link = debug_link(module->elf, &checksum);
	char *real, *slash;
	struct sym_elf *elf = NULL;

	if (!link || !*link || strchr(link, '/'))
		return NULL;
	real = realpath(module->path, NULL);
	slash = real ? strrchr(real, '/') : NULL;
	if (slash) {
		char *places[3];

		*slash = '\0';
		places[0] = mem_printf("%s/%s", real, link);
		places[1] = mem_printf("%s/.debug/%s", real, link);
		places[2] = mem_printf("%s%s/%s", debug_folder, real, link);
		for (size_t at = 0; at < 3; at++) {
			if (!elf)
				elf = open_quietly(places[at]);
			if (elf && !checksum_is(elf, checksum)) {
				sym_elf_close(elf);
				elf = NULL;
			}
			free(places[at]);
		}
	}
	free(real);
	return elf;
}

struct sym_elf *sym_module_debug(struct sym_module *module)
{
	struct sym_elf *elf = module->elf;

	if (!elf->debug_sought) {
		elf->debug_sought = true;
		elf->debug = open_by_build_id(module);
		if (!elf->debug)
			elf->debug = open_by_link(module);
	}
	return elf->debug;
}

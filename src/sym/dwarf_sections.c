#include "dwarf_sections.h"

#include <gelf.h>
#include <libdwarf/dwarf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Numbers of <elf.h> that glibc of 2022 lacks. */
enum { COMPRESSED_ZSTD = 2 };

struct section {
	Elf_Scn *scn;
	GElf_Shdr header;
	const char *name; /* ".debug_info" also for .zdebug_info; "" if it is none of ours */
	uint64_t size;    /* when decompressed */
	bool gnu_compressed;
	char *own_name; /* then */
};

struct dwarf_sections {
	void *map;
	size_t map_size;
	Elf *elf;
	struct section *sections;
	size_t count;
	Dwarf_Obj_Access_Interface interface;
	char *trouble;
};

static void section_fill(struct section *section, const char *name)
{
	GElf_Chdr compression;

	section->name = "";
	section->size = 0;
	if (section->header.sh_type == SHT_NOBITS)
		return;
	if (strncmp(name, ".zdebug_", 8) == 0) {
		const Elf_Data *data = elf_rawdata(section->scn, NULL);

		/* "ZLIB", and the size when decompressed, big-endian. */
		if (!data || data->d_size < 12 || memcmp(data->d_buf, "ZLIB", 4) != 0)
			return;
		for (size_t at = 4; at < 12; at++)
			section->size = section->size << 8 | ((const unsigned char *)data->d_buf)[at];
		section->own_name = mem_printf(".%s", name + 2);
		section->name = section->own_name;
		section->gnu_compressed = true;
	} else if (strncmp(name, ".debug_", 7) == 0) {
		section->name = name;
		section->size = section->header.sh_size;
		if (section->header.sh_flags & SHF_COMPRESSED)
			section->size = gelf_getchdr(section->scn, &compression) ? compression.ch_size : 0;
	}
}

static bool sections_fill(struct dwarf_sections *file)
{
	size_t names;

	if (elf_getshdrnum(file->elf, &file->count) < 0 || elf_getshdrstrndx(file->elf, &names) < 0)
		return false;
	file->sections = mem_alloc((file->count + 1) * sizeof(*file->sections));
	for (size_t at = 0; at < file->count; at++) {
		struct section *section = &file->sections[at];
		const char *name = NULL;

		section->scn = elf_getscn(file->elf, at);
		if (section->scn && gelf_getshdr(section->scn, &section->header))
			name = elf_strptr(file->elf, names, section->header.sh_name);
		section_fill(section, at && name ? name : "");
	}
	return true;
}

/* ---- what libdwarf asks ------------------------------------------------ */

static int get_section_info(void *context, Dwarf_Half index, Dwarf_Obj_Access_Section *info, int *error)
{
	const struct dwarf_sections *file = context;
	const struct section *section = &file->sections[index];

	(void)error;
	/* It would go through symbols and relocations if it saw any. */
	*info = (Dwarf_Obj_Access_Section){.type = *section->name ? SHT_PROGBITS : SHT_NULL,
					   .size = section->size,
					   .name = section->name,
					   .entrysize = section->header.sh_entsize};
	return DW_DLV_OK;
}

static Dwarf_Endianness get_byte_order(void *context)
{
	(void)context;
	/* Files of another order are refused when they are opened. */
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? DW_OBJECT_LSB : DW_OBJECT_MSB;
}

/* Of lengths and pointers. */
static Dwarf_Small get_word_size(void *context)
{
	const struct dwarf_sections *file = context;

	return gelf_getclass(file->elf) == ELFCLASS64 ? 8 : 4;
}

static Dwarf_Unsigned get_section_count(void *context)
{
	const struct dwarf_sections *file = context;

	return file->count;
}

static void keep_trouble(struct dwarf_sections *file, const struct section *section)
{
	GElf_Chdr compression;

	if (file->trouble)
		return;
	if (!section->gnu_compressed && gelf_getchdr(section->scn, &compression) &&
	    compression.ch_type == COMPRESSED_ZSTD)
		file->trouble =
			mem_printf("%s is compressed by zstd, which libelf here cannot unpack (objcopy "
				   "--decompress-debug-sections can)",
				   section->name);
	else
		file->trouble = mem_printf("%s cannot be unpacked: %s", section->name, elf_errmsg(-1));
}

static int load_section(void *context, Dwarf_Half index, Dwarf_Small **bytes, int *error)
{
	struct dwarf_sections *file = context;
	struct section *section = &file->sections[index];
	const Elf_Data *data = NULL;
	int unpacked = 1;

	if (!section->size) /* such as number 0, which it asks for where it knows of no section */
		return DW_DLV_NO_ENTRY;
	if (section->gnu_compressed)
		unpacked = elf_compress_gnu(section->scn, 0, 0);
	else if (section->header.sh_flags & SHF_COMPRESSED)
		unpacked = elf_compress(section->scn, 0, 0);
	if (unpacked == 1)
		data = elf_rawdata(section->scn, NULL);
	if (!data || !data->d_buf || data->d_size < section->size) {
		keep_trouble(file, section);
		*error = DW_DLE_SECTION_ERROR;
		return DW_DLV_ERROR;
	}
	*bytes = data->d_buf;
	return DW_DLV_OK;
}

/* Linked programs need none; nor do .dwo files. */
static int relocate(void *context, Dwarf_Half index, Dwarf_Debug dwarf, int *error)
{
	(void)context, (void)index, (void)dwarf, (void)error;
	return DW_DLV_NO_ENTRY;
}

/* ---- the whole --------------------------------------------------------- */

struct dwarf_sections *sections_open(int fd)
{
	struct dwarf_sections *file;
	struct stat status;

	if (fstat(fd, &status) < 0 || status.st_size <= 0)
		return NULL;
	file = mem_alloc(sizeof(*file));
	file->map_size = (size_t)status.st_size;
	/* libelf writes into the section headers when it unpacks; the file stays as it is. */
	file->map = mmap(NULL, file->map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (file->map == MAP_FAILED)
		return NULL;
	elf_version(EV_CURRENT);
	file->elf = elf_memory(file->map, file->map_size);
	return file->elf && sections_fill(file) ? file : NULL;
}

void sections_close(struct dwarf_sections *file)
{
	for (size_t at = 0; at < file->count; at++)
		free(file->sections[at].own_name);
	elf_end(file->elf);
	munmap(file->map, file->map_size);
	free(file->sections);
	free(file->trouble);
	free(file);
}

int sections_init(struct dwarf_sections *file, unsigned group, Dwarf_Debug *dwarf, Dwarf_Error *error)
{
	static const Dwarf_Obj_Access_Methods methods = {
		.get_section_info = get_section_info,
		.get_byte_order = get_byte_order,
		.get_length_size = get_word_size,
		.get_pointer_size = get_word_size,
		.get_section_count = get_section_count,
		.load_section = load_section,
		.relocate_a_section = relocate,
	};

	file->interface = (Dwarf_Obj_Access_Interface){.object = file, .methods = &methods};
	return dwarf_object_init_b(&file->interface, NULL, NULL, group, dwarf, error);
}

struct sections_bytes sections_get(struct dwarf_sections *file, const char *name, uint64_t from)
{
	struct sections_bytes bytes = {0};

	for (size_t at = 0; at < file->count; at++) {
		const struct section *section = &file->sections[at];
		Dwarf_Small *data;
		int ignored;

		if (strcmp(section->name, name) != 0 || from >= section->size ||
		    load_section(file, (Dwarf_Half)at, &data, &ignored) != DW_DLV_OK)
			continue;
		bytes.data = data + from;
		bytes.size = section->size - from;
	}
	return bytes;
}

void sections_forget(const struct dwarf_sections *file)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	/* Whole pages inside of sections: nobody has written there, they are read again from the file. */
	for (size_t at = 0; at < file->count; at++) {
		const GElf_Shdr *header = &file->sections[at].header;
		const uint64_t start = (header->sh_offset + page - 1) & ~(page - 1);
		uint64_t end;

		if (!*file->sections[at].name || header->sh_offset > file->map_size ||
		    header->sh_size > file->map_size - header->sh_offset)
			continue;
		end = (header->sh_offset + header->sh_size) & ~(page - 1);
		if (end > start)
			madvise((char *)file->map + start, end - start, MADV_DONTNEED);
	}
}

const char *sections_trouble(const struct dwarf_sections *file)
{
	return file->trouble;
}

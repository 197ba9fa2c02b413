/*
 * What of an ELF file's sections is needed: symbol tables, and where debug information is. The kernel loads a program whatever
 * its sections say, so one that is damaged costs a line, and what is left is used.
 */
#include <stdlib.h>
#include <string.h>

#include "elf.h"

static void keep_damage(struct sym_elf *elf, const char *how)
{
	if (!elf->damage)
		elf->damage = mem_printf("%s: damaged: %s; functions are looked up in what is left",
					 elf->path, how);
}

Elf_Scn *sym_elf_section(const struct sym_elf *elf, const char *wanted)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf->elf, &names) < 0)
		return NULL;
	while ((section = elf_nextscn(elf->elf, section))) {
		const char *name =
			gelf_getshdr(section, &header) ? elf_strptr(elf->elf, names, header.sh_name) : NULL;

		if (name && strcmp(name, wanted) == 0)
			return section;
	}
	return NULL;
}

/* ---- symbol tables ----------------------------------------------------- */

/* No two sections share bytes: one that does is not where it was. */
static bool overlaps_another(const struct sym_elf *elf, const Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Scn *other = NULL;
	GElf_Shdr its;

	while ((other = elf_nextscn(elf->elf, other)))
		if (other != section && gelf_getshdr(other, &its) && its.sh_type != SHT_NOBITS &&
		    its.sh_offset < header->sh_offset + header->sh_size &&
		    header->sh_offset < its.sh_offset + its.sh_size)
			return true;
	return false;
}

/* The first entry stands for no symbol, and is empty. */
static bool begins_empty(Elf_Data *entries)
{
	GElf_Sym first;

	return gelf_getsym(entries, 0, &first) && !first.st_name && !first.st_info && !first.st_value &&
	       !first.st_size;
}

/* Returns NULL, or what is wrong with it. */
static const char *table_load(const struct sym_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			      struct sym_table *table)
{
	static const char cut[] = "a symbol table reaches beyond its end";
	static const char wrong[] = "a symbol table and its names do not fit together";
	Elf_Scn *names = elf_getscn(elf->elf, header->sh_link);
	GElf_Shdr names_header;
	Elf_Data *entries, *strings;
	const char *last;
	size_t entry_size = gelf_fsize(elf->elf, ELF_T_SYM, 1, EV_CURRENT);

	if (!names || !gelf_getshdr(names, &names_header) || names_header.sh_type != SHT_STRTAB ||
	    !entry_size || (names_header.sh_flags & SHF_ALLOC) != (header->sh_flags & SHF_ALLOC))
		return wrong;
	entries = elf_getdata(section, NULL);
	strings = elf_getdata(names, NULL);
	if (!entries || !entries->d_buf || !strings || !strings->d_buf)
		return cut;
	last = memrchr(strings->d_buf, '\0', strings->d_size);
	if (!last || *(const char *)strings->d_buf || !begins_empty(entries) ||
	    header->sh_size % entry_size || overlaps_another(elf, section, header) ||
	    overlaps_another(elf, names, &names_header))
		return wrong;
	table->strings = strings->d_buf;
	table->strings_size = (size_t)(last - table->strings) + 1;
	table->entries = entries;
	table->count = entries->d_size / entry_size;
	return NULL;
}

static void take_table(struct sym_elf *elf, Elf_Scn *section, const GElf_Shdr *header, const char *name)
{
	const bool dynamic = header->sh_type == SHT_DYNSYM;
	struct sym_table *table = dynamic ? &elf->dynsym : &elf->symtab;
	const char *fault;

	if (table->count || !header->sh_size)
		return;
	if (name && strcmp(name, dynamic ? ".dynsym" : ".symtab") != 0)
		fault = "another section is marked as a symbol table";
	else
		fault = table_load(elf, section, header, table);
	if (fault)
		keep_damage(elf, fault);
}

/* ---- debug information ------------------------------------------------- */

/* When unpacked. A damaged header says anything; no more than the file's size is believed. */
static uint64_t debug_section_size(const struct sym_elf *elf, const char *name, const GElf_Shdr *header)
{
	static const uint64_t usual_ratio = 4;
	const uint64_t size = header->sh_size < elf->size ? header->sh_size : elf->size;

	return (header->sh_flags & SHF_COMPRESSED) || name[1] == 'z' ? size * usual_ratio : size;
}

static void note_debug_section(struct sym_elf *elf, const Elf_Scn *section, const char *name,
			       const GElf_Shdr *header)
{
	if (header->sh_type != SHT_PROGBITS ||
	    (strncmp(name, ".debug_", 7) != 0 && strncmp(name, ".zdebug_", 8) != 0))
		return;
	if (header->sh_offset > elf->size || header->sh_size > elf->size - header->sh_offset ||
	    overlaps_another(elf, section, header))
		keep_damage(elf, "debug information is not where it says");
	elf->debug_size += debug_section_size(elf, name, header);
	if (strcmp(name, ".debug_info") == 0 || strcmp(name, ".zdebug_info") == 0)
		elf->has_dwarf = true;
}

/* ---- all of them ------------------------------------------------------- */

/* A section that would be of use, if it were marked as what its name says. In debug files those that only
 * the program has are left without contents. */
static bool is_misnamed(const char *name, const GElf_Shdr *header)
{
	if (header->sh_type == SHT_NOBITS)
		return false;
	if (strcmp(name, ".symtab") == 0)
		return header->sh_type != SHT_SYMTAB;
	if (strcmp(name, ".dynsym") == 0)
		return header->sh_type != SHT_DYNSYM;
	return strncmp(name, ".debug_", 7) == 0 && header->sh_type != SHT_PROGBITS;
}

static void take_section(struct sym_elf *elf, Elf_Scn *section, const size_t *names)
{
	const char *name = NULL;
	GElf_Shdr header;

	if (!gelf_getshdr(section, &header)) {
		keep_damage(elf, "a section header cannot be read");
		return;
	}
	if (names) {
		name = elf_strptr(elf->elf, *names, header.sh_name);
		if (!name)
			keep_damage(elf, "a section's name lies beyond the others");
	}
	if (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM)
		take_table(elf, section, &header, name);
	if (name && is_misnamed(name, &header))
		keep_damage(elf, "a section is not what its name says");
	if (name)
		note_debug_section(elf, section, name, &header);
}

/* The section that holds the names of all, if it is that. */
static bool find_names(const struct sym_elf *elf, size_t *names)
{
	Elf_Scn *section;
	GElf_Shdr header;
	const char *name;

	if (elf_getshdrstrndx(elf->elf, names) < 0)
		return false;
	section = elf_getscn(elf->elf, *names);
	if (!section || !gelf_getshdr(section, &header) || header.sh_type != SHT_STRTAB)
		return false;
	name = elf_strptr(elf->elf, *names, header.sh_name);
	return name && (strcmp(name, ".shstrtab") == 0 || strcmp(name, ".strtab") == 0);
}

static bool headers_begin_empty(const struct sym_elf *elf)
{
	Elf_Scn *first = elf_getscn(elf->elf, 0);
	GElf_Shdr header;

	return first && gelf_getshdr(first, &header) && header.sh_type == SHT_NULL && !header.sh_offset;
}

void sym_elf_load_sections(struct sym_elf *elf)
{
	const GElf_Ehdr *file = &elf->header;
	const uint64_t sections = (uint64_t)file->e_shnum * file->e_shentsize;
	Elf_Scn *section = NULL;
	size_t names, count = 0;
	bool named;

	/* libelf takes a file whose section headers are cut off for one without sections. */
	if (file->e_shoff && (file->e_shoff > elf->size || sections > elf->size - file->e_shoff))
		keep_damage(elf, "its section headers lie beyond its end");
	if (elf_getshdrnum(elf->elf, &count) < 0 || !count) {
		if (file->e_shoff || file->e_shnum)
			keep_damage(elf, "its section headers are lost");
		return;
	}
	if (!headers_begin_empty(elf))
		keep_damage(elf, "its section headers are not where it says");
	named = find_names(elf, &names);
	if (!named)
		keep_damage(elf, "the names of its sections are lost");
	while ((section = elf_nextscn(elf->elf, section)))
		take_section(elf, section, named ? &names : NULL);
}

/*
 * The version of a symbol: libc has pthread_cond_wait@GLIBC_2.2.5 and
 * pthread_cond_wait@@GLIBC_2.3.2. In .symtab it stands behind the name where there are several; for .dynsym
 * it is in two sections of its own.
 */
#include <string.h>

#include "elf.h"

static Elf_Data *section_data(const struct sym_elf *elf, GElf_Word type, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf->elf, section)))
		if (gelf_getshdr(section, header) && header->sh_type == type)
			return elf_getdata(section, NULL);
	return NULL;
}

static const char *definition_name(const struct sym_elf *elf, unsigned wanted)
{
	GElf_Shdr header;
	Elf_Data *definitions = section_data(elf, SHT_GNU_verdef, &header);
	size_t offset = 0;

	/* The count is the file's word; the offsets only grow. */
	while (definitions) {
		GElf_Verdef definition;
		GElf_Verdaux name;

		if (!gelf_getverdef(definitions, (int)offset, &definition) ||
		    !gelf_getverdaux(definitions, (int)(offset + definition.vd_aux), &name))
			return NULL;
		if (definition.vd_ndx == wanted)
			return definition.vd_flags & VER_FLG_BASE
				       ? NULL
				       : elf_strptr(elf->elf, header.sh_link, name.vda_name);
		if (!definition.vd_next)
			return NULL;
		offset += definition.vd_next;
	}
	return NULL;
}

static const char *version_of_export(const struct sym_module *module, size_t index)
{
	GElf_Shdr header;
	GElf_Versym number;
	Elf_Data *numbers = section_data(module->elf, SHT_GNU_versym, &header);

	if (!numbers || !gelf_getversym(numbers, (int)index, &number))
		return NULL;
	return definition_name(module->elf, number & 0x7fff);
}

const char *sym_symbol_version(const struct sym_module *module, const struct sym_table *table, size_t index,
			       const struct sym_symbol *symbol)
{
	const struct sym_table *exports = &module->elf->dynsym;
	const char *at = strchr(symbol->name, '@');
	struct sym_symbol other;

	if (at)
		return at[1] == '@' ? at + 2 : at + 1;
	if (table == exports)
		return version_of_export(module, index);
	for (size_t number = 0; number < exports->count; number++)
		if (sym_table_get(exports, number, &other) && other.value == symbol->value &&
		    strcmp(other.name, symbol->name) == 0)
			return version_of_export(module, number);
	return NULL;
}

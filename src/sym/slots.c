/*
 * Where a loaded module keeps the address of the code that was chosen for an IFUNC. The dynamic linker
 * calls the function that chooses once for each relocation that asks for it, and leaves the answer in
 * the place that is relocated.
 */
#include <stdlib.h>
#include <string.h>

#include "elf.h"

/* Numbers of relocations; one psABI each. */
static const struct kinds {
	unsigned machine, by_function, by_name[3];
} machines[] = {
	{EM_X86_64, R_X86_64_IRELATIVE, {R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_64}},
	{EM_AARCH64, R_AARCH64_IRELATIVE, {R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT, R_AARCH64_ABS64}},
};

static const struct kinds *kinds_of(const struct sym_module *module)
{
	for (size_t which = 0; which < sizeof(machines) / sizeof(machines[0]); which++)
		if (machines[which].machine == module->machine)
			return &machines[which];
	return NULL;
}

static bool names(const struct sym_module *module, uint64_t index, const char *wanted)
{
	struct sym_symbol symbol;

	return sym_table_get(&module->elf->dynsym, index, &symbol) &&
	       strlen(wanted) == sym_name_split(symbol.name).length &&
	       strncmp(symbol.name, wanted, strlen(wanted)) == 0;
}

static bool asks_for(const struct sym_module *module, const struct kinds *kinds, const GElf_Rela *relocation,
		     const struct sym_function *ifunc, bool defines)
{
	const unsigned type = (unsigned)GELF_R_TYPE(relocation->r_info);

	if (type == kinds->by_function)
		return defines && (uint64_t)relocation->r_addend == ifunc->address;
	for (size_t which = 0; which < sizeof(kinds->by_name) / sizeof(kinds->by_name[0]); which++)
		if (type == kinds->by_name[which])
			return names(module, GELF_R_SYM(relocation->r_info), ifunc->linkage_name);
	return false;
}

/* What the file has at an address. */
static uint64_t content_at(const struct sym_module *module, uint64_t address)
{
	uint64_t content = 0;

	for (size_t at = 0; at < module->segment_count; at++) {
		const struct sym_segment *segment = &module->segments[at];

		if (address >= segment->address && address - segment->address < segment->file_size)
			sym_elf_read(module->elf, segment->offset + (address - segment->address), &content,
				     sizeof(content));
	}
	return content;
}

size_t sym_module_slots(const struct sym_module *module, const struct sym_function *ifunc, bool defines,
			struct sym_slot **slots)
{
	const struct kinds *kinds = kinds_of(module);
	Elf_Scn *section = NULL;
	size_t count = 0, capacity = 0;

	*slots = NULL;
	while (kinds && (section = elf_nextscn(module->elf->elf, section))) {
		GElf_Shdr header;
		GElf_Rela relocation;
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_RELA ||
		    !(header.sh_flags & SHF_ALLOC))
			continue;
		data = elf_getdata(section, NULL);
		for (int at = 0; data && gelf_getrela(data, at, &relocation); at++) {
			if (!asks_for(module, kinds, &relocation, ifunc, defines))
				continue;
			*slots = array_reserve(*slots, &capacity, count + 1, sizeof(**slots));
			(*slots)[count++] = (struct sym_slot){
				.address = relocation.r_offset,
				.content = content_at(module, relocation.r_offset),
			};
		}
	}
	return count;
}

/*
 * A symbol by exactly its name. A dozen names are looked up in each program, and hardly any is there: a filter of bits says
 * so without going through all symbols again.
 */
#include <string.h>

#include "elf.h"

enum { BITS_A_NAME = 16, WORD = 64 };

static uint64_t hash_of(const char *name, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t at = 0; at < length; at++)
		hash = (hash ^ (unsigned char)name[at]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

/* Without @VERSION, as sym_name_split has it. */
static size_t length_of(const char *name)
{
	return *name ? 1 + strcspn(name + 1, "@") : 0;
}

static void filter_fill(struct sym_table *table)
{
	struct sym_symbol symbol;
	size_t words = 1;

	while (words * WORD < table->count * BITS_A_NAME)
		words *= 2;
	table->filter = mem_alloc(words * sizeof(*table->filter));
	table->filter_mask = words * WORD - 1;
	for (size_t at = 0; at < table->count; at++) {
		uint64_t bit;

		if (!sym_table_get(table, at, &symbol) || !symbol.defined)
			continue;
		bit = hash_of(symbol.name, length_of(symbol.name)) & table->filter_mask;
		table->filter[bit / WORD] |= UINT64_C(1) << bit % WORD;
	}
}

static bool may_have(struct sym_table *table, const char *name)
{
	const uint64_t hash = hash_of(name, strlen(name));
	uint64_t bit;

	if (!table->count)
		return false;
	if (!table->filter)
		filter_fill(table);
	bit = hash & table->filter_mask;
	return table->filter[bit / WORD] >> bit % WORD & 1;
}

static bool table_find(const struct sym_table *table, const char *name, bool local, uint64_t *address)
{
	struct sym_symbol symbol;
	size_t length = strlen(name);

	for (size_t at = 0; at < table->count; at++) {
		if (!sym_table_get(table, at, &symbol) || !symbol.defined ||
		    (symbol.binding == STB_LOCAL) != local || symbol.type == STT_TLS ||
		    symbol.type == STT_FILE || symbol.type == STT_SECTION)
			continue;
		if (strncmp(symbol.name, name, length) == 0 && length_of(symbol.name) == length) {
			*address = symbol.value;
			return true;
		}
	}
	return false;
}

/* One that others can see comes first. */
bool sym_module_symbol(struct sym_module *module, const char *name, uint64_t *address)
{
	struct sym_table *symtab = &module->elf->symtab, *dynsym = &module->elf->dynsym;
	const bool in_symtab = *name && may_have(symtab, name);

	return (in_symtab && table_find(symtab, name, false, address)) ||
	       (*name && may_have(dynsym, name) && table_find(dynsym, name, false, address)) ||
	       (in_symtab && table_find(symtab, name, true, address));
}

/*
 * What a spec names that is no function with code of its own, and why it cannot be recorded.
 */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "listing.h"
#include "matches.h"

/* ---- symbols ----------------------------------------------------------- */

static const char *const kinds[] = {
	[FOUND_UNDEFINED] = "undefined",
	[FOUND_LABEL] = "label",
	[FOUND_DATA] = "data",
	[FOUND_PIECE] = "piece",
};

static char *obstacle_of(const struct sym_module *module, enum finding found, const struct sym_symbol *symbol,
			 const char *name)
{
	switch (found) {
	case FOUND_UNDEFINED:
		return mem_printf(
			"defined in a library; what is here is at most a jump to it (PLT); use '*!%s'", name);
	case FOUND_LABEL:
		return mem_printf("not marked as a function; write '%s!0x%llx'", module->name,
				  (unsigned long long)symbol->value);
	case FOUND_DATA:
		return mem_strdup("data, no function");
	default:
		return mem_strdup(
			"a part split off by the compiler, which is not entered as a function is; name the "
			"function itself");
	}
}

static bool is_listed(const struct sym_listing *listing, size_t first, const struct sym_symbol *symbol,
		      size_t length)
{
	for (size_t at = first; at < listing->count; at++) {
		const struct sym_function *function = &listing->items[at].function;

		if (function->linkage_name && function->address == symbol->value &&
		    strlen(function->linkage_name) == length &&
		    memcmp(function->linkage_name, symbol->name, length) == 0)
			return true;
	}
	return false;
}

static void add_symbol(const struct sym_module *module, const struct sym_spec *spec, enum finding found,
		       const struct sym_symbol *symbol, struct sym_listing *listing)
{
	struct sym_entry *entry = sym_listing_add(listing, kinds[found]);

	sym_function_name(&entry->function, spec, symbol->name, NULL);
	entry->function.address = found == FOUND_UNDEFINED ? 0 : symbol->value;
	entry->function.size = symbol->size;
	entry->weak = symbol->binding == STB_WEAK;
	entry->obstacle = obstacle_of(module, found, symbol, entry->function.name);
}

static enum finding classify(const struct sym_module *module, const struct sym_symbol *symbol)
{
	const enum finding found = sym_symbol_classify(module, symbol);

	return found == FOUND_FUNCTION && sym_name_split(symbol->name).piece ? FOUND_PIECE : found;
}

static void list_symbols(const struct sym_module *module, const struct sym_table *table,
			 const struct sym_spec *spec, size_t first, struct sym_listing *listing)
{
	struct sym_symbol symbol;

	for (size_t at = 0; at < table->count; at++) {
		enum finding found;

		if (!sym_table_get(table, at, &symbol) || !*symbol.name)
			continue;
		found = classify(module, &symbol);
		if (found == FOUND_NOTHING || found >= FOUND_FUNCTION ||
		    sym_spec_takes_piece(spec, symbol.name) == SYM_MATCH_NONE)
			continue;
		/* The canonical PLT entry of an undefined function has a value. */
		if (found == FOUND_UNDEFINED)
			symbol.value = 0;
		if (!is_listed(listing, first, &symbol, sym_name_split(symbol.name).length))
			add_symbol(module, spec, found, &symbol, listing);
	}
}

/* ---- debug information ------------------------------------------------- */

static void add_inlined(const struct sym_spec *spec, const struct sym_dwarf_answer *answer,
			const struct sym_dwarf_inlined *inlined, struct sym_listing *listing)
{
	const struct sym_dwarf_place *places;
	struct sym_entry *entry;

	if (inlined->has_code || !sym_dwarf_places(answer, inlined->identity, &places))
		return;
	entry = sym_listing_add(listing, "inlined");
	sym_entry_take_places(entry, answer, inlined->identity);
	if (*inlined->linkage_name) {
		sym_function_name(&entry->function, spec, inlined->linkage_name, NULL);
	} else {
		entry->function.name = mem_strdup(inlined->name);
		entry->function.full_name = mem_strdup(inlined->name);
	}
	entry->function.file = sym_text_or_null(inlined->file);
	entry->function.line = inlined->line;
	entry->obstacle = mem_strdup("only inlined; name the functions there, or build with -fno-inline");
}

static void list_inlined(struct sym_module *module, const struct sym_spec *spec, struct sym_listing *listing)
{
	const struct sym_dwarf_details details = {0};
	struct sym_dwarf_answer answer;
	struct error ignored = {0};

	if (sym_dwarf_ask(module, spec, &details, &answer, &ignored) > 0)
		for (size_t at = 0; at < answer.inlined_count; at++)
			add_inlined(spec, &answer, &answer.inlined[at], listing);
	sym_dwarf_answer_free(&answer);
	error_free(&ignored);
}

void sym_module_find_others(struct sym_module *module, const struct sym_spec *spec, bool inlined,
			    struct sym_listing *listing)
{
	const struct sym_table *tables[] = {sym_module_functions(module), &module->elf->dynsym};
	const size_t first = listing->count;

	if (spec->kind == SYM_SPEC_ADDRESS || !sym_spec_takes_module(spec, module))
		return;
	for (size_t at = 0; at < sizeof(tables) / sizeof(tables[0]) && !spec->file; at++)
		list_symbols(module, tables[at], spec, first, listing);
	if (inlined)
		list_inlined(module, spec, listing);
}

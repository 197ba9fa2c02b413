/*
 * What is known of functions, for people: other names, clones, parts, places where they are inlined.
 */
#include "listing.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "demangle.h"

/* ---- the list ---------------------------------------------------------- */

struct sym_entry *sym_listing_add(struct sym_listing *listing, const char *kind)
{
	struct sym_entry *entry;

	listing->items = array_reserve(listing->items, &listing->capacity, listing->count + 1,
				       sizeof(*listing->items));
	entry = &listing->items[listing->count++];
	*entry = (struct sym_entry){.kind = kind};
	return entry;
}

static void entry_free(struct sym_entry *entry)
{
	sym_function_free(&entry->function);
	for (size_t at = 0; at < entry->alias_count; at++)
		free(entry->aliases[at]);
	for (size_t at = 0; at < entry->place_count; at++)
		free(entry->places[at].file);
	free(entry->aliases);
	free(entry->places);
	free(entry->clones);
	free(entry->obstacle);
}

void sym_listing_free(struct sym_listing *listing)
{
	for (size_t at = 0; at < listing->count; at++)
		entry_free(&listing->items[at]);
	free(listing->items);
	*listing = (struct sym_listing){0};
}

char *sym_text_or_null(const char *text)
{
	return *text ? mem_strdup(text) : NULL;
}

void sym_entry_take_places(struct sym_entry *entry, const struct sym_dwarf_answer *answer, uint64_t identity)
{
	const struct sym_dwarf_place *places;
	const size_t count = sym_dwarf_places(answer, identity, &places);

	if (!count || entry->place_count)
		return;
	entry->places = mem_alloc(count * sizeof(*entry->places));
	for (size_t at = 0; at < count; at++)
		entry->places[at] = (struct sym_place){.file = sym_text_or_null(places[at].file),
						       .line = places[at].line};
	entry->place_count = count;
}

/* ---- what the symbols say ---------------------------------------------- */

/* ".constprop.0.isra.1" is by constprop and isra. */
static char *clones_of(const char *symbol)
{
	const struct sym_name split = sym_name_split(symbol);
	const char *at = symbol + split.base, *end = symbol + split.length;
	struct text words = {0};

	while (at < end) {
		size_t length;

		at++;
		length = strcspn(at, ".@");
		if (length && !isdigit((unsigned char)*at))
			text_printf(&words, "%s%.*s", words.length ? " " : "", (int)length, at);
		at += length;
	}
	return words.data;
}

static uint64_t hash_name(const char *name, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t at = 0; at < length; at++)
		hash = (hash ^ (unsigned char)name[at]) * UINT64_C(0x100000001b3);
	return hash;
}

static bool is_named(const struct sym_entry *entry, const char *name, size_t length)
{
	const char *own = entry->function.linkage_name;

	return own && strlen(own) == length && memcmp(own, name, length) == 0;
}

static char *alias_name(const struct sym_entry *entry, const char *symbol, size_t length)
{
	char *name = sym_demangle(symbol, length, SYM_DEMANGLED_FULL);

	/* Copies of one constructor differ only in the symbol. */
	if (name && strcmp(name, entry->function.full_name) != 0)
		return name;
	free(name);
	return mem_strndup(symbol, length);
}

static void add_alias(struct sym_entry *entry, const char *symbol, size_t length)
{
	char *name = alias_name(entry, symbol, length);

	for (size_t at = 0; at < entry->alias_count; at++)
		if (strcmp(entry->aliases[at], name) == 0) {
			free(name);
			return;
		}
	entry->aliases = array_reserve(entry->aliases, &entry->alias_capacity, entry->alias_count + 1,
				       sizeof(*entry->aliases));
	entry->aliases[entry->alias_count++] = name;
}

/* Tables of entries by address and by symbol; they point into the list, which must not grow. */
struct index {
	struct table by_address, by_symbol;
};

static void take_piece(const struct index *index, const struct sym_symbol *symbol)
{
	const char *dot = strstr(symbol->name, ".cold");
	const size_t length = dot ? (size_t)(dot - symbol->name) : 0;
	struct sym_entry *whole = dot ? table_get(&index->by_symbol, hash_name(symbol->name, length)) : NULL;

	if (whole && is_named(whole, symbol->name, length))
		whole->cold = symbol->value;
}

static void take_symbol(const struct index *index, const struct sym_symbol *symbol)
{
	const struct sym_name split = sym_name_split(symbol->name);
	struct sym_entry *entry;

	if (split.piece) {
		take_piece(index, symbol);
		return;
	}
	entry = table_get(&index->by_address, symbol->value);
	if (!entry)
		return;
	if (!is_named(entry, symbol->name, split.length))
		add_alias(entry, symbol->name, split.length);
	else if (symbol->binding == STB_WEAK)
		entry->weak = true;
}

static void take_symbols(struct sym_module *module, const struct index *index)
{
	const struct sym_table *table = sym_module_functions(module);
	struct sym_symbol symbol;

	for (size_t at = 0; at < table->count; at++)
		if (sym_table_get(table, at, &symbol) && symbol.defined && *symbol.name &&
		    (symbol.type == STT_GNU_IFUNC || sym_symbol_is_function(module, &symbol)))
			take_symbol(index, &symbol);
}

/* ---- what the debug information says ----------------------------------- */

static void take_function(struct sym_entry *entry, const struct sym_dwarf_answer *answer,
			  const struct sym_dwarf_function *found)
{
	struct sym_function *function = &entry->function;

	if (*found->file) {
		free(function->file);
		function->file = mem_strdup(found->file);
		function->line = found->line;
	}
	if (!function->size)
		function->size = found->size;
	sym_entry_take_places(entry, answer,
			      sym_dwarf_identity(found->name, found->linkage_name, found->file, found->line));
}

static void take_dwarf(struct sym_module *module, const struct sym_entry *entries, size_t count,
		       const struct index *index)
{
	uint64_t *addresses = mem_alloc((count + 1) * sizeof(*addresses));
	struct sym_dwarf_answer answer;
	struct error err = {0};

	for (size_t at = 0; at < count; at++)
		addresses[at] = entries[at].function.address;
	if (sym_dwarf_ask_of(module, addresses, count, 0, &answer, &err) >= 0) {
		for (size_t at = 0; at < answer.count; at++) {
			struct sym_entry *entry = table_get(&index->by_address, answer.functions[at].address);

			if (entry && !entry->function.indirect)
				take_function(entry, &answer, &answer.functions[at]);
		}
	}
	if (answer.trouble)
		sym_trouble_add(&module->trouble,
				"%s: its debug information cannot be read in full: %s; source lines and "
				"inlined places are missing",
				module->name, answer.trouble);
	sym_dwarf_answer_free(&answer);
	error_free(&err);
	free(addresses);
}

/* ---- the whole --------------------------------------------------------- */

/* Nobody relocates it but its own start-up code, and the choice cannot be read from outside. */
static bool is_static_program(const struct sym_module *module)
{
	Elf_Scn *section = sym_elf_section(module->elf, ".dynamic");
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	GElf_Dyn entry;

	if (module->interpreter || !data)
		return !module->interpreter;
	for (int at = 0; gelf_getdyn(data, at, &entry); at++)
		if (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_PIE))
			return true;
	return false;
}

static void add_function(struct sym_module *module, const struct sym_function *function,
			 struct sym_listing *listing)
{
	struct sym_entry *entry = sym_listing_add(listing, function->indirect ? "ifunc" : "function");

	entry->function = *function;
	if (function->linkage_name)
		entry->clones = clones_of(function->linkage_name);
	if (function->indirect && is_static_program(module))
		entry->obstacle = mem_strdup(
			"IFUNC of a static program: which code runs cannot be known; name that code");
}

void sym_module_describe(struct sym_module *module, struct sym_functions *functions,
			 struct sym_listing *listing)
{
	const size_t first = listing->count, count = functions->count;
	struct index index = {0};

	for (size_t at = 0; at < count; at++)
		add_function(module, &functions->items[at], listing);
	for (size_t at = first; at < listing->count; at++) {
		struct sym_entry *entry = &listing->items[at];
		const char *symbol = entry->function.linkage_name;

		table_put(&index.by_address, entry->function.address, entry);
		if (symbol)
			table_put(&index.by_symbol, hash_name(symbol, strlen(symbol)), entry);
	}
	if (count) {
		take_symbols(module, &index);
		take_dwarf(module, listing->items + first, count, &index);
	}
	table_free(&index.by_address);
	table_free(&index.by_symbol);
	free(functions->items); /* what they hold has moved */
	*functions = (struct sym_functions){0};
}

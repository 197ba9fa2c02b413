/*
 * Finding the functions that a spec matches.
 */
#include <stdlib.h>
#include <string.h>

#include "dwarf.h"

/* A candidate. Several may stand at one address; the best one is shown. */
struct match {
	uint64_t address, size;
	unsigned rank; /* lower is better */
	size_t order;
	const char *symbol; /* NULL if there is only debug information */
	const char *name;   /* from debug information, if the spec means this one; else NULL */
	const char *file;
	unsigned line;
};

struct matches {
	struct match *items;
	size_t count, capacity;
};

static void match_add(struct matches *matches, struct match match)
{
	match.order = matches->count;
	matches->items = array_reserve(matches->items, &matches->capacity, matches->count + 1,
				       sizeof(*matches->items));
	matches->items[matches->count++] = match;
}

static unsigned match_rank(enum sym_match kind, const struct sym_symbol *symbol)
{
	return (kind == SYM_MATCH_EXACT ? 0 : 2) + (symbol->binding == STB_LOCAL ? 1 : 0);
}

static int by_address_and_rank(const void *left, const void *right)
{
	const struct match *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* ---- walking a symbol table -------------------------------------------- */

/* Goes through a table and knows which source file a local symbol is from:
 * it follows the STT_FILE symbol of that file. */
struct walk {
	const struct sym_module *module;
	const struct sym_table *table;
	size_t next;
	const char *file;
	struct sym_symbol symbol;
};

static bool walk_next_function(struct walk *walk)
{
	while (walk->next < walk->table->count) {
		struct sym_symbol *symbol = &walk->symbol;

		if (!sym_table_get(walk->table, walk->next++, symbol))
			continue;
		/* LTO and the linker name files that are none: "<artificial>", "". */
		if (symbol->type == STT_FILE)
			walk->file = *symbol->name && *symbol->name != '<' ? symbol->name : NULL;
		else if (symbol->binding != STB_LOCAL)
			walk->file = NULL;
		if (sym_symbol_is_function(walk->module, symbol))
			return true;
	}
	return false;
}

/* ---- the list ---------------------------------------------------------- */

void sym_functions_free(struct sym_functions *functions)
{
	for (size_t at = 0; at < functions->count; at++) {
		free(functions->items[at].name);
		free(functions->items[at].full_name);
		free(functions->items[at].file);
	}
	free(functions->items);
	*functions = (struct sym_functions){0};
}

static struct sym_function *function_add(struct sym_functions *functions)
{
	functions->items = array_reserve(functions->items, &functions->capacity, functions->count + 1,
					 sizeof(*functions->items));
	functions->items[functions->count] = (struct sym_function){0};
	return &functions->items[functions->count++];
}

static int by_name(const void *left, const void *right)
{
	const struct sym_function *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

static int by_full_name(const void *left, const void *right)
{
	const struct sym_function *const *a = left, *const *b = right;

	return strcmp((*a)->full_name, (*b)->full_name);
}

static int by_short_file(const void *left, const void *right)
{
	const struct sym_function *const *a = left, *const *b = right;

	return strcmp((*a)->file ? sym_path_last((*a)->file) : "",
		      (*b)->file ? sym_path_last((*b)->file) : "");
}

static bool tells_apart(struct sym_function **same, size_t count, int (*order)(const void *, const void *))
{
	qsort(same, count, sizeof(struct sym_function *), order);
	for (size_t at = 1; at < count; at++)
		if (order(&same[at - 1], &same[at]) == 0)
			return false;
	return true;
}

static void rename_same(struct sym_function **same, size_t count)
{
	const bool full_names_differ = tells_apart(same, count, by_full_name);
	const bool short_files_differ = tells_apart(same, count, by_short_file);

	for (size_t at = 0; at < count; at++) {
		struct sym_function *function = same[at];
		const char *file = function->file;
		char *name;

		if (full_names_differ)
			name = mem_strdup(function->full_name);
		else if (file)
			name = mem_printf("%s:%s", short_files_differ ? sym_path_last(file) : file,
					  function->name);
		else
			continue;
		free(function->name);
		function->name = name;
	}
}

/* Equal names from one spec become the full names, or file:name. */
static void tell_apart(struct sym_function *items, size_t count)
{
	struct sym_function **sorted = mem_alloc(count * sizeof(struct sym_function *));

	for (size_t at = 0; at < count; at++)
		sorted[at] = &items[at];
	qsort(sorted, count, sizeof(struct sym_function *), by_name);
	for (size_t at = 0, end; at < count; at = end) {
		for (end = at + 1; end < count && strcmp(sorted[at]->name, sorted[end]->name) == 0; end++)
			continue;
		if (end - at > 1)
			rename_same(sorted + at, end - at);
	}
	free(sorted);
}

static int append(struct sym_functions *functions, struct matches *matches)
{
	const size_t before = functions->count;

	if (matches->count)
		qsort(matches->items, matches->count, sizeof(*matches->items), by_address_and_rank);
	for (size_t at = 0; at < matches->count; at++) {
		const struct match *match = &matches->items[at];
		struct sym_function *function;
		const char *shown = match->symbol ? match->symbol : match->name;

		if (at && match->address == match[-1].address)
			continue;
		function = function_add(functions);
		function->full_name = mem_strndup(shown, sym_name_split(shown).length);
		function->name = mem_strdup(match->name ? match->name : function->full_name);
		function->file = match->file ? mem_strdup(match->file) : NULL;
		function->line = match->line;
		function->address = match->address;
		function->size = match->size;
	}
	if (functions->count - before > 1)
		tell_apart(functions->items + before, functions->count - before);
	free(matches->items);
	return (int)(functions->count - before);
}

/* ---- by name ----------------------------------------------------------- */

/* Compilers write only the last component of a source file's path there. */
static bool takes_symbol_file(const struct sym_spec *spec, const char *file)
{
	return sym_spec_takes_file(spec, file) ||
	       (!strchr(file, '/') && strcmp(file, sym_path_last(spec->file)) == 0);
}

/* With by_source, only local functions whose STT_FILE the spec takes. */
static void find_by_name(struct sym_module *module, const struct sym_spec *spec, bool by_source,
			 struct matches *matches)
{
	struct walk walk = {.module = module, .table = sym_module_functions(module)};

	while (walk_next_function(&walk)) {
		const enum sym_match kind = sym_spec_takes_name(spec, walk.symbol.name);

		if (kind == SYM_MATCH_NONE ||
		    (by_source && (!walk.file || !takes_symbol_file(spec, walk.file))))
			continue;
		match_add(matches, (struct match){.address = walk.symbol.value,
						  .size = walk.symbol.size,
						  .rank = match_rank(kind, &walk.symbol),
						  .symbol = walk.symbol.name,
						  .file = walk.file});
	}
}

/* Where a name is an IFUNC's, a function that bears it too is an old version
 * of it, kept for programs of long ago: libc's memcpy@GLIBC_2.2.5. Finding
 * only that would promise calls that never come. */
static bool is_ifunc(struct sym_module *module, const struct sym_spec *spec)
{
	const struct sym_table *table = sym_module_functions(module);
	struct sym_symbol symbol;

	for (size_t at = 0; at < table->count; at++)
		if (sym_table_get(table, at, &symbol) && symbol.type == STT_GNU_IFUNC && symbol.defined &&
		    sym_spec_takes_name(spec, symbol.name) == SYM_MATCH_EXACT)
			return true;
	return false;
}

/* ---- by address -------------------------------------------------------- */

static int find_by_address(struct sym_module *module, uint64_t address, struct sym_functions *functions)
{
	struct walk walk = {.module = module, .table = sym_module_functions(module)};
	struct sym_symbol best = {0};
	struct sym_function *function;
	struct sym_name split;

	if (!address || !sym_module_executes(module, address))
		return 0;
	while (walk_next_function(&walk)) {
		const struct sym_symbol *symbol = &walk.symbol;

		if (symbol->value > address ||
		    (symbol->value != address && address - symbol->value >= symbol->size))
			continue;
		if (!best.name || symbol->value > best.value ||
		    (symbol->value == best.value && best.binding == STB_LOCAL &&
		     symbol->binding != STB_LOCAL))
			best = *symbol;
	}
	function = function_add(functions);
	function->address = address;
	if (!best.name) {
		function->full_name = mem_printf("0x%llx", (unsigned long long)address);
	} else {
		split = sym_name_split(best.name);
		function->full_name = mem_strndup(best.name, split.length);
		function->size = best.size > address - best.value ? best.size - (address - best.value) : 0;
		if (best.value != address) {
			char *name = mem_printf("%s+0x%llx", function->full_name,
						(unsigned long long)(address - best.value));

			free(function->full_name);
			function->full_name = name;
		}
	}
	function->name = mem_strdup(function->full_name);
	return 1;
}

/* ---- by source file ---------------------------------------------------- */

static bool means(const struct sym_spec *spec, const struct sym_dwarf_function *function)
{
	return sym_spec_line(spec) || sym_spec_takes_name(spec, function->name) != SYM_MATCH_NONE ||
	       sym_spec_takes_name(spec, function->linkage_name) != SYM_MATCH_NONE;
}

/* The function of the file at this address, NULL if none. Where the linker
 * folded several into one, the one that the spec means. */
static struct sym_dwarf_function *answer_at(const struct sym_dwarf_answer *answer,
					    const struct sym_spec *spec, uint64_t address)
{
	struct sym_dwarf_function *found = NULL;
	size_t low = 0, high = answer->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (answer->functions[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < answer->count && answer->functions[low].address == address; low++) {
		answer->functions[low].has_symbol = true;
		if (!found || !means(spec, found))
			found = &answer->functions[low];
	}
	return found;
}

/* Whether the symbol is the long form of the source's name. Static functions
 * have one too, which compilers do not put into the debug information. A
 * clone's name says more than the source's. */
static bool is_mangled(const char *symbol, const struct sym_dwarf_function *function)
{
	const struct sym_name split = sym_name_split(symbol);

	if (!*function->name || split.base != split.length)
		return false;
	if (*function->linkage_name)
		return strcmp(symbol, function->linkage_name) == 0;
	return strncmp(symbol, "_Z", 2) == 0 || strncmp(symbol, "_R", 2) == 0;
}

/* The symbols of the file's functions: those that bear the name themselves,
 * and those that bear another (mangled) one but the source calls so. */
static void match_symbols(struct sym_module *module, const struct sym_spec *spec,
			  const struct sym_dwarf_answer *answer, struct matches *matches)
{
	struct walk walk = {.module = module, .table = sym_module_functions(module)};

	while (walk_next_function(&walk)) {
		const struct sym_symbol *symbol = &walk.symbol;
		const struct sym_dwarf_function *function = answer_at(answer, spec, symbol->value);
		enum sym_match kind;
		const char *name = NULL;

		if (!function || sym_name_split(symbol->name).piece)
			continue;
		kind = sym_spec_takes_name(spec, symbol->name);
		if (kind == SYM_MATCH_NONE && !means(spec, function))
			continue;
		if (kind == SYM_MATCH_NONE && is_mangled(symbol->name, function))
			name = function->name;
		if (strcmp(symbol->name, function->name) == 0)
			kind = SYM_MATCH_EXACT;
		match_add(matches, (struct match){.address = function->address,
						  .size = symbol->size ? symbol->size : function->size,
						  .rank = match_rank(kind, symbol),
						  .symbol = symbol->name,
						  .name = name,
						  .file = *function->file ? function->file : NULL,
						  .line = function->line});
	}
}

static void match_without_symbols(const struct sym_spec *spec, const struct sym_dwarf_answer *answer,
				  struct matches *matches)
{
	for (size_t at = 0; at < answer->count; at++) {
		const struct sym_dwarf_function *function = &answer->functions[at];

		if (!function->has_symbol && *function->name && means(spec, function))
			match_add(matches,
				  (struct match){.address = function->address,
						 .size = function->size,
						 .symbol = *function->linkage_name ? function->linkage_name
										   : NULL,
						 .name = function->name,
						 .file = *function->file ? function->file : NULL,
						 .line = function->line});
	}
}

static int find_in_file(struct sym_module *module, const struct sym_spec *spec,
			struct sym_functions *functions, struct error *err)
{
	struct matches matches = {0};
	struct sym_dwarf_answer answer = {0};
	struct error trouble = {0};
	const int asked = sym_dwarf_ask(module, spec, SYM_DWARF_FUNCTIONS, &answer, &trouble);
	int result;

	match_symbols(module, spec, &answer, &matches);
	match_without_symbols(spec, &answer, &matches);
	if (!matches.count)
		find_by_name(module, spec, true, &matches);
	if (matches.count)
		result = append(functions, &matches);
	else if (asked < 0)
		result = error_set(err, trouble.status, "%s", trouble.message);
	else if (answer.trouble)
		result = error_set(
			err, STATUS_FAILED,
			"%s: its debug information cannot be read: %s; name the function without its "
			"source file",
			module->name, answer.trouble);
	else
		result = 0;
	sym_dwarf_answer_free(&answer);
	error_free(&trouble);
	return result;
}

int sym_module_find(struct sym_module *module, const struct sym_spec *spec, struct sym_functions *functions,
		    struct error *err)
{
	struct matches matches = {0};

	if (!sym_spec_takes_module(spec, module))
		return 0;
	if (spec->kind == SYM_SPEC_ADDRESS)
		return find_by_address(module, spec->address, functions);
	if (spec->file)
		return find_in_file(module, spec, functions, err);
	find_by_name(module, spec, false, &matches);
	if (matches.count && spec->kind == SYM_SPEC_NAME && is_ifunc(module, spec))
		matches.count = 0;
	return append(functions, &matches);
}

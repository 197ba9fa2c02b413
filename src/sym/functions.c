/*
 * Finding the functions that a spec matches.
 */
#include <stdlib.h>
#include <string.h>

#include "demangle.h"
#include "dwarf.h"
#include "extents.h"
#include "matches.h"

static unsigned match_rank(enum sym_match kind, const struct sym_symbol *symbol)
{
	return (kind == SYM_MATCH_EXACT ? 0 : 2) + (symbol->binding == STB_LOCAL ? 1 : 0);
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
	bool has_ifuncs; /* there was one */
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
		if (symbol->type == STT_GNU_IFUNC)
			walk->has_ifuncs = true;
		if (sym_symbol_is_function(walk->module, symbol))
			return true;
	}
	return false;
}

/* ---- by name ----------------------------------------------------------- */

/* Compilers write only the last component of a source file's path there. */
static bool takes_symbol_file(const struct sym_spec *spec, const char *file)
{
	return sym_spec_takes_file(spec, file) ||
	       (!strchr(file, '/') && strcmp(file, sym_path_last(spec->file)) == 0);
}

static bool takes_version(const struct sym_spec *spec, const struct sym_module *module,
			  const struct sym_table *table, size_t index, const struct sym_symbol *symbol)
{
	const char *version;

	if (!spec->version)
		return true;
	version = sym_symbol_version(module, table, index, symbol);
	return version && strcmp(spec->version, version) == 0;
}

static void add_symbol(const struct walk *walk, enum sym_match kind, struct sym_matches *matches)
{
	sym_matches_add(matches, (struct sym_candidate){.address = walk->symbol.value,
							.size = walk->symbol.size,
							.rank = match_rank(kind, &walk->symbol),
							.symbol = walk->symbol.name,
							.index = walk->next - 1,
							.file = walk->file});
}

/* With by_source, only local functions whose STT_FILE the spec takes. Returns whether there are IFUNCs. */
static bool find_by_name(struct sym_module *module, const struct sym_spec *spec, bool by_source,
			 struct sym_matches *matches)
{
	struct walk walk = {.module = module, .table = sym_module_functions(module)};

	while (walk_next_function(&walk)) {
		const enum sym_match kind = sym_spec_takes_name(spec, walk.symbol.name);

		if (kind != SYM_MATCH_NONE &&
		    (!by_source || (walk.file && takes_symbol_file(spec, walk.file))) &&
		    takes_version(spec, module, walk.table, walk.next - 1, &walk.symbol))
			add_symbol(&walk, kind, matches);
	}
	return walk.has_ifuncs;
}

/* ---- IFUNCs ------------------------------------------------------------ */

/* The name of the function that an IFUNC stands for: clang's is called f.ifunc. */
static char *ifunc_name(const struct sym_symbol *symbol)
{
	static const char ending[] = ".ifunc";
	const size_t length = sym_name_split(symbol->name).length, tail = strlen(ending);

	return mem_strndup(symbol->name,
			   length > tail && memcmp(symbol->name + length - tail, ending, tail) == 0
				   ? length - tail
				   : length);
}

/* What __attribute__((target_clones)) makes of f: f.avx2, f.default. */
static size_t find_target_clones(struct sym_module *module, const char *name, struct sym_matches *matches)
{
	struct walk walk = {.module = module, .table = sym_module_functions(module)};
	const size_t length = strlen(name), before = matches->count;

	while (walk_next_function(&walk))
		if (strncmp(walk.symbol.name, name, length) == 0 && walk.symbol.name[length] == '.' &&
		    !sym_name_split(walk.symbol.name).piece)
			add_symbol(&walk, SYM_MATCH_VARIANT, matches);
	return matches->count - before;
}

static void add_ifunc(struct sym_module *module, size_t index, const struct sym_symbol *symbol,
		      struct sym_matches *matches)
{
	char *name = ifunc_name(symbol);

	if (!find_target_clones(module, name, matches))
		sym_matches_add(matches, (struct sym_candidate){
						 .address = symbol->value,
						 .symbol = symbol->name,
						 .index = index,
						 .indirect = true,
					 });
	free(name);
}

/*
 * Where a name is an IFUNC's, a function that bears it too is an old version
 * of it, kept for programs of long ago: libc's memcpy@GLIBC_2.2.5. Finding
 * only that would promise calls that never come.
 */
static void find_ifuncs(struct sym_module *module, const struct sym_spec *spec, struct sym_matches *matches)
{
	const struct sym_table *table = sym_module_functions(module);
	struct sym_symbol symbol;
	bool found = false;

	for (size_t at = 0; at < table->count; at++) {
		char *name;

		if (!sym_table_get(table, at, &symbol) || symbol.type != STT_GNU_IFUNC || !symbol.defined ||
		    !sym_module_executes(module, symbol.value))
			continue;
		name = ifunc_name(&symbol);
		if (sym_spec_takes_name(spec, name) == SYM_MATCH_EXACT &&
		    takes_version(spec, module, table, at, &symbol)) {
			if (!found && spec->kind == SYM_SPEC_NAME)
				matches->count = 0;
			found = true;
			add_ifunc(module, at, &symbol, matches);
		}
		free(name);
	}
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

/* Whether the source calls the symbol so. A clone's name says more than the source's. */
static bool is_source_name(const char *symbol, const struct sym_dwarf_function *function)
{
	const struct sym_name split = sym_name_split(symbol);

	return *function->name && split.base == split.length && strcmp(symbol, function->linkage_name) == 0;
}

/* The symbols of the file's functions: those that bear the name themselves,
 * and those that bear another (mangled) one but the source calls so. */
static void match_symbols(struct sym_module *module, const struct sym_spec *spec,
			  const struct sym_dwarf_answer *answer, struct sym_matches *matches)
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
		if (kind == SYM_MATCH_NONE && is_source_name(symbol->name, function))
			name = function->name;
		if (strcmp(symbol->name, function->name) == 0)
			kind = SYM_MATCH_EXACT;
		sym_matches_add(matches,
				(struct sym_candidate){.address = function->address,
						       .size = symbol->size ? symbol->size : function->size,
						       .rank = match_rank(kind, symbol),
						       .symbol = symbol->name,
						       .index = walk.next - 1,
						       .name = name,
						       .file = *function->file ? function->file : NULL,
						       .line = function->line});
	}
}

/* Without a symbol's name the source's says it. */
static void match_without_symbols(struct sym_module *module, const struct sym_spec *spec,
				  struct sym_dwarf_answer *answer, struct sym_matches *matches)
{
	struct sym_extents extents = {0};

	for (size_t at = 0; at < answer->count; at++) {
		const struct sym_dwarf_function *function = &answer->functions[at];

		if (function->has_symbol || !*function->name || !means(spec, function))
			continue;
		if (!extents.count)
			sym_extents_fill(&extents, module);
		/* There a trap would hit the middle of an instruction: the debug information is
		 * damaged, or not of this build. */
		if (!sym_extents_enclose(&extents, function->address))
			sym_matches_add(
				matches,
				(struct sym_candidate){
					.address = function->address,
					.size = function->size,
					.index = SYM_NO_INDEX,
					.symbol = *function->linkage_name ? function->linkage_name : NULL,
					.name = function->name,
					.file = *function->file ? function->file : NULL,
					.line = function->line});
		else if (!answer->trouble)
			answer->trouble = mem_strdup("it places functions inside of others");
	}
	free(extents.items);
}

/* Where functions are copied into others nothing is called. */
static void tell_inlinings(struct sym_module *module, const struct sym_spec *spec,
			   const struct sym_dwarf_answer *answer, const struct sym_function *functions,
			   size_t count)
{
	struct sym_inlined inlined = {0};

	for (size_t at = 0; at < count; at++) {
		const struct sym_dwarf_function *function = answer_at(answer, spec, functions[at].address);
		const void *number =
			function ? table_get(&answer->inlinings,
					     sym_dwarf_identity(function->name, function->linkage_name,
								function->file, function->line))
				 : NULL;

		if (!number)
			continue;
		inlined.places += (uintptr_t)number;
		inlined.name = functions[at].name;
		inlined.functions++;
	}
	sym_inlined_tell(module, spec, &inlined);
}

static int find_in_file(struct sym_module *module, const struct sym_spec *spec,
			struct sym_functions *functions, struct error *err)
{
	struct sym_matches matches = {.module = module, .table = sym_module_functions(module)};
	struct sym_dwarf_answer answer = {0};
	struct error trouble = {0};
	const int asked = sym_dwarf_ask(module, spec, NULL, &answer, &trouble);
	int result;

	match_symbols(module, spec, &answer, &matches);
	match_without_symbols(module, spec, &answer, &matches);
	if (!matches.count)
		find_by_name(module, spec, true, &matches);
	if (matches.count && answer.trouble)
		sym_trouble_add(
			&module->trouble,
			"%s: its debug information cannot be read in full: %s; what there is was used",
			module->name, answer.trouble);
	if (matches.count) {
		result = sym_matches_append(&matches, spec, functions);
		tell_inlinings(module, spec, &answer, functions->items + functions->count - result,
			       (size_t)result);
	} else if (asked < 0)
		result = error_set(err, trouble.status, "%s", trouble.message);
	else if (answer.trouble)
		result = error_set(
			err, STATUS_FAILED,
			"%s: its debug information cannot be read: %s; name the function without its "
			"source file",
			module->name, answer.trouble);
	else
		result = 0;
	if (!result)
		sym_module_check_symbols(module);
	sym_matches_free(&matches);
	sym_dwarf_answer_free(&answer);
	error_free(&trouble);
	return result;
}

int sym_module_find(struct sym_module *module, const struct sym_spec *spec, struct sym_functions *functions,
		    struct error *err)
{
	struct sym_matches matches = {.module = module, .table = sym_module_functions(module)};
	int count;

	if (!sym_spec_takes_module(spec, module))
		return 0;
	if (spec->kind == SYM_SPEC_ADDRESS)
		return sym_find_by_address(module, spec, functions, err);
	if (spec->file)
		return find_in_file(module, spec, functions, err);
	if (find_by_name(module, spec, false, &matches))
		find_ifuncs(module, spec, &matches);
	count = sym_matches_append(&matches, spec, functions);
	sym_matches_free(&matches);
	if (!count)
		sym_module_check_symbols(module);
	return count;
}

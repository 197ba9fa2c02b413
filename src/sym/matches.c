#include "matches.h"

#include <stdlib.h>
#include <string.h>

#include "cxxname.h"
#include "demangle.h"
#include "pattern.h"

void sym_matches_add(struct sym_matches *matches, struct sym_candidate candidate)
{
	candidate.order = matches->count;
	matches->items = array_reserve(matches->items, &matches->capacity, matches->count + 1,
				       sizeof(*matches->items));
	matches->items[matches->count++] = candidate;
}

void sym_matches_free(struct sym_matches *matches)
{
	free(matches->items);
	matches->items = NULL;
	matches->count = matches->capacity = 0;
}

static int by_address_and_rank(const void *left, const void *right)
{
	const struct sym_candidate *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* ---- the list ---------------------------------------------------------- */

void sym_function_free(struct sym_function *function)
{
	free(function->name);
	free(function->full_name);
	free(function->linkage_name);
	free(function->file);
}

void sym_functions_free(struct sym_functions *functions)
{
	for (size_t at = 0; at < functions->count; at++)
		sym_function_free(&functions->items[at]);
	free(functions->items);
	*functions = (struct sym_functions){0};
}

struct sym_function *sym_function_add(struct sym_functions *functions)
{
	functions->items = array_reserve(functions->items, &functions->capacity, functions->count + 1,
					 sizeof(*functions->items));
	functions->items[functions->count] = (struct sym_function){0};
	return &functions->items[functions->count++];
}

/* ---- names that people read -------------------------------------------- */

static char *shorten(const char *demangled, const char *suffix, size_t length)
{
	char *shorter = cxx_name_shorten(demangled);
	char *name = mem_printf("%s%.*s", shorter ? shorter : demangled, (int)length, suffix);

	free(shorter);
	return name;
}

/* NULL if the symbol's name is for people already. */
static char *readable_name(const struct sym_spec *spec, const char *symbol, const struct sym_name *split)
{
	const bool parameters = spec->kind == SYM_SPEC_NAME && spec->compiled->has_parameters;
	char *demangled, *name;

	demangled =
		sym_demangle(symbol, split->base, parameters ? SYM_DEMANGLED_SIGNATURE : SYM_DEMANGLED_NAME);
	if (!demangled && spec->compiled->is_dotted) {
		demangled = sym_demangle_ada(symbol, split->base);
		if (demangled && strcmp(demangled, spec->pattern) != 0) {
			free(demangled);
			return NULL;
		}
	}
	if (!demangled)
		return NULL;
	name = shorten(demangled, symbol + split->base, split->length - split->base);
	free(demangled);
	return name;
}

void sym_function_name(struct sym_function *function, const struct sym_spec *spec, const char *symbol,
		       const char *source_name)
{
	const struct sym_name split = sym_name_split(symbol);

	function->linkage_name = mem_strndup(symbol, split.length);
	/* libiberty writes clones as nm does. */
	function->full_name = sym_demangle(symbol, split.length, SYM_DEMANGLED_FULL);
	if (!function->full_name)
		function->full_name = mem_strdup(function->linkage_name);
	function->name = readable_name(spec, symbol, &split);
	if (!function->name)
		function->name = mem_strdup(source_name ? source_name : function->linkage_name);
}

/* ---- telling equal names apart ----------------------------------------- */

/* A function of the list and what else is known of it. */
struct named {
	struct sym_function *function;
	const struct sym_matches *matches;
	size_t index; /* of its symbol */
	const char *version, *kind;
};

static int compare(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;

	return strcmp(a->function->name, b->function->name);
}

static int by_full_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;

	return strcmp(a->function->full_name, b->function->full_name);
}

static int by_file(const void *left, const void *right)
{
	const struct named *a = left, *b = right;

	return compare(a->function->file, b->function->file);
}

static int by_short_file(const void *left, const void *right)
{
	const struct named *a = left, *b = right;

	return compare(a->function->file ? sym_path_last(a->function->file) : NULL,
		       b->function->file ? sym_path_last(b->function->file) : NULL);
}

static int by_version(const void *left, const void *right)
{
	const struct named *a = left, *b = right;

	return compare(a->version, b->version);
}

static int by_kind(const void *left, const void *right)
{
	const struct named *a = left, *b = right;

	return compare(a->kind, b->kind);
}

/* With parameters. */
static char *signature(const struct named *named)
{
	const struct sym_function *function = named->function;
	const char *symbol = function->linkage_name;
	struct sym_name split;
	char *whole, *name;

	if (!symbol)
		return mem_strdup(function->full_name);
	split = sym_name_split(symbol);
	whole = sym_demangle(symbol, split.base, SYM_DEMANGLED_SIGNATURE);
	name = shorten(whole ? whole : function->full_name, symbol + split.base,
		       whole ? split.length - split.base : 0);
	free(whole);
	return name;
}

static char *with_version(const struct named *named)
{
	return named->version ? mem_printf("%s@%s", named->function->name, named->version) : NULL;
}

static char *with_kind(const struct named *named)
{
	return named->kind ? mem_printf("%s[%s]", named->function->name, named->kind) : NULL;
}

static char *with_file(const struct named *named)
{
	const struct sym_function *function = named->function;

	return function->file ? mem_printf("%s:%s", function->file, function->name) : NULL;
}

static char *with_short_file(const struct named *named)
{
	const struct sym_function *function = named->function;

	return function->file ? mem_printf("%s:%s", sym_path_last(function->file), function->name) : NULL;
}

typedef int comparison(const void *, const void *);

static bool all_differ(struct named *same, size_t count, comparison *order)
{
	qsort(same, count, sizeof(*same), order);
	for (size_t at = 1; at < count; at++)
		if (order(&same[at - 1], &same[at]) == 0)
			return false;
	return true;
}

static bool some_differ(struct named *same, size_t count, comparison *order)
{
	qsort(same, count, sizeof(*same), order);
	return order(&same[0], &same[count - 1]) != 0;
}

static void rename_all(struct named *same, size_t count, char *(*rename)(const struct named *))
{
	for (size_t at = 0; at < count; at++) {
		char *name = rename(&same[at]);

		if (!name)
			continue;
		free(same[at].function->name);
		same[at].function->name = name;
	}
}

/* Few names need it, and it is slow. */
static void find_versions(struct named *same, size_t count)
{
	for (size_t at = 0; at < count; at++) {
		const struct sym_matches *matches = same[at].matches;
		struct sym_symbol symbol;

		if (same[at].index != SYM_NO_INDEX && sym_table_get(matches->table, same[at].index, &symbol))
			same[at].version =
				sym_symbol_version(matches->module, matches->table, same[at].index, &symbol);
	}
}

/* Functions of one name get another one, if that helps. */
static void rename_same(struct named *same, size_t count, comparison *order)
{
	if (order == by_version)
		find_versions(same, count);
	if (!some_differ(same, count, order))
		return;
	if (order == by_full_name)
		rename_all(same, count, signature);
	else if (order == by_kind)
		rename_all(same, count, with_kind);
	else if (order == by_version)
		rename_all(same, count, with_version);
	else
		rename_all(same, count, all_differ(same, count, by_short_file) ? with_short_file : with_file);
}

static void tell_apart(struct named *sorted, size_t count)
{
	static comparison *const orders[] = {by_full_name, by_kind, by_version, by_file};

	for (size_t which = 0; which < sizeof(orders) / sizeof(orders[0]); which++) {
		qsort(sorted, count, sizeof(*sorted), by_name);
		for (size_t at = 0, end; at < count; at = end) {
			for (end = at + 1; end < count && by_name(&sorted[at], &sorted[end]) == 0; end++)
				continue;
			if (end - at > 1)
				rename_same(sorted + at, end - at, orders[which]);
		}
	}
}

/* ---- appending --------------------------------------------------------- */

static void append_one(struct sym_functions *functions, const struct sym_spec *spec,
		       const struct sym_candidate *candidate)
{
	struct sym_function *function = sym_function_add(functions);

	if (candidate->symbol) {
		sym_function_name(function, spec, candidate->symbol, candidate->name);
	} else {
		function->name = mem_strdup(candidate->name);
		function->full_name = mem_strdup(candidate->name);
	}
	function->file = candidate->file ? mem_strdup(candidate->file) : NULL;
	function->line = candidate->line;
	function->address = candidate->address;
	function->size = candidate->size;
	function->indirect = candidate->indirect;
}

int sym_matches_append(const struct sym_matches *matches, const struct sym_spec *spec,
		       struct sym_functions *functions)
{
	const size_t before = functions->count;
	struct named *named;
	size_t count = 0;

	if (!matches->count)
		return 0;
	qsort(matches->items, matches->count, sizeof(*matches->items), by_address_and_rank);
	for (size_t at = 0; at < matches->count; at++)
		if (!at || matches->items[at].address != matches->items[at - 1].address)
			append_one(functions, spec, &matches->items[at]);
	named = mem_alloc((functions->count - before) * sizeof(*named));
	for (size_t at = 0; at < matches->count; at++) {
		const struct sym_candidate *candidate = &matches->items[at];

		if (at && candidate->address == candidate[-1].address)
			continue;
		named[count] = (struct named){.function = &functions->items[before + count],
					      .matches = matches,
					      .index = candidate->index};
		if (candidate->symbol)
			named[count].kind =
				sym_structor_kind(candidate->symbol, sym_name_split(candidate->symbol).base);
		count++;
	}
	tell_apart(named, count);
	free(named);
	return (int)count;
}

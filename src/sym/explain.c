/*
 * Why a spec matched nothing, and what its user can do.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf.h"
#include "suggest.h"

enum { MODULES_TOLD = 5 };

/* What bears exactly the name that the spec wants. Counts down in how well it
 * explains that no function was found. */
enum finding {
	FOUND_NOTHING,
	FOUND_UNDEFINED,
	FOUND_LABEL,
	FOUND_DATA,
	FOUND_PIECE,
	FOUND_FUNCTION,
	FOUND_IFUNC,
};

struct explanation {
	const struct sym_spec *spec;
	struct sym_module **modules; /* those that the spec takes */
	size_t count;
	struct text *reason;
};

static size_t exported_functions(const struct sym_module *module)
{
	struct sym_symbol symbol;
	size_t count = 0;

	for (size_t at = 0; at < module->elf->dynsym.count; at++)
		count += sym_table_get(&module->elf->dynsym, at, &symbol) &&
			 sym_symbol_is_function(module, &symbol);
	return count;
}

static bool is_stripped(struct sym_module *module)
{
	return sym_module_functions(module) == &module->elf->dynsym;
}

static void put_where(const struct explanation *explanation)
{
	text_puts(explanation->reason, explanation->modules[0]->name);
	if (explanation->count > 1)
		text_printf(explanation->reason, " and %zu more module%s", explanation->count - 1,
			    explanation->count > 2 ? "s" : "");
}

/* ---- modules and addresses --------------------------------------------- */

static void explain_modules(const struct sym_spec *spec, struct sym_module *const *modules, size_t count,
			    struct text *reason)
{
	if (!count) {
		text_puts(reason, "there is no module to search; name a program");
		return;
	}
	text_printf(reason, "no module is called '%s'; there %s ", spec->module, count == 1 ? "is" : "are");
	for (size_t at = 0; at < count && at < MODULES_TOLD; at++)
		text_printf(reason, "%s%s", at ? ", " : "", modules[at]->name);
	if (count > MODULES_TOLD)
		text_printf(reason, " and %zu more", count - MODULES_TOLD);
}

static void explain_address(const struct explanation *explanation)
{
	const struct sym_module *module = explanation->modules[0];

	text_printf(explanation->reason, "0x%llx is no code of ",
		    (unsigned long long)explanation->spec->address);
	put_where(explanation);
	for (size_t at = 0; at < module->segment_count; at++) {
		const struct sym_segment *segment = &module->segments[at];

		if (segment->executable && segment->memory_size) {
			text_printf(explanation->reason,
				    "; the code of %s is at 0x%llx to 0x%llx, as nm prints addresses",
				    module->name, (unsigned long long)segment->address,
				    (unsigned long long)(segment->address + segment->memory_size - 1));
			return;
		}
	}
	text_puts(explanation->reason, "; it has no code at all");
}

/* ---- symbols that bear the name ---------------------------------------- */

static enum finding classify(const struct sym_module *module, const struct sym_symbol *symbol)
{
	if (!symbol->defined)
		return symbol->type == STT_FILE ? FOUND_NOTHING : FOUND_UNDEFINED;
	switch (symbol->type) {
	case STT_GNU_IFUNC:
		return FOUND_IFUNC;
	case STT_OBJECT:
	case STT_TLS:
	case STT_COMMON:
		return FOUND_DATA;
	case STT_FUNC:
		return sym_symbol_is_function(module, symbol) ? FOUND_FUNCTION : FOUND_NOTHING;
	case STT_NOTYPE:
		return sym_module_executes(module, symbol->value) ? FOUND_LABEL : FOUND_DATA;
	default:
		return FOUND_NOTHING;
	}
}

static enum finding find_in_table(const struct sym_module *module, const struct sym_table *table,
				  const char *name, uint64_t *address)
{
	const size_t length = strlen(name);
	enum finding best = FOUND_NOTHING;
	struct sym_symbol symbol;

	for (size_t at = 0; at < table->count; at++) {
		enum finding found;
		struct sym_name split;

		if (!sym_table_get(table, at, &symbol) || strncmp(symbol.name, name, length) != 0)
			continue;
		split = sym_name_split(symbol.name);
		if (split.length != length && !(split.piece && split.base == length))
			continue;
		found = classify(module, &symbol);
		if (found == FOUND_FUNCTION && split.piece)
			found = FOUND_PIECE;
		if (found > best) {
			best = found;
			*address = symbol.value;
		}
	}
	return best;
}

static enum finding find_name(const struct explanation *explanation, struct sym_module **where,
			      uint64_t *address)
{
	enum finding best = FOUND_NOTHING;

	for (size_t at = 0; at < explanation->count; at++) {
		struct sym_module *module = explanation->modules[at];
		const struct sym_table *tables[] = {&module->elf->symtab, &module->elf->dynsym,
						    sym_module_functions(module)};

		for (size_t table = 0; table < sizeof(tables) / sizeof(tables[0]); table++) {
			uint64_t value = 0;
			const enum finding found =
				find_in_table(module, tables[table], explanation->spec->pattern, &value);

			if (found > best) {
				best = found;
				*where = module;
				*address = value;
			}
		}
	}
	return best;
}

/* The code that an IFUNC chooses from bears its name somewhere in its own:
 * __memcpy_avx_unaligned, sum.avx2. The IFUNC's address is the resolver's. */
static void put_implementations(struct sym_module *module, const char *name, uint64_t resolver,
				struct text *reason)
{
	const struct sym_table *table = sym_module_functions(module);
	struct sym_symbol symbol;
	size_t told = 0;

	for (size_t at = 0; at < table->count && told < SYM_SUGGESTIONS; at++)
		if (sym_table_get(table, at, &symbol) && sym_symbol_is_function(module, &symbol) &&
		    symbol.value != resolver && strstr(symbol.name, name) &&
		    !sym_name_split(symbol.name).piece)
			text_printf(reason, "%s'%s'", told++ ? ", " : ", such as ", symbol.name);
}

static bool explain_finding(const struct explanation *explanation)
{
	const char *name = explanation->spec->pattern;
	struct text *reason = explanation->reason;
	struct sym_module *module = NULL;
	uint64_t address = 0;

	switch (find_name(explanation, &module, &address)) {
	case FOUND_IFUNC:
		text_printf(reason,
			    "'%s' of %s is an IFUNC: which code runs is chosen at the start; name that code",
			    name, module->name);
		put_implementations(module, name, address, reason);
		return true;
	case FOUND_PIECE:
		text_printf(reason,
			    "of '%s' %s has only a part split off by the compiler, which is not entered as a "
			    "function is; name the function that calls it",
			    name, module->name);
		return true;
	case FOUND_DATA:
		text_printf(reason, "'%s' of %s is data, not a function; name a function", name,
			    module->name);
		return true;
	case FOUND_LABEL:
		text_printf(reason, "'%s' of %s is not marked as a function; write '%s!0x%llx'", name,
			    module->name, module->name, (unsigned long long)address);
		return true;
	case FOUND_UNDEFINED:
		text_printf(reason,
			    "%s uses '%s' but does not define it; it is defined in a library: use '*!%s'",
			    module->name, name, name);
		return true;
	case FOUND_FUNCTION:
		if (!explanation->spec->file)
			return false;
		text_printf(reason, "'%s' of %s is not known to be in %s; write '%s' alone", name,
			    module->name, explanation->spec->file, name);
		return true;
	case FOUND_NOTHING:
		break;
	}
	return false;
}

/* ---- debug information ------------------------------------------------- */

/* A library's separate debug file is large; it is read only if the spec
 * speaks of that library alone. */
static bool explain_inlined(const struct explanation *explanation)
{
	for (size_t at = 0; at < explanation->count; at++) {
		struct sym_module *module = explanation->modules[at];
		struct sym_dwarf_answer answer;
		struct error ignored = {0};
		uint64_t places;

		if (explanation->count > 1 && !module->elf->has_dwarf)
			continue;
		if (sym_dwarf_ask(module, explanation->spec, SYM_DWARF_INLINED, &answer, &ignored) <= 0) {
			error_free(&ignored);
			continue;
		}
		places = answer.inlined;
		if (places)
			text_printf(explanation->reason,
				    "'%s' of %s is only inlined, at %llu place%s (%s%s); name the functions "
				    "there, or "
				    "build with -fno-inline",
				    explanation->spec->pattern, module->name, (unsigned long long)places,
				    places == 1 ? "" : "s",
				    answer.places.data ? answer.places.data : "lines unknown",
				    places > 3 ? ", …" : "");
		sym_dwarf_answer_free(&answer);
		if (places)
			return true;
	}
	return false;
}

static void put_nearest_file(const struct explanation *explanation, const struct sym_dwarf_answer *answer)
{
	struct sym_suggest suggest;

	sym_suggest_start(&suggest, sym_path_last(explanation->spec->file));
	for (size_t at = 0; at < answer->file_count; at++) {
		const char *name = sym_path_last(answer->files[at]);

		sym_suggest_offer(&suggest, name, strlen(name));
	}
	sym_suggest_put(&suggest, "; write its last component, such as 'parser.c'", explanation->reason);
	sym_suggest_end(&suggest);
}

static void put_nearest_of_file(const struct explanation *explanation, const struct sym_dwarf_answer *answer)
{
	struct sym_suggest suggest;

	sym_suggest_start(&suggest, explanation->spec->pattern);
	for (size_t at = 0; at < answer->count; at++)
		sym_suggest_offer(&suggest, answer->functions[at].name, strlen(answer->functions[at].name));
	sym_suggest_put(&suggest, "; write the function's name alone", explanation->reason);
	sym_suggest_end(&suggest);
}

static void explain_file(const struct explanation *explanation)
{
	const struct sym_spec *spec = explanation->spec;
	struct sym_module *module = explanation->modules[0];
	struct sym_dwarf_answer answer;
	struct error err = {0};
	const int asked = sym_dwarf_ask(module, spec, SYM_DWARF_FUNCTIONS, &answer, &err);

	if (asked == 0)
		text_printf(explanation->reason,
			    sym_spec_line(spec) ? "%s has no debug information, which FILE:LINE needs; build "
						  "it with -g, or name a function"
						: "%s has no debug information, without which FILE: finds "
						  "only static functions; "
						  "write '%s' alone, or build it with -g",
			    module->name, spec->pattern);
	else if (asked < 0)
		text_puts(explanation->reason, err.message);
	else if (!answer.file_known) {
		text_printf(explanation->reason, "no source file '%s' in the debug information of %s",
			    spec->file, module->name);
		put_nearest_file(explanation, &answer);
	} else if (sym_spec_line(spec))
		text_printf(explanation->reason,
			    "no function with code of its own around line %s of %s in %s; name one with "
			    "FILE:NAME",
			    spec->pattern, spec->file, module->name);
	else if (!explain_inlined(explanation) && !explain_finding(explanation)) {
		text_printf(explanation->reason, "no such function in %s of %s", spec->file, module->name);
		put_nearest_of_file(explanation, &answer);
	}
	if (asked > 0)
		sym_dwarf_answer_free(&answer);
	error_free(&err);
}

/* ---- names ------------------------------------------------------------- */

static void offer_names(const struct explanation *explanation, struct sym_suggest *suggest)
{
	const struct sym_spec *spec = explanation->spec;

	for (size_t at = 0; at < explanation->count; at++) {
		struct sym_module *module = explanation->modules[at];
		const struct sym_table *table = sym_module_functions(module);
		struct sym_symbol symbol;

		for (size_t index = 0; index < table->count; index++) {
			struct sym_name split;

			if (!sym_table_get(table, index, &symbol) || !sym_symbol_is_function(module, &symbol))
				continue;
			split = sym_name_split(symbol.name);
			if (!split.piece && (spec->kind == SYM_SPEC_NAME ||
					     fnmatch(spec->pattern, symbol.name, FNM_CASEFOLD) == 0))
				sym_suggest_offer(suggest, symbol.name, split.length);
		}
	}
}

static void explain_stripped(const struct explanation *explanation, const struct sym_suggest *suggest)
{
	const struct sym_module *module = explanation->modules[0];
	const size_t exported = exported_functions(module);

	if (!exported && !module->interpreter)
		text_printf(
			explanation->reason,
			"%s is stripped and static: it names no functions; use '%s!0xADDRESS', or build it "
			"without stripping",
			module->name, module->name);
	else if (!exported)
		text_printf(explanation->reason,
			    "%s is stripped and exports no functions; name one of a library ('*!name'), use "
			    "'%s!0xADDRESS', "
			    "or install its debug symbols",
			    module->name, module->name);
	else
		text_printf(explanation->reason,
			    "%s has no symbol table, only %zu exported function%s; name one of those, use "
			    "'%s!0xADDRESS', or install its debug symbols",
			    module->name, exported, exported == 1 ? "" : "s", module->name);
	sym_suggest_put(suggest, "", explanation->reason);
}

static void explain_name(const struct explanation *explanation)
{
	const struct sym_spec *spec = explanation->spec;
	struct sym_suggest suggest;
	char *list;

	if (spec->kind == SYM_SPEC_NAME && (explain_finding(explanation) || explain_inlined(explanation)))
		return;
	sym_suggest_start(&suggest, spec->pattern);
	offer_names(explanation, &suggest);
	if (is_stripped(explanation->modules[0])) {
		explain_stripped(explanation, &suggest);
	} else {
		text_puts(explanation->reason, spec->kind == SYM_SPEC_GLOB ? "no function matches in "
									   : "no function of that name in ");
		put_where(explanation);
		list = mem_printf("; 'nm -C %s' lists them", explanation->modules[0]->path);
		sym_suggest_put(&suggest, list, explanation->reason);
		free(list);
	}
	sym_suggest_end(&suggest);
}

void sym_explain_no_match(const struct sym_spec *spec, struct sym_module *const *modules, size_t count,
			  struct text *reason)
{
	struct explanation explanation = {.spec = spec, .reason = reason};

	explanation.modules = mem_alloc((count + 1) * sizeof(*explanation.modules));
	for (size_t at = 0; at < count; at++)
		if (sym_spec_takes_module(spec, modules[at]))
			explanation.modules[explanation.count++] = modules[at];
	if (!explanation.count)
		explain_modules(spec, modules, count, reason);
	else if (spec->kind == SYM_SPEC_ADDRESS)
		explain_address(&explanation);
	else if (spec->file)
		explain_file(&explanation);
	else
		explain_name(&explanation);
	free(explanation.modules);
}

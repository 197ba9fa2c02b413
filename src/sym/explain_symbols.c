#include "explain.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"

enum finding sym_symbol_classify(const struct sym_module *module, const struct sym_symbol *symbol)
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

static bool is_version(const struct sym_spec *spec, const char *version)
{
	return version && strcmp(spec->version, version) == 0;
}

static enum finding find_in_table(const struct sym_module *module, const struct sym_table *table,
				  const struct sym_spec *spec, uint64_t *address)
{
	enum finding best = FOUND_NOTHING;
	struct sym_symbol symbol;

	for (size_t at = 0; at < table->count; at++) {
		enum finding found;

		if (!sym_table_get(table, at, &symbol))
			continue;
		found = sym_symbol_classify(module, &symbol);
		if (found <= best || sym_spec_takes_piece(spec, symbol.name) == SYM_MATCH_NONE)
			continue;
		if (found == FOUND_FUNCTION && sym_name_split(symbol.name).piece)
			found = FOUND_PIECE;
		else if (found == FOUND_IFUNC && spec->version &&
			 !is_version(spec, sym_symbol_version(module, table, at, &symbol)))
			found = FOUND_FUNCTION;
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
				find_in_table(module, tables[table], explanation->spec, &value);

			if (found > best) {
				best = found;
				*where = module;
				*address = value;
			}
		}
	}
	return best;
}

/* As a word: __wmemset_sse2 is nothing that memset chooses from. */
static bool bears_name(const char *symbol, const char *name)
{
	for (const char *at = symbol; (at = strstr(at, name)); at++)
		if (at == symbol || !isalnum((unsigned char)at[-1]))
			return true;
	return false;
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
		    symbol.value != resolver && bears_name(symbol.name, name) &&
		    !sym_name_split(symbol.name).piece)
			text_printf(reason, "%s'%s'", told++ ? ", " : ", such as ", symbol.name);
}

static bool explain_version(const struct explanation *explanation, const struct sym_module *module)
{
	const struct sym_spec *spec = explanation->spec;

	if (strcmp(spec->version, "plt") == 0)
		text_printf(explanation->reason,
			    "'%s' is a jump to the function, which not every call takes; name '%s'",
			    spec->text, spec->pattern);
	else
		text_printf(
			explanation->reason,
			"'%s' of %s has no version '%s'; 'nm -D %s' shows which it has, or write '%s' alone",
			spec->pattern, module->name, spec->version, module->path, spec->pattern);
	return true;
}

bool explain_finding(const struct explanation *explanation)
{
	const char *name = explanation->spec->pattern;
	struct text *reason = explanation->reason;
	struct sym_module *module = NULL;
	uint64_t address = 0;
	const enum finding found = find_name(explanation, &module, &address);

	/* What else a pattern happens to take explains nothing. */
	if (explanation->spec->kind != SYM_SPEC_NAME && found != FOUND_IFUNC)
		return false;
	switch (found) {
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
		if (explanation->spec->version)
			return explain_version(explanation, module);
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

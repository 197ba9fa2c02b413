#include "explain.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cxxname.h"
#include "demangle.h"
#include "pattern.h"
#include "suggest.h"

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

/* ---- what is like it --------------------------------------------------- */

/* As people would write it. */
static char *shown_name(const struct explanation *explanation, const struct sym_symbol *symbol,
			const struct sym_name *split, enum sym_demangled form)
{
	char *demangled = sym_demangle(symbol->name, split->base, form), *stripped = NULL;

	if (!demangled)
		return mem_strndup(symbol->name, split->length);
	if (form == SYM_DEMANGLED_NAME && !strchr(explanation->spec->pattern, '<'))
		stripped = cxx_name_strip(demangled);
	if (!stripped)
		return demangled;
	free(demangled);
	return stripped;
}

typedef void visitor(const struct explanation *explanation, const struct sym_symbol *symbol,
		     const struct sym_name *split, void *context);

static void visit_functions(const struct explanation *explanation, visitor *visit, void *context)
{
	for (size_t at = 0; at < explanation->count; at++) {
		struct sym_module *module = explanation->modules[at];
		const struct sym_table *table = sym_module_functions(module);
		struct sym_symbol symbol;

		for (size_t index = 0; index < table->count; index++) {
			struct sym_name split;

			if (!sym_table_get(table, index, &symbol) || !sym_symbol_is_function(module, &symbol))
				continue;
			split = sym_name_split(symbol.name);
			if (!split.piece)
				visit(explanation, &symbol, &split, context);
		}
	}
}

static void offer_near(const struct explanation *explanation, const struct sym_symbol *symbol,
		       const struct sym_name *split, void *suggest)
{
	char *name = shown_name(explanation, symbol, split, SYM_DEMANGLED_NAME);

	sym_suggest_offer(suggest, name, strlen(name));
	free(name);
}

/* Who names no module means the program first of all: of libraries only what is nearly the same is near. */
static void offer_all_near(const struct explanation *explanation, struct sym_suggest *suggest)
{
	struct explanation part = *explanation;

	if (!explanation->spec->module)
		part.count = 1;
	visit_functions(&part, offer_near, suggest);
	suggest->distant = true;
	part.modules += part.count;
	part.count = explanation->count - part.count;
	visit_functions(&part, offer_near, suggest);
}

/* In letters of either case. */
struct cases {
	struct sym_suggest *suggest;
	regex_t expression;
};

static void offer_other_case(const struct explanation *explanation, const struct sym_symbol *symbol,
			     const struct sym_name *split, void *context)
{
	const struct sym_spec *spec = explanation->spec;
	struct cases *cases = context;
	char *name = shown_name(explanation, symbol, split, SYM_DEMANGLED_NAME);

	if (spec->kind == SYM_SPEC_GLOB ? fnmatch(spec->compiled->glob, name, FNM_CASEFOLD) == 0
					: regexec(&cases->expression, name, 0, NULL, 0) == 0)
		sym_suggest_offer_match(cases->suggest, name);
	free(name);
}

static void offer_other_cases(const struct explanation *explanation, struct sym_suggest *suggest)
{
	const struct sym_spec *spec = explanation->spec;
	struct cases cases = {.suggest = suggest};

	if (spec->kind == SYM_SPEC_GLOB) {
		visit_functions(explanation, offer_other_case, &cases);
	} else if (regcomp(&cases.expression, spec->pattern, REG_EXTENDED | REG_NOSUB | REG_ICASE) == 0) {
		visit_functions(explanation, offer_other_case, &cases);
		regfree(&cases.expression);
	}
}

/* ---- other parameters -------------------------------------------------- */

struct overloads {
	struct sym_spec spec; /* without parameters */
	struct sym_suggest suggest;
};

static void offer_overload(const struct explanation *explanation, const struct sym_symbol *symbol,
			   const struct sym_name *split, void *context)
{
	struct overloads *overloads = context;
	char *name;

	if (sym_spec_takes_name(&overloads->spec, symbol->name) == SYM_MATCH_NONE)
		return;
	name = shown_name(explanation, symbol, split, SYM_DEMANGLED_SIGNATURE);
	sym_suggest_offer_match(&overloads->suggest, name);
	free(name);
}

static bool explain_overloads(const struct explanation *explanation)
{
	struct overloads overloads = {0};
	struct error ignored = {0};
	char *name = cxx_name_without_parameters(explanation->spec->pattern);
	bool found = false;

	if (name && sym_spec_parse(name, &overloads.spec, &ignored) == 0) {
		sym_suggest_start(&overloads.suggest, explanation->spec->pattern);
		visit_functions(explanation, offer_overload, &overloads);
		found = overloads.suggest.count;
		if (found) {
			text_printf(explanation->reason, "'%s' has other parameters in ", name);
			explain_put_where(explanation);
			sym_suggest_put(&overloads.suggest, "", explanation->reason);
		}
		sym_suggest_end(&overloads.suggest);
		sym_spec_free(&overloads.spec);
	}
	error_free(&ignored);
	free(name);
	return found;
}

/* ---- the whole --------------------------------------------------------- */

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

void explain_unknown_name(const struct explanation *explanation)
{
	const struct sym_spec *spec = explanation->spec;
	struct sym_suggest suggest;
	char *list;

	if (spec->kind == SYM_SPEC_NAME && spec->compiled->has_parameters && explain_overloads(explanation))
		return;
	sym_suggest_start(&suggest, spec->pattern);
	if (spec->kind == SYM_SPEC_NAME)
		offer_all_near(explanation, &suggest);
	else
		offer_other_cases(explanation, &suggest);
	if (is_stripped(explanation->modules[0])) {
		explain_stripped(explanation, &suggest);
	} else {
		text_puts(explanation->reason, spec->kind == SYM_SPEC_NAME ? "no function of that name in "
									   : "no function matches in ");
		explain_put_where(explanation);
		list = mem_printf("; 'nm -C %s' lists them", explanation->modules[0]->path);
		sym_suggest_put(&suggest, list, explanation->reason);
		free(list);
	}
	sym_suggest_end(&suggest);
}

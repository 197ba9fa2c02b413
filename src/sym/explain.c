/*
 * Why a spec matched nothing, and what its user can do.
 */
#include <stdlib.h>
#include <string.h>

#include "dwarf.h"
#include "explain.h"
#include "suggest.h"

enum { MODULES_TOLD = 5, PLACES_TOLD = 3 };

void explain_put_where(const struct explanation *explanation)
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
	explain_put_where(explanation);
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

/* ---- debug information ------------------------------------------------- */

/* The first function that has no code of its own, and where it is inlined. */
static bool put_inlined(const struct explanation *explanation, const struct sym_module *module,
			const struct sym_dwarf_answer *answer)
{
	const struct sym_dwarf_place *places;
	size_t count = 0, at = 0;

	for (; at < answer->inlined_count && !count; at++)
		if (!answer->inlined[at].has_code)
			count = sym_dwarf_places(answer, answer->inlined[at].identity, &places);
	if (!count)
		return false;
	text_printf(explanation->reason, "'%s' of %s is only inlined, at %zu place%s (",
		    explanation->spec->pattern, module->name, count, count == 1 ? "" : "s");
	for (at = 0; at < count && at < PLACES_TOLD; at++)
		text_printf(explanation->reason, "%s%s:%u", at ? ", " : "", sym_path_last(places[at].file),
			    places[at].line);
	text_printf(explanation->reason, "%s); name the functions there, or build with -fno-inline",
		    count > PLACES_TOLD ? ", …" : "");
	return true;
}

/* A library's separate debug file is large; it is read only if the spec
 * speaks of that library alone. */
static bool explain_inlined(const struct explanation *explanation)
{
	const struct sym_dwarf_details no_code = {0};
	bool explained = false;

	for (size_t at = 0; at < explanation->count && !explained; at++) {
		struct sym_module *module = explanation->modules[at];
		struct sym_dwarf_answer answer;
		struct error ignored = {0};

		if (explanation->count > 1 && !module->elf->has_dwarf)
			continue;
		explained = sym_dwarf_ask(module, explanation->spec, &no_code, &answer, &ignored) > 0 &&
			    put_inlined(explanation, module, &answer);
		sym_dwarf_answer_free(&answer);
		error_free(&ignored);
	}
	return explained;
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
	const int asked = sym_dwarf_ask(module, spec, NULL, &answer, &err);

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
	sym_dwarf_answer_free(&answer);
	error_free(&err);
}

/* Its functions are called so; no file has them. */
static bool explain_vdso(const struct explanation *explanation)
{
	static const char prefix[] = "__vdso_";
	const char *name = explanation->spec->pattern;

	if (explanation->spec->kind == SYM_SPEC_REGEX && *name == '^')
		name++;
	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return false;
	text_printf(
		explanation->reason,
		"functions of the vDSO cannot be traced: it is the kernel's code, in no file and shared by "
		"all programs; name the function of libc that calls it: '*!%s'",
		explanation->spec->kind == SYM_SPEC_NAME ? name + strlen(prefix) : "clock_gettime");
	return true;
}

static void explain_name(const struct explanation *explanation)
{
	if (!explain_finding(explanation) && !explain_vdso(explanation) &&
	    (explanation->spec->kind != SYM_SPEC_NAME || !explain_inlined(explanation)))
		explain_unknown_name(explanation);
}

void sym_explain_no_match(const struct sym_spec *spec, struct sym_module *const *modules, size_t count,
			  struct text *reason)
{
	struct explanation explanation = {.spec = spec, .reason = reason};

	explanation.modules = mem_alloc((count + 1) * sizeof(*explanation.modules));
	for (size_t at = 0; at < count; at++)
		if (sym_spec_takes_module(spec, modules[at]))
			explanation.modules[explanation.count++] = modules[at];
	if (spec->kind == SYM_SPEC_ADDRESS && !spec->module && explanation.count)
		explanation.count = 1; /* it is one of the program */
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

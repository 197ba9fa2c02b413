#include "match.h"

#include <stdlib.h>
#include <string.h>

void matches_free(struct matches *matches)
{
	for (size_t i = 0; i < matches->count; i++)
		sym_function_free(&matches->items[i].function);
	free(matches->items);
	*matches = (struct matches){0};
}

enum { NAMES_TOLD = 5 };

/* Keeps those whose code is known; the names of the others are put into `unknown`. */
static void resolve_ifuncs(const struct recorded *recorded, const struct loaded_module *module,
			   struct sym_functions *functions, struct text *unknown)
{
	size_t kept = 0, dropped = 0;

	for (size_t i = 0; i < functions->count; i++) {
		struct sym_function *function = &functions->items[i];

		if (!function->indirect || ifunc_resolve(recorded, module, function)) {
			functions->items[kept++] = *function;
			continue;
		}
		if (dropped++ < NAMES_TOLD)
			text_printf(unknown, "%s'%s'", unknown->length ? ", " : "", function->name);
		sym_function_free(function);
	}
	if (dropped > NAMES_TOLD)
		text_printf(unknown, " and %zu more", dropped - NAMES_TOLD);
	functions->count = kept;
}

/* -1 only if reading failed; what there is to match in a module may be nothing. */
static int find_functions(const struct recorded *recorded, const struct sym_spec *spec, size_t index,
			  struct sym_functions *functions, struct text *unknown, struct error *err)
{
	const struct loaded_module *module = &recorded->modules.items[index];

	if (sym_module_find(module->file, spec, functions, err) < 0)
		return -1;
	resolve_ifuncs(recorded, module, functions, unknown);
	return (int)functions->count;
}

/* If it is all that the spec names, at the start, the reason why nothing matches says it. */
static void note_unknown(const struct recorded *recorded, const struct sym_spec *spec, int count,
			 const struct text *unknown)
{
	char *text;

	if (!unknown->length || (count == 0 && !recorded->recorder->writer))
		return;
	text = mem_printf(
		"function '%s': not recorded: %s: IFUNCs whose code is not chosen yet; name that code",
		spec->text, unknown->data);
	recorder_note(recorded->recorder, text);
	free(text);
}

static int match_in_module(struct recorded *recorded, const struct sym_spec *spec, size_t module,
			   struct matches *matches, struct error *err)
{
	struct sym_functions functions = {0};
	struct text unknown = {0};
	const int count = find_functions(recorded, spec, module, &functions, &unknown, err);

	if (!recorded->recorder->writer) /* later the program would wait for it */
		sym_module_tell_inlined(recorded->modules.items[module].file, spec, &functions);
	for (size_t i = 0; i < functions.count; i++) {
		matches->items = array_reserve(matches->items, &matches->capacity, matches->count + 1,
					       sizeof(*matches->items));
		matches->items[matches->count++] =
			(struct match){.module = module, .function = functions.items[i]};
	}
	free(functions.items); /* what they hold has moved */
	note_unknown(recorded, spec, count, &unknown);
	text_free(&unknown);
	return count;
}

int match_spec(struct recorded *recorded, const struct sym_spec *spec, bool only_new, struct matches *matches,
	       struct error *err)
{
	int total = 0;

	for (size_t i = 0; i < recorded->modules.count; i++) {
		int count;

		/* A bare address is one of the program: each library has code at nearly all of them. */
		if ((only_new && !recorded->modules.items[i].is_new) ||
		    (i > 0 && !spec->module && spec->kind == SYM_SPEC_ADDRESS) ||
		    !sym_spec_takes_module(spec, recorded->modules.items[i].file))
			continue;
		count = match_in_module(recorded, spec, i, matches, err);
		if (count < 0)
			return -1;
		total += count;
		if (!spec->module && total && i == 0)
			break;
	}
	return total;
}

bool match_is_pending(const struct recorded *recorded, const struct sym_spec *spec)
{
	if (!spec->module)
		return false;
	/* A pattern that happens to take the program too may mean libraries that come later: plugin*!start. */
	for (size_t i = strpbrk(spec->module, "*?[") ? 1 : 0; i < recorded->modules.count; i++)
		if (sym_spec_takes_module(spec, recorded->modules.items[i].file))
			return false;
	return true;
}

/* ---- taking away ------------------------------------------------------- */

static bool has_match(const struct matches *matches, size_t module)
{
	for (size_t i = 0; i < matches->count; i++)
		if (matches->items[i].module == module)
			return true;
	return false;
}

static int take_away(struct matches *matches, size_t module, const struct sym_functions *functions)
{
	struct table addresses = {0};
	const size_t before = matches->count;
	size_t kept = 0;

	for (size_t i = 0; i < functions->count; i++)
		table_put(&addresses, functions->items[i].address, &functions->items[i]);
	for (size_t i = 0; i < before; i++) {
		struct match *match = &matches->items[i];

		if (match->module == module && table_get(&addresses, match->function.address))
			sym_function_free(&match->function);
		else
			matches->items[kept++] = *match;
	}
	table_free(&addresses);
	matches->count = kept;
	return (int)(before - kept);
}

int match_exclude(struct recorded *recorded, const struct sym_spec *spec, struct matches *matches,
		  struct error *err)
{
	int total = 0;

	for (size_t i = 0; i < recorded->modules.count; i++) {
		struct sym_functions functions = {0};
		struct text unknown = {0};
		int count;

		if (!has_match(matches, i))
			continue;
		count = find_functions(recorded, spec, i, &functions, &unknown, err);
		if (count > 0)
			total += take_away(matches, i, &functions);
		sym_functions_free(&functions);
		text_free(&unknown);
		if (count < 0)
			return -1;
	}
	return total;
}

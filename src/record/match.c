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

/* -1 only if reading failed; what there is to match in a module may be nothing. */
static int match_in_module(struct recorded *recorded, const struct sym_spec *spec, size_t module,
			   struct matches *matches, struct error *err)
{
	struct sym_functions functions = {0};
	int count = sym_module_find(recorded->modules.items[module].file, spec, &functions, err);

	for (size_t i = 0; i < functions.count; i++) {
		matches->items = array_reserve(matches->items, &matches->capacity, matches->count + 1,
					       sizeof(*matches->items));
		matches->items[matches->count++] =
			(struct match){.module = module, .function = functions.items[i]};
	}
	free(functions.items); /* what they hold has moved */
	return count;
}

int match_spec(struct recorded *recorded, const struct sym_spec *spec, bool only_new, struct matches *matches,
	       struct error *err)
{
	int total = 0;

	for (size_t i = 0; i < recorded->modules.count; i++) {
		int count;

		if ((only_new && !recorded->modules.items[i].is_new) ||
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
	for (size_t i = 0; i < recorded->modules.count; i++)
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
		int count;

		if (!has_match(matches, i))
			continue;
		count = sym_module_find(recorded->modules.items[i].file, spec, &functions, err);
		if (count > 0)
			total += take_away(matches, i, &functions);
		sym_functions_free(&functions);
		if (count < 0)
			return -1;
	}
	return total;
}

/*
 * Functions that are inlined in places: calls that are not there cannot be recorded, and who names one should know.
 */
#include <stdlib.h>

#include "dwarf.h"

/* What is read without need must not be felt: some 8 ms a MiB. */
static const uint64_t read_in_a_moment = UINT64_C(1) << 20;

void sym_inlined_tell(struct sym_module *module, const struct sym_spec *spec,
		      const struct sym_inlined *inlined)
{
	const bool several = inlined->functions > 1;

	if (inlined->functions)
		sym_trouble_add(&module->trouble, "%s%s: %llu place%s where %s inlined cannot be bracketed",
				several ? "function " : "", several ? spec->text : inlined->name,
				(unsigned long long)inlined->places, inlined->places == 1 ? "" : "s",
				several ? "functions of it are" : "it is");
}

static int by_number(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

int sym_dwarf_ask_of(struct sym_module *module, uint64_t *addresses, size_t count, uint64_t size_limit,
		     struct sym_dwarf_answer *answer, struct error *err)
{
	static const struct sym_spec any = {.kind = SYM_SPEC_ADDRESS};
	const struct sym_dwarf_details details = {
		.addresses = addresses, .count = count, .only_addresses = true, .size_limit = size_limit};

	qsort(addresses, count, sizeof(*addresses), by_number);
	return sym_dwarf_ask(module, &any, &details, answer, err);
}

static const char *name_at(const struct sym_functions *functions, uint64_t address)
{
	for (size_t at = 0; at < functions->count; at++)
		if (functions->items[at].address == address)
			return functions->items[at].name;
	return NULL;
}

void sym_module_tell_inlined(struct sym_module *module, const struct sym_spec *spec,
			     const struct sym_functions *functions)
{
	uint64_t *addresses;
	struct sym_inlined inlined = {0};
	struct sym_dwarf_answer answer;
	struct error ignored = {0};

	/* A separate debug file is not looked for. */
	if (spec->kind != SYM_SPEC_NAME || spec->file || !functions->count ||
	    (!module->elf->has_dwarf && !module->elf->debug))
		return;
	addresses = mem_alloc(functions->count * sizeof(*addresses));
	for (size_t at = 0; at < functions->count; at++)
		addresses[at] = functions->items[at].address;
	sym_dwarf_ask_of(module, addresses, functions->count, read_in_a_moment, &answer, &ignored);
	for (size_t at = 0; at < answer.count; at++) {
		const struct sym_dwarf_function *function = &answer.functions[at];
		const struct sym_dwarf_place *places;
		const size_t count =
			sym_dwarf_places(&answer,
					 sym_dwarf_identity(function->name, function->linkage_name,
							    function->file, function->line),
					 &places);

		if (!count)
			continue;
		inlined.functions++;
		inlined.places += count;
		inlined.name = name_at(functions, function->address);
	}
	sym_inlined_tell(module, spec, &inlined);
	sym_dwarf_answer_free(&answer);
	error_free(&ignored);
	free(addresses);
}

/*
 * A function named by its address.
 */
#include "matches.h"

/* The function around the address; its name is NULL if no symbol is there. */
static struct sym_symbol symbol_around(struct sym_module *module, uint64_t address)
{
	const struct sym_table *table = sym_module_functions(module);
	struct sym_symbol symbol, best = {0};

	for (size_t at = 0; at < table->count; at++) {
		if (!sym_table_get(table, at, &symbol) || symbol.value > address ||
		    (symbol.value != address && address - symbol.value >= symbol.size) ||
		    !sym_symbol_is_function(module, &symbol))
			continue;
		if (!best.name || symbol.value > best.value ||
		    (symbol.value == best.value && best.binding == STB_LOCAL && symbol.binding != STB_LOCAL))
			best = symbol;
	}
	return best;
}

/* In code that is unwound as one, assemblers may have several labels to enter it. */
static bool has_label(struct sym_module *module, uint64_t address)
{
	const struct sym_table *table = sym_module_functions(module);
	struct sym_symbol symbol;

	for (size_t at = 0; at < table->count; at++)
		if (sym_table_get(table, at, &symbol) && symbol.value == address && symbol.defined &&
		    *symbol.name && symbol.type == STT_NOTYPE)
			return true;
	return false;
}

/* A trap inside of an instruction would change what the program does. -1 if one could be, as far as the file tells
 * where functions begin. */
static int check_start(struct sym_module *module, uint64_t address, const struct sym_symbol *symbol,
		       struct error *err)
{
	const unsigned long long shown = address;
	uint64_t start;

	if (symbol->name && symbol->value == address)
		return 0;
	if (symbol->name)
		return error_set(err, STATUS_FAILED,
				 "0x%llx: inside of '%s' of %s, which begins at 0x%llx; name that address",
				 shown, symbol->name, module->name, (unsigned long long)symbol->value);
	if (has_label(module, address))
		return 0;
	if (sym_module_unwind_start(module, address, &start))
		return start == address
			       ? 0
			       : error_set(err, STATUS_FAILED,
					   "0x%llx: inside of code of %s that begins at 0x%llx; name "
					   "that address",
					   shown, module->name, (unsigned long long)start);
	if (sym_module_functions(module) != &module->elf->dynsym)
		return error_set(err, STATUS_FAILED,
				 "0x%llx: no function of %s is there; 'fmprof symbols' lists their addresses",
				 shown, module->name);
	sym_trouble_add(
		&module->trouble,
		"0x%llx: nothing in %s tells whether a function begins there; if none does, the program "
		"may go wrong",
		shown, module->name);
	return 0;
}

int sym_find_by_address(struct sym_module *module, const struct sym_spec *spec,
			struct sym_functions *functions, struct error *err)
{
	const uint64_t address = spec->address;
	struct sym_function *function;
	struct sym_symbol symbol;

	if (!address || !sym_module_executes(module, address))
		return 0;
	symbol = symbol_around(module, address);
	if (check_start(module, address, &symbol, err) < 0)
		return -1;
	function = sym_function_add(functions);
	function->address = address;
	if (!symbol.name) {
		function->name = mem_printf("0x%llx", (unsigned long long)address);
		function->full_name = mem_strdup(function->name);
		return 1;
	}
	sym_function_name(function, spec, symbol.name, NULL);
	function->size = symbol.size;
	return 1;
}

/*
 * Which code runs for an IFUNC. The dynamic linker has asked the function that chooses for every
 * relocation of the modules at start, before the hook that resolve.c waits at; the answers are
 * read out of the modules' memory.
 */
#include <stdlib.h>

#include "match.h"

static bool is_code_of(const struct loaded_module *module, uint64_t address)
{
	unsigned char byte;

	return address >= module->start && address < module->end &&
	       sym_module_code(module->file, address - module->bias, &byte, 1) == 1;
}

/* Until a slot of lazy binding is used it leads into the module's own PLT, as in the file. */
static bool is_filled(const struct loaded_module *module, const struct sym_slot *slot, uint64_t value)
{
	return value && value != slot->content && value != slot->content + module->bias;
}

static bool read_slot(const struct recorded *recorded, const struct loaded_module *module,
		      const struct sym_slot *slot, uint64_t *value)
{
	return space_read(recorded->process->space, module->bias + slot->address, value, sizeof(*value)) ==
		       sizeof(*value) &&
	       is_filled(module, slot, *value);
}

bool ifunc_resolve(const struct recorded *recorded, const struct loaded_module *definer,
		   struct sym_function *function)
{
	for (size_t i = 0; i < recorded->modules.count; i++) {
		const struct loaded_module *module = &recorded->modules.items[i];
		struct sym_slot *slots;
		const size_t count = sym_module_slots(module->file, function, module == definer, &slots);
		uint64_t value = 0;
		bool found = false;

		for (size_t at = 0; at < count && !found; at++)
			found = read_slot(recorded, module, &slots[at], &value) &&
				is_code_of(definer, value) && value - definer->bias != function->address;
		free(slots);
		if (!found)
			continue;
		function->address = value - definer->bias;
		function->size = 0;
		function->indirect = false;
		return true;
	}
	return false;
}

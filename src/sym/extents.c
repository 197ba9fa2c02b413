#include "extents.h"

#include <stdlib.h>

struct sym_extent {
	uint64_t start, size;
};

static int by_start(const void *left, const void *right)
{
	const struct sym_extent *a = left, *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

void sym_extents_fill(struct sym_extents *extents, struct sym_module *module)
{
	const struct sym_table *table = sym_module_functions(module);
	struct sym_symbol symbol;

	for (size_t at = 0; at < table->count; at++) {
		if (!sym_table_get(table, at, &symbol) || !sym_symbol_is_function(module, &symbol))
			continue;
		extents->items = array_reserve(extents->items, &extents->capacity, extents->count + 1,
					       sizeof(*extents->items));
		extents->items[extents->count++] =
			(struct sym_extent){.start = symbol.value, .size = symbol.size};
	}
	if (extents->count)
		qsort(extents->items, extents->count, sizeof(*extents->items), by_start);
}

bool sym_extents_enclose(const struct sym_extents *extents, uint64_t address)
{
	const struct sym_extent *before;
	size_t low = 0, high = extents->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (extents->items[middle].start < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	before = &extents->items[low - 1];
	return address - before->start < before->size;
}

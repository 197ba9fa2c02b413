#include "highs.h"

#include <stdlib.h>

#include "fmprof/util.h"

void highs_add(struct highs *highs, uint64_t begun, uint64_t rss)
{
	while (highs->count > 0 && highs->items[highs->count - 1].rss <= rss)
		highs->count--;
	/* A higher one of the same time stays the answer to all questions. */
	if (highs->count > 0 && highs->items[highs->count - 1].begun >= begun)
		return;
	highs->items = array_reserve(highs->items, &highs->capacity, highs->count + 1, sizeof(*highs->items));
	highs->items[highs->count++] = (struct high){.begun = begun, .rss = rss};
}

uint64_t highs_since(const struct highs *highs, uint64_t call)
{
	size_t low = 0, high = highs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (highs->items[middle].begun >= call)
			high = middle;
		else
			low = middle + 1;
	}
	return low < highs->count ? highs->items[low].rss : 0;
}

void highs_prune(struct highs *highs, const uint64_t *open, size_t open_count)
{
	size_t kept = 0, next = 0;

	for (size_t i = 0; i < highs->count; i++) {
		/* Asked for by open calls behind the item before, up to this one. */
		if (next < open_count && open[next] <= highs->items[i].begun)
			highs->items[kept++] = highs->items[i];
		while (next < open_count && open[next] <= highs->items[i].begun)
			next++;
	}
	highs->count = kept;
}

void highs_free(struct highs *highs)
{
	free(highs->items);
	*highs = (struct highs){0};
}

#include <stdlib.h>

#include "fmprof/sample.h"

void sample_peaks_free(struct sample_peaks *peaks)
{
	free(peaks->items);
	*peaks = (struct sample_peaks){0};
}

void sample_peaks_reach(struct sample_peaks *peaks, uint64_t rss)
{
	struct sample_stretch *items = peaks->items;
	size_t count = peaks->count;

	/* Since the newest is the lowest, there is nothing to do most of the time. */
	if (count && items[count - 1].number == peaks->number && items[count - 1].highest >= rss)
		return;
	while (count && items[count - 1].highest <= rss)
		count--;
	items = array_reserve(items, &peaks->capacity, count + 1, sizeof(*items));
	items[count] = (struct sample_stretch){.number = peaks->number, .highest = rss};
	peaks->items = items;
	peaks->count = count + 1;
}

uint64_t sample_peaks_begin(struct sample_peaks *peaks, uint64_t rss)
{
	peaks->number++;
	sample_peaks_reach(peaks, rss);
	return peaks->number;
}

void sample_peaks_guess(struct sample_peaks *peaks)
{
	peaks->guessed = peaks->number;
}

uint64_t sample_peaks_since(const struct sample_peaks *peaks, uint64_t number, bool *exact)
{
	size_t low = 0, high = peaks->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (peaks->items[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	*exact = peaks->guessed < number;
	return low < peaks->count ? peaks->items[low].highest : 0;
}

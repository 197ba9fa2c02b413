#include <stdlib.h>

#include "fmprof/sample.h"

/* Since the newest is the lowest, there is nothing to do most of the time. */
static void falling_put(struct sample_falling *falling, uint64_t number, uint64_t rss)
{
	struct sample_stretch *items = falling->items;
	size_t count = falling->count;

	if (count && items[count - 1].number == number && items[count - 1].rss >= rss)
		return;
	while (count && items[count - 1].rss <= rss)
		count--;
	items = array_reserve(items, &falling->capacity, count + 1, sizeof(*items));
	items[count] = (struct sample_stretch){.number = number, .rss = rss};
	falling->items = items;
	falling->count = count + 1;
}

static uint64_t falling_since(const struct sample_falling *falling, uint64_t number)
{
	size_t low = 0, high = falling->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (falling->items[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < falling->count ? falling->items[low].rss : 0;
}

void sample_peaks_free(struct sample_peaks *peaks)
{
	free(peaks->highest.items);
	free(peaks->guesses.items);
	*peaks = (struct sample_peaks){0};
}

uint64_t sample_peaks_begin(struct sample_peaks *peaks, uint64_t rss)
{
	peaks->number++;
	sample_peaks_reach(peaks, rss);
	return peaks->number;
}

void sample_peaks_reach(struct sample_peaks *peaks, uint64_t rss)
{
	falling_put(&peaks->highest, peaks->number, rss);
}

void sample_peaks_guess(struct sample_peaks *peaks, uint64_t most)
{
	falling_put(&peaks->guesses, peaks->number, most);
}

uint64_t sample_peaks_since(const struct sample_peaks *peaks, uint64_t number, bool *exact)
{
	uint64_t highest = falling_since(&peaks->highest, number);

	*exact = falling_since(&peaks->guesses, number) <= highest;
	return highest;
}

#include "passing.h"

#include <stdlib.h>

#include "highs.h"

/* The memory of one process, or of the tree. */
struct series {
	struct highs highs;
	uint64_t begun_at_peak; /* how many calls had begun at the last sample with a peak */
};

static struct series *series_get(struct passing *passing, pid_t pid)
{
	uint64_t key = (uint64_t)(uint32_t)pid;
	struct series *series = table_get(&passing->series, key);

	if (!series) {
		series = mem_alloc(sizeof(*series));
		table_put(&passing->series, key, series);
	}
	return series;
}

static int number_compare(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

static void series_prune(struct highs *highs, const struct table *open)
{
	uint64_t *numbers = mem_alloc((open->used + 1) * sizeof(*numbers));
	size_t count = 0, position = 0;
	const void *number;

	while ((number = table_next(open, &position, NULL)))
		numbers[count++] = (uint64_t)(uintptr_t)number;
	qsort(numbers, count, sizeof(*numbers), number_compare);
	highs_prune(highs, numbers, count);
	free(numbers);
}

void passing_sample(struct passing *passing, pid_t pid, const struct passing_reading *reading,
		    const struct table *open)
{
	struct series *series = series_get(passing, pid);

	/* The highest since the sample before: only calls that had begun by then can claim it. */
	if (reading->peak > 0) {
		highs_add(&series->highs, series->begun_at_peak, reading->peak);
		series->begun_at_peak = reading->begun;
	}
	highs_add(&series->highs, reading->begun, reading->rss);
	if (series->highs.count > 2 * open->used + 64)
		series_prune(&series->highs, open);
}

uint64_t passing_highest(const struct passing *passing, pid_t pid, uint64_t number)
{
	const struct series *series = table_get(&passing->series, (uint64_t)(uint32_t)pid);

	return series ? highs_since(&series->highs, number) : 0;
}

void passing_free(struct passing *passing)
{
	struct series *series;
	size_t position = 0;

	while ((series = table_next(&passing->series, &position, NULL))) {
		highs_free(&series->highs);
		free(series);
	}
	table_free(&passing->series);
}

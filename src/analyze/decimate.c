/* decimate: fewer samples that draw the same picture. */
#include "load.h"

/* The samples of one column that a line through all of them is drawn by. */
struct column {
	size_t first, lowest, highest, last;
};

static size_t sample_at_or_after(const struct run *run, uint64_t time_ns)
{
	size_t low = 0, high = run->sample_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (run->samples[middle].time_ns < time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The column that starts with sample `first`; it ends before sample `end` or time `until`. */
static struct column column_find(const struct run_sample *samples, size_t first, size_t end, uint64_t until)
{
	struct column column = {first, first, first, first};

	for (size_t i = first + 1; i < end && samples[i].time_ns < until; i++) {
		if (samples[i].rss < samples[column.lowest].rss)
			column.lowest = i;
		if (samples[i].rss > samples[column.highest].rss)
			column.highest = i;
		column.last = i;
	}
	return column;
}

/* `out` may be where the column itself begins. */
static size_t column_put(const struct run_sample *samples, const struct column *column,
			 struct run_sample *out)
{
	bool rises = column->lowest < column->highest;
	size_t picks[] = {
		column->first,
		rises ? column->lowest : column->highest,
		rises ? column->highest : column->lowest,
		column->last,
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof picks / sizeof picks[0]; i++) {
		if (i == 0 || picks[i] != picks[i - 1])
			out[count++] = samples[picks[i]];
	}
	return count;
}

/* The end of the column that a time lies in. */
static uint64_t column_until(uint64_t time_ns, uint64_t from_ns, uint64_t width)
{
	return time_ns + width - (time_ns - from_ns) % width;
}

size_t samples_window(struct run_sample *samples, size_t count, uint64_t from_ns, uint64_t to_ns)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		if (samples[i].time_ns > to_ns && used > 0 && samples[used - 1].time_ns > to_ns)
			break;
		/* Of those before, the last is always the first that is kept. */
		if (used > 0 && samples[i].time_ns < from_ns)
			used = 0;
		samples[used++] = samples[i];
	}
	return used;
}

size_t samples_thin(struct run_sample *samples, size_t count, size_t columns)
{
	size_t used = 0;

	samples_sort(samples, count);
	uint64_t from_ns = samples[0].time_ns;
	uint64_t width = (samples[count - 1].time_ns - from_ns) / columns + 1;
	for (size_t i = 0; i < count;) {
		struct column column =
			column_find(samples, i, count, column_until(samples[i].time_ns, from_ns, width));
		used += column_put(samples, &column, samples + used);
		i = column.last + 1;
	}
	return used;
}

struct run_sample *run_decimate(const struct run *run, uint64_t from_ns, uint64_t to_ns, unsigned columns,
				size_t *count)
{
	size_t begin = sample_at_or_after(run, from_ns);
	size_t end = to_ns < UINT64_MAX ? sample_at_or_after(run, to_ns + 1) : run->sample_count;
	uint64_t span = to_ns > from_ns ? to_ns - from_ns : 0;
	uint64_t width = span / (columns > 0 ? columns : 1) + 1; /* so that the last column holds to_ns */
	struct run_sample *out = NULL;
	size_t capacity = 0, used = 0;

	if (begin > 0) {
		out = array_reserve(out, &capacity, 1, sizeof *out);
		out[used++] = run->samples[begin - 1];
	}
	for (size_t i = begin; i < end;) {
		struct column column = column_find(run->samples, i, end,
						   column_until(run->samples[i].time_ns, from_ns, width));
		out = array_reserve(out, &capacity, used + 4, sizeof *out);
		used += column_put(run->samples, &column, out + used);
		i = column.last + 1;
	}
	if (end >= begin && end < run->sample_count) {
		out = array_reserve(out, &capacity, used + 1, sizeof *out);
		out[used++] = run->samples[end];
	}
	*count = used;
	return out;
}

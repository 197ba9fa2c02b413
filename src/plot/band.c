#include "band.h"

/* One column of pixels. */
struct column {
	uint64_t from_ns, to_ns, low, high;
	bool used;
};

static void column_put(struct picture *picture, const struct column *column, bool *any)
{
	/* What cannot be seen is left out. */
	if (!column->used ||
	    picture_pixel_y(picture, column->high) - picture_pixel_y(picture, column->low) < picture->scale)
		return;
	if (!*any)
		text_puts(picture->out, "$peaks << EOD\n");
	*any = true;
	text_printf(picture->out, "%.9g %.9g %.7g %.7g\n", picture_x(picture, column->from_ns),
		    picture_x(picture, column->to_ns), picture_y(picture, column->low),
		    picture_y(picture, column->high));
}

static const struct run_line *peaks_of(const struct run *run)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].kind == RUN_LINE_PEAKS)
			return &run->lines[i];
	return NULL;
}

/* Each peak is of the time since the one before; the lowest sample of that time is where its box begins. */
bool band_put(struct picture *picture)
{
	const struct run *run = picture->scene.run;
	const struct run_line *peaks = peaks_of(run);
	double pixels = picture->right - picture->left;
	uint64_t span = run->end_ns - run->start_ns;
	uint64_t width = (uint64_t)((double)span / (pixels > 1 ? pixels : 1)) + 1;
	struct column column = {0};
	size_t sample = 0;
	bool any = false;

	for (size_t i = 1; peaks && i < peaks->count; i++) {
		uint64_t from = peaks->points[i - 1].time_ns, to = peaks->points[i].time_ns, low = UINT64_MAX;
		while (sample + 1 < run->sample_count && run->samples[sample].time_ns < from)
			sample++;
		for (size_t at = sample; at < run->sample_count && run->samples[at].time_ns <= to; at++)
			low = run->samples[at].rss < low ? run->samples[at].rss : low;
		if (column.used && (to - run->start_ns) / width != (column.to_ns - run->start_ns) / width) {
			column_put(picture, &column, &any);
			column.used = false;
		}
		if (!column.used)
			column = (struct column){from, to, low, 0, true};
		column.to_ns = to;
		column.low = low < column.low ? low : column.low;
		column.high = peaks->points[i].rss > column.high ? peaks->points[i].rss : column.high;
	}
	column_put(picture, &column, &any);
	if (any)
		text_puts(picture->out, "EOD\n");
	return any;
}

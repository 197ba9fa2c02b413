#include "band.h"

enum { MANY = 50 }; /* points within one piece, of which only the highest is looked at then */

/* Stretches between marks that lie in one column of pixels. */
struct piece {
	uint64_t from_ns, to_ns, peak;
	size_t first, end; /* points of the curve in it, both ends included */
};

static void point_put(struct picture *picture, uint64_t time_ns, uint64_t low, uint64_t high)
{
	text_printf(picture->out, "%.9g %.7g %.7g\n", picture_x(picture, time_ns), picture_y(picture, low),
		    picture_y(picture, high > low ? high : low));
}

static void piece_put(struct picture *picture, const struct piece *piece, bool wide, bool *any)
{
	const struct run_sample *samples = picture->scene.curve;
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = piece->first; i < piece->end; i++) {
		low = samples[i].rss < low ? samples[i].rss : low;
		high = samples[i].rss > high ? samples[i].rss : high;
	}
	/* What cannot be seen is left out. */
	if (piece->first == piece->end ||
	    picture_pixel_y(picture, piece->peak) <
		    picture_pixel_y(picture, wide ? low : high) + picture->scale)
		return;
	text_puts(picture->out, *any ? "\n" : "$peaks << EOD\n");
	*any = true;
	if (wide && piece->end - piece->first < MANY) {
		for (size_t i = piece->first; i < piece->end; i++)
			point_put(picture, samples[i].time_ns, samples[i].rss, piece->peak);
		return;
	}
	point_put(picture, piece->from_ns, high, piece->peak);
	point_put(picture, piece->to_ns, high, piece->peak);
}

const struct run_line *band_marks(const struct run *run)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].kind == RUN_LINE_PEAKS)
			return &run->lines[i];
	return NULL;
}

bool band_put(struct picture *picture)
{
	const struct run *run = picture->scene.run;
	const struct run_line *marks = band_marks(run);
	double pixels = picture->right - picture->left;
	uint64_t width = (uint64_t)((double)(run->end_ns - run->start_ns) / (pixels > 1 ? pixels : 1)) + 1;
	size_t sample = 0;
	bool any = false;

	for (size_t i = 1; marks && i < marks->count;) {
		struct piece piece = {.from_ns = marks->points[i - 1].time_ns};
		do {
			piece.to_ns = marks->points[i].time_ns;
			if (marks->points[i].rss > piece.peak)
				piece.peak = marks->points[i].rss;
			i++;
		} while (i < marks->count && marks->points[i].time_ns < piece.from_ns + width);
		while (sample < picture->scene.curve_count &&
		       picture->scene.curve[sample].time_ns < piece.from_ns)
			sample++;
		piece.first = piece.end = sample;
		while (piece.end < picture->scene.curve_count &&
		       picture->scene.curve[piece.end].time_ns <= piece.to_ns)
			piece.end++;
		piece_put(picture, &piece, piece.to_ns - piece.from_ns >= 2 * width, &any);
	}
	if (any)
		text_puts(picture->out, "EOD\n");
	return any;
}

struct run_sample band_peak(const struct run *run)
{
	const struct run_line *marks = run->recording_count == 0 ? band_marks(run) : NULL;
	struct run_sample peak = {run->peak_sample_ns, run->peak_sample_rss};

	for (size_t i = 1; marks && i < marks->count; i++) {
		uint64_t from = marks->points[i - 1].time_ns, to = marks->points[i].time_ns;
		if (marks->points[i].rss > peak.rss && to >= from)
			peak = (struct run_sample){from + (to - from) / 2, marks->points[i].rss};
	}
	return peak;
}

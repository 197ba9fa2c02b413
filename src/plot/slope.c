/* slope: the trend of memory, as a line and in words. */
#include <math.h>

#include "picture.h"

struct trend {
	double slope, at_start; /* bytes per second, bytes */
	bool known;
};

/* Least squares over all samples, in seconds from the start. */
static struct trend trend_find(const struct run *run)
{
	double mean_x = 0, mean_y = 0, sxx = 0, sxy = 0, count = 0;

	for (size_t i = 0; i < run->sample_count; i++) {
		double x = (double)(int64_t)(run->samples[i].time_ns - run->start_ns) / 1e9;
		double off_x = x - mean_x, y = (double)run->samples[i].rss;
		count++;
		mean_x += off_x / count;
		mean_y += (y - mean_y) / count;
		sxx += off_x * (x - mean_x);
		sxy += off_x * (y - mean_y);
	}
	if (sxx <= 0)
		return (struct trend){0};
	return (struct trend){sxy / sxx, mean_y - sxy / sxx * mean_x, true};
}

void slope_put_words(const struct picture *picture, struct text *out)
{
	struct trend trend = trend_find(picture->scene.run);

	if (!picture->options->slope || !trend.known)
		return;
	text_puts(out, trend.slope < 0 ? " · trend −" : " · trend +");
	scene_put_bytes(out, &picture->scene, (uint64_t)(fabs(trend.slope) + 0.5));
	text_puts(out, "/s");
}

/* On a logarithmic axis it is no straight line; elsewhere it must not reach into the strip of calls. */
enum { PIECES = 400 };

bool slope_put(struct picture *picture)
{
	const struct run *run = picture->scene.run;
	struct trend trend = trend_find(run);
	double span = (double)(run->end_ns - run->start_ns);
	double most =
		picture->memory.from + (picture->strip_bottom - picture->base) * picture_y_pixel(picture);

	if (!picture->options->slope || !trend.known)
		return false;
	text_puts(picture->out, "$trend << EOD\n");
	for (unsigned i = 0; i <= PIECES; i++) {
		double ns = span * i / PIECES;
		double y = axis_place(&picture->memory, trend.at_start + trend.slope * ns / 1e9);
		if (y < picture->memory.from || y > most)
			continue;
		text_printf(picture->out, "%.9g %.7g\n",
			    ((double)run->before_ns + ns) / picture->time.divisor, y);
	}
	text_puts(picture->out, "EOD\n");
	return true;
}

/* slope: the trend of memory, as a line and in words. */
#include <math.h>

#include "picture.h"

struct line {
	double slope, at_start; /* bytes per second, bytes */
	bool known;
};

/* Through all samples, in seconds from the start. */
static struct line line_find(const struct run *run)
{
	struct trend trend = run->trend;
	uint64_t from_ns = trend.count > 0 ? run->trend_from_ns : run->start_ns;
	struct line line = {0};

	for (size_t i = 0; i < run->sample_count && run->trend.count == 0; i++)
		trend_add(&trend, (double)(int64_t)(run->samples[i].time_ns - from_ns) / 1e9,
			  (double)run->samples[i].rss);
	line.known = trend_solve(&trend, &line.slope, &line.at_start);
	line.at_start += line.slope * (double)(int64_t)(run->start_ns - from_ns) / 1e9;
	return line;
}

void slope_put_words(const struct picture *picture, struct text *out)
{
	struct line line = line_find(picture->scene.run);

	if (!picture->options->slope || !line.known)
		return;
	text_puts(out, line.slope < 0 ? " · trend −" : " · trend +");
	scene_put_bytes(out, &picture->scene, (uint64_t)(fabs(line.slope) + 0.5));
	text_puts(out, "/s");
}

/* On a logarithmic axis it is no straight line; elsewhere it must not reach into the strip of calls. */
enum { PIECES = 400 };

bool slope_put(struct picture *picture)
{
	const struct run *run = picture->scene.run;
	struct line line = line_find(run);
	double span = (double)(run->end_ns - run->start_ns);
	double most =
		picture->memory.from + (picture->strip_bottom - picture->base) * picture_y_pixel(picture);

	if (!picture->options->slope || !line.known)
		return false;
	text_puts(picture->out, "$trend << EOD\n");
	for (unsigned i = 0; i <= PIECES; i++) {
		double ns = span * i / PIECES;
		double y = axis_place(&picture->memory, line.at_start + line.slope * ns / 1e9);
		if (y < picture->memory.from || y > most)
			continue;
		text_printf(picture->out, "%.9g %.7g\n",
			    ((double)run->before_ns + ns) / picture->time.divisor, y);
	}
	text_puts(picture->out, "EOD\n");
	return true;
}

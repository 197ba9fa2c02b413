/* The highest memory of all: lines that lead to it, and its label. */
#include <math.h>
#include <stdlib.h>

#include "band.h"
#include "label.h"
#include "picture.h"

static double inside(double value, double least, double most)
{
	return value > most ? fmax(most, least) : fmax(value, least);
}

/* Over the highest point, or beside it, wherever it stands lowest above lines and brackets. */
static void peak_label_put(struct picture *picture, const char *word, uint64_t level, double x)
{
	double scale = picture->scale, best_x = 0, best_y = picture->height;
	double y = picture_pixel_y(picture, level);
	struct text label = {0};

	text_printf(&label, "%s ", word);
	scene_put_bytes(&label, &picture->scene, level);
	char *shorter = label_shorten(label.data, picture->right - picture->left, 13 * 1.12 * scale);
	double width = label_width(shorter, 13 * 1.12 * scale);
	double starts[] = {x - width / 2, x + 10 * scale, x - 10 * scale - width};
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		double from = inside(starts[i], picture->left + 4 * scale, picture->right - width);
		double top = marks_top(picture, from - 8 * scale, from + width + 8 * scale);
		double at = fmax(y + 12 * scale, top + 10 * scale);
		if (at < best_y) {
			best_x = from;
			best_y = at;
		}
	}
	picture_put_label(picture, shorter, best_x, best_y, "left", 13, true, picture->style->peak);
	free(shorter);
	text_free(&label);
}

static void dashes_put(struct picture *picture, double x0, double y0, double x1, double y1)
{
	text_printf(picture->out,
		    "set arrow from first %.10g,%.10g to first %.10g,%.10g nohead lw %.3g dt (14,9) lc rgb "
		    "'#%06x'\n",
		    x0, y0, x1, y1, 1.2 * picture->scale, picture->style->peak);
}

/* Dashed lines at the peak: across at its level, up to where memory was highest. */
static void level_put(struct picture *picture, const char *word, uint64_t level, uint64_t time_ns)
{
	double x = picture_x(picture, time_ns), y = picture_y(picture, level);

	peak_label_put(picture, word, level, picture_pixel_x(picture, time_ns));
	dashes_put(picture, picture->time.from, y, picture->time.to, y);
	dashes_put(picture, x, picture->memory.from, x, y);
}

struct run_sample peak_put(struct picture *picture)
{
	struct run_sample peak = band_peak(picture->scene.run);
	const struct curve *child = curves_above(&picture->curves, picture->scene.run->peak_rss);

	if (picture->options->children == PLOT_CHILDREN_STACKED && picture->curves.has_layers) {
		/* where all layers together are highest */
		peak = curve_highest(&picture->curves.items[picture->curves.count - 1]);
		level_put(picture, "together", peak.rss, peak.time_ns);
	} else if (child) {
		peak = curve_highest(child);
		level_put(picture, child->label, peak.rss, peak.time_ns);
	} else if (picture->scene.curve_count > 0) {
		level_put(picture, "peak", picture->scene.run->peak_rss, peak.time_ns);
	}
	return peak;
}

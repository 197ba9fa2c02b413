/* What lies beside the curve of the scene: other curves, and layers. */
#include "picture.h"

static void layer_put(struct picture *picture, const struct curve *curve, size_t index, struct text *plot)
{
	text_printf(picture->out, "$layer%zu << EOD\n", index);
	for (size_t i = 0; i < curve->count; i++)
		text_printf(picture->out, "%.9g %.7g %.7g\n", picture_x(picture, curve->points[i].time_ns),
			    picture_y(picture, curve->floor[i].rss),
			    picture_y(picture, curve->points[i].rss));
	text_puts(picture->out, "EOD\n");
	text_printf(plot, ", $layer%zu using 1:2:3 with filledcurves fc rgb '#%06x' fs solid noborder", index,
		    style_tint(picture->style, curve->colour, 0.6));
}

static void line_put(struct picture *picture, const struct curve *curve, size_t index, struct text *plot)
{
	text_printf(picture->out, "$line%zu << EOD\n", index);
	for (size_t i = 0; i < curve->count; i++)
		text_printf(picture->out, "%.9g %.7g\n", picture_x(picture, curve->points[i].time_ns),
			    picture_y(picture, curve->points[i].rss));
	text_puts(picture->out, "EOD\n");
	text_printf(plot, ", $line%zu using 1:2 with lines lw %.3g dt %s lc rgb '#%06x'", index,
		    2 * picture->scale, curve->dash, curve->colour);
}

void curves_put(struct picture *picture, struct text *layers, struct text *lines)
{
	for (size_t i = 0; i < picture->curves.count; i++) {
		const struct curve *curve = &picture->curves.items[i];
		if (curve->count == 0)
			continue;
		if (curve->is_layer)
			layer_put(picture, curve, i, layers);
		else
			line_put(picture, curve, i, lines);
	}
}

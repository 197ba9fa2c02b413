#include <stdlib.h>

#include "label.h"
#include "picture.h"
#include "style.h"

enum { NAME_SIZE = 13, FIGURES_SIZE = 12, SWATCH = 24, INSET = 34 };

double legend_width(const struct picture *picture)
{
	const struct scene *scene = &picture->scene;
	double widest = 0;
	struct text figures = {0};

	for (size_t i = 0; i < scene->function_count; i++) {
		double name = label_width(scene->functions[i].label, NAME_SIZE * picture->scale);
		text_clear(&figures);
		scene_put_figures(&figures, scene, &scene->functions[i]);
		double width = label_width(figures.data, FIGURES_SIZE * picture->scale);
		width = width > name ? width : name;
		widest = width > widest ? width : widest;
	}
	text_free(&figures);
	if (scene->function_count == 0)
		return 0;
	widest += (INSET + 20) * picture->scale;
	return widest < 0.3 * picture->width ? widest : 0.3 * picture->width;
}

static void line_put(struct picture *picture, double x0, double y0, double x1, double y1, size_t index)
{
	size_t count = picture->scene.function_count;
	text_printf(picture->out,
		    "set arrow from screen %.7g,%.7g to screen %.7g,%.7g nohead lw %.3g dt %s lc rgb '#%06x' "
		    "front\n",
		    x0 / picture->width, y0 / picture->height, x1 / picture->width, y1 / picture->height,
		    2 * picture->scale, style_dash(index, count), style_colour(index, count));
}

/* A shaded pair of brackets, as in the plot. */
static void swatch_put(struct picture *picture, size_t index, double x, double y)
{
	double half = 8 * picture->scale, width = SWATCH * picture->scale, serif = 5 * picture->scale;

	text_printf(picture->out,
		    "set object rectangle from screen %.7g,%.7g to screen %.7g,%.7g fc rgb '#%06x' fs solid "
		    "noborder\n",
		    x / picture->width, (y - half) / picture->height, (x + width) / picture->width,
		    (y + half) / picture->height,
		    style_tint(style_colour(index, picture->scene.function_count), 0.35));
	for (int side = 0; side < 2; side++) {
		double at = side == 0 ? x : x + width, to = side == 0 ? x + serif : x + width - serif;
		line_put(picture, at, y - half, at, y + half, index);
		line_put(picture, at, y - half, to, y - half, index);
		line_put(picture, at, y + half, to, y + half, index);
	}
}

void legend_put(struct picture *picture)
{
	const struct scene *scene = &picture->scene;
	double scale = picture->scale, x = picture->right + 24 * scale, y = picture->top - 10 * scale;
	double room = picture->width - x - (INSET + 16) * scale;
	struct text line = {0};

	for (size_t i = 0; i < scene->function_count; i++, y -= LEGEND_PITCH * scale) {
		char *name = label_shorten(scene->functions[i].label, room, NAME_SIZE * scale);
		text_clear(&line);
		scene_put_figures(&line, scene, &scene->functions[i]);
		char *figures = label_shorten(line.data, room, FIGURES_SIZE * scale);
		swatch_put(picture, i, x, y - 8 * scale);
		picture_put_label(picture, name, x + INSET * scale, y, "left", NAME_SIZE, false, STYLE_INK);
		picture_put_label(picture, figures, x + INSET * scale, y - 16 * scale, "left", FIGURES_SIZE,
				  false, STYLE_FAINT);
		free(name);
		free(figures);
	}
	if (scene->others > 0) {
		text_clear(&line);
		text_printf(&line, "… and %zu more", scene->others);
		swatch_put(picture, scene->function_count, x, y - 8 * scale);
		picture_put_label(picture, line.data, x + INSET * scale, y - 8 * scale, "left", NAME_SIZE,
				  false, STYLE_INK);
	}
	text_free(&line);
}

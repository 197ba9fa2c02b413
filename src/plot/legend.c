#include <stdlib.h>

#include "entries.h"
#include "label.h"
#include "picture.h"

enum { NAME_SIZE = 13, FIGURES_SIZE = 12, SWATCH = 24, INSET = 34 };

static bool is_hidden(const struct picture *picture, const struct entries *entries)
{
	return picture->options->legend == PLOT_LEGEND_NONE || entries->count == 0;
}

double legend_width(const struct picture *picture)
{
	struct entries entries = entries_list(&picture->scene, &picture->curves);
	struct text name = {0}, figures = {0};
	double widest = 0, scale = picture->scale;

	for (size_t i = 0; i < entries.count; i++) {
		entry_put_words(&picture->scene, &picture->curves, &entries.items[i], &name, &figures);
		double width = label_width(figures.data, FIGURES_SIZE * scale);
		double name_width = label_width(name.data, NAME_SIZE * scale);
		width = width > name_width ? width : name_width;
		widest = width > widest ? width : widest;
	}
	bool hidden = is_hidden(picture, &entries) || picture->options->legend != PLOT_LEGEND_RIGHT;
	text_free(&figures);
	text_free(&name);
	free(entries.items);
	if (hidden)
		return 0;
	widest += (INSET + 20) * scale;
	return widest < 0.36 * picture->width ? widest : 0.36 * picture->width;
}

double legend_height(const struct picture *picture)
{
	struct entries entries = entries_list(&picture->scene, &picture->curves);
	bool hidden = is_hidden(picture, &entries) || picture->options->legend != PLOT_LEGEND_BOTTOM;
	size_t lines = (entries.count + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS;

	free(entries.items);
	return hidden ? 0 : ((double)lines * LEGEND_PITCH + 12) * picture->scale;
}

/* ---- drawing ------------------------------------------------------------------ */

static void line_put(struct picture *picture, double x0, double y0, double x1, double y1, const char *dash,
		     unsigned colour)
{
	text_printf(picture->out,
		    "set arrow from screen %.7g,%.7g to screen %.7g,%.7g nohead lw %.3g dt %s lc rgb '#%06x' "
		    "front\n",
		    x0 / picture->width, y0 / picture->height, x1 / picture->width, y1 / picture->height,
		    2 * picture->scale, dash, colour);
}

static void box_put(struct picture *picture, double x, double y, unsigned colour)
{
	double half = 8 * picture->scale, width = SWATCH * picture->scale;

	text_printf(picture->out,
		    "set object rectangle from screen %.7g,%.7g to screen %.7g,%.7g fc rgb '#%06x' fs solid "
		    "noborder\n",
		    x / picture->width, (y - half) / picture->height, (x + width) / picture->width,
		    (y + half) / picture->height, colour);
}

/* A shaded pair of brackets, as in the plot. */
static void brackets_put(struct picture *picture, size_t index, double x, double y)
{
	double half = 8 * picture->scale, width = SWATCH * picture->scale, serif = 5 * picture->scale;
	unsigned colour = picture_colour(picture, index);
	const char *dash = picture_dash(picture, index);

	box_put(picture, x, y, style_tint(picture->style, colour, 0.35));
	for (int side = 0; side < 2; side++) {
		double at = side == 0 ? x : x + width, to = side == 0 ? x + serif : x + width - serif;
		line_put(picture, at, y - half, at, y + half, dash, colour);
		line_put(picture, at, y - half, to, y - half, dash, colour);
		line_put(picture, at, y + half, to, y + half, dash, colour);
	}
}

static void swatch_put(struct picture *picture, const struct entry *entry, double x, double y)
{
	if (entry->kind != ENTRY_CURVE) {
		brackets_put(picture,
			     entry->kind == ENTRY_FUNCTION ? entry->index : picture->scene.function_count, x,
			     y);
		return;
	}
	const struct curve *curve = &picture->curves.items[entry->index];
	if (curve->is_layer)
		box_put(picture, x, y, style_tint(picture->style, curve->colour, 0.7));
	else
		line_put(picture, x, y, x + SWATCH * picture->scale, y, curve->dash, curve->colour);
}

static void entry_put(struct picture *picture, const struct entry *entry, double x, double y, double room)
{
	double scale = picture->scale;
	struct text name = {0}, figures = {0};

	entry_put_words(&picture->scene, &picture->curves, entry, &name, &figures);
	entry_fit_figures(&figures, room, FIGURES_SIZE * scale);
	char *short_name = label_shorten(name.data, room, NAME_SIZE * scale);
	char *short_figures = label_shorten(figures.data, room, FIGURES_SIZE * scale);
	swatch_put(picture, entry, x, y - 8 * scale);
	picture_put_label(picture, short_name, x + INSET * scale, *short_figures ? y : y - 8 * scale, "left",
			  NAME_SIZE, false, picture->style->ink);
	if (*short_figures)
		picture_put_label(picture, short_figures, x + INSET * scale, y - 16 * scale, "left",
				  FIGURES_SIZE, false, picture->style->faint);
	free(short_figures);
	free(short_name);
	text_free(&figures);
	text_free(&name);
}

void legend_put(struct picture *picture)
{
	struct entries entries = entries_list(&picture->scene, &picture->curves);
	double scale = picture->scale, x = picture->right + 24 * scale, y = picture->top - 10 * scale;
	double room = picture->width - x - (INSET + 16) * scale;
	size_t columns = 1;

	if (picture->options->legend == PLOT_LEGEND_BOTTOM) {
		columns = LEGEND_COLUMNS;
		x = picture->left;
		y = picture->bottom - 66 * scale;
		room = (picture->right - picture->left) / LEGEND_COLUMNS - (INSET + 12) * scale;
	}
	for (size_t i = 0; i < entries.count && !is_hidden(picture, &entries); i++) {
		double column = (double)(i % columns), line = (double)(i / columns);
		entry_put(picture, &entries.items[i],
			  x + column * (picture->right - picture->left) / (double)columns,
			  y - line * LEGEND_PITCH * scale, room);
	}
	free(entries.items);
}

#include "picture.h"

#include <math.h>
#include <stdlib.h>

#include "gnuplot.h"
#include "label.h"
#include "panel.h"

enum { DEFAULT_WIDTH = 1200, DEFAULT_HEIGHT = 700, LEAST_WIDTH = 200, LEAST_HEIGHT = 150 };

/* ---- shared by the parts ---------------------------------------------------- */

double picture_x(const struct picture *picture, uint64_t time_ns)
{
	const struct run *run = picture->scene.run;
	/* As integers first: doubles of nanoseconds since the epoch are 256 ns apart. */
	return ((double)(int64_t)(time_ns - run->start_ns) + (double)run->before_ns) / picture->time.divisor;
}

double picture_y(const struct picture *picture, uint64_t rss)
{
	return axis_place(&picture->memory, (double)rss);
}

double picture_x_pixel(const struct picture *picture)
{
	return (picture->time.to - picture->time.from) / (picture->right - picture->left);
}

double picture_y_pixel(const struct picture *picture)
{
	return (picture->memory.to - picture->memory.from) / (picture->top - picture->base);
}

double picture_pixel_x(const struct picture *picture, uint64_t time_ns)
{
	return picture->left + (picture_x(picture, time_ns) - picture->time.from) / picture_x_pixel(picture);
}

double picture_pixel_y(const struct picture *picture, uint64_t rss)
{
	return picture->base + (picture_y(picture, rss) - picture->memory.from) / picture_y_pixel(picture);
}

double picture_half_height(const struct picture *picture, unsigned depth)
{
	unsigned inside = picture->scene.depths > depth + 1 ? picture->scene.depths - depth - 1 : 0;
	return (12 + 3 * (inside < 5 ? inside : 5)) * picture->scale;
}

void picture_put_font(struct picture *picture, double size, bool bold)
{
	/* What one pixel is in each terminal's points [measured with gnuplot 5.4: pngcairo has 96 dots
	 * an inch, svg takes points for pixels, pdfcairo draws 12 points 16/72 inch high at fontscale 1,
	 * and a page has 100 of our pixels an inch]. */
	static const double points[] = {[PLOT_PNG] = 0.75, [PLOT_SVG] = 1,      [PLOT_PDF] = 0.54,
					[PLOT_TEXT] = 1,   [PLOT_SIXEL] = 0.75, [PLOT_WINDOW] = 0.75};
	const char *family = picture->options->font ? picture->options->font : "DejaVu Sans";
	text_printf(picture->out, "font '%s%s,%.4g'", family, bold ? ":Bold" : "",
		    size * picture->scale * points[picture->format]);
}

void picture_put_label(struct picture *picture, const char *clean, double x, double y, const char *align,
		       double size, bool bold, unsigned colour)
{
	text_puts(picture->out, "set label ");
	label_put_quoted(picture->out, clean);
	text_printf(picture->out, " at screen %.7g,%.7g %s noenhanced front tc rgb '#%06x' ",
		    x / picture->width, y / picture->height, align, colour);
	picture_put_font(picture, size, bold);
	text_putc(picture->out, '\n');
}

unsigned picture_colour(const struct picture *picture, size_t shown)
{
	const struct scene *scene = &picture->scene;
	size_t hue = shown < scene->function_count ? scene->functions[shown].hue : scene->function_count;
	return style_colour(picture->style, hue, scene->function_count);
}

const char *picture_dash(const struct picture *picture, size_t shown)
{
	const struct scene *scene = &picture->scene;
	size_t hue = shown < scene->function_count ? scene->functions[shown].hue : scene->function_count;
	return style_dash(hue, scene->function_count);
}

/* ---- layout ------------------------------------------------------------------ */

static void scene_fill(struct picture *picture, const struct run *run)
{
	double high = picture->top - picture->bottom, lines = high / (LEGEND_PITCH * picture->scale);
	double rows = 0.28 * high / (3 * picture->scale);
	if (picture->options->legend == PLOT_LEGEND_BOTTOM)
		lines = LEGEND_COLUMNS * floor(0.25 * lines) + 0.5;
	/* Curves and recordings stand in the legend as well. */
	for (size_t i = 0; i < picture->curves.count; i++)
		lines -= !picture->curves.items[i].unnamed;
	struct scene_detail detail = {
		.columns = (unsigned)(picture->width - picture->left - 200 * picture->scale),
		.call_columns = 7 * picture->scale,
		.gap_columns = 3 * picture->scale,
		.rows = rows > 1 ? (unsigned)rows : 1,
		.functions = lines < 1              ? 1
			     : lines < LEGEND_LINES ? (unsigned)lines
						    : LEGEND_LINES,
		.blocks = 2500,
		.unit = picture->options->unit,
	};
	if (picture->width < picture->left + 400 * picture->scale)
		detail.columns = (unsigned)picture->width / 2;
	scene_build(&picture->scene, run, &detail);
}

static void size_set(struct picture *picture, const struct plot_options *options)
{
	unsigned width = options->width ? options->width : DEFAULT_WIDTH;
	unsigned height = options->height ? options->height : DEFAULT_HEIGHT;
	picture->width = width < LEAST_WIDTH ? LEAST_WIDTH : width;
	picture->height = height < LEAST_HEIGHT ? LEAST_HEIGHT : height;

	double scale = picture->width / DEFAULT_WIDTH, tall = picture->height / DEFAULT_HEIGHT;
	scale = tall < scale ? tall : scale;
	/* Small pictures keep type that can be read and have less of it. */
	picture->scale = scale < 0.8 ? (scale < 0.4 ? 0.6 : 0.8) : scale;
	if (options->dpi > 0 && options->format == PLOT_PNG) {
		picture->width *= options->dpi / 96.0;
		picture->height *= options->dpi / 96.0;
		picture->scale *= options->dpi / 96.0;
	}
}

/* The strip of calls at the top; with lanes there is none, as they show the same. */
static void strip_set(struct picture *picture)
{
	double most = 0.28 * (picture->top - picture->base), row = 19 * picture->scale;
	unsigned rows = picture->lanes.rows > 0 ? 0 : picture->scene.rows;

	picture->row_height = 0;
	if (rows > 0)
		picture->row_height = most / rows < row ? most / rows : row;
	picture->strip_bottom = picture->top - picture->row_height * rows;
}

static uint64_t positive_low(const struct run_sample *points, size_t count, uint64_t low)
{
	for (size_t i = 0; i < count; i++)
		if (points[i].rss > 0 && points[i].rss < low)
			low = points[i].rss;
	return low;
}

/* Where a logarithmic axis begins. Zeros, as of a process about to be gone, would make most of it empty. */
static uint64_t log_low(const struct picture *picture)
{
	uint64_t low = positive_low(picture->scene.curve, picture->scene.curve_count, UINT64_MAX);

	for (size_t i = 0; i < picture->curves.count; i++)
		low = positive_low(picture->curves.items[i].points, picture->curves.items[i].count, low);
	return low < UINT64_MAX ? low : 0;
}

static void axes_set(struct picture *picture, const struct run *run)
{
	struct scene *scene = &picture->scene;
	const struct curves *curves = &picture->curves;

	if (curves->high > scene->high_rss)
		scene->high_rss = curves->high;
	if (curves->low < scene->low_rss)
		scene->low_rss = curves->low;
	axis_set_time(&picture->time, run->before_ns, run->before_ns + (run->end_ns - run->start_ns));
	axis_set_bytes(&picture->memory, scene_memory_from(scene), scene->high_rss, scene->unit);
	if (picture->options->log)
		axis_make_log(&picture->memory, log_low(picture));

	double headroom = (scene->rows > 0 ? picture_half_height(picture, 0) : 0) + 28 * picture->scale;
	double share = (picture->strip_bottom - headroom - picture->base) / (picture->top - picture->base);
	double high = picture->memory.to;
	picture->memory.to =
		picture->memory.from + (high - picture->memory.from) / (share > 0.2 ? share : 0.2);

	double lines = (picture->strip_bottom - picture->base) / (55 * picture->scale);
	axis_set_tics(&picture->memory, high, lines > 2 ? (unsigned)lines : 2);
	lines = (picture->right - picture->left) / (80 * picture->scale);
	axis_set_tics(&picture->time, picture->time.to, lines > 2 ? (unsigned)lines : 2);
}

static void layout_set(struct picture *picture, const struct run *run)
{
	size_set(picture, picture->options);
	double scale = picture->scale;
	picture->left = 84 * scale;
	picture->bottom = 62 * scale;
	picture->top = picture->height - 78 * scale;

	curves_build(&picture->curves, run, picture->options, picture->style,
		     (unsigned)(picture->width - picture->left));
	scene_fill(picture, run);
	double legend = legend_width(picture);
	picture->right = picture->width - (legend > 0 ? legend + 24 * scale : 32 * scale);
	picture->bottom += legend_height(picture);
	panel_set(picture);
	strip_set(picture);
	axes_set(picture, run);
}

/* ---- frame -------------------------------------------------------------------- */

/* Rounded: else gnuplot's cairo terminals draw a spike where a thick line begins [5.4]. */
static void terminal_put(struct picture *picture)
{
	struct text *out = picture->out;
	text_puts(out, "set encoding utf8\n");
	if (picture->format == PLOT_WINDOW)
		gnuplot_put_window(out, picture->width, picture->height);
	else if (picture->format == PLOT_PDF)
		text_printf(out,
			    "set terminal pdfcairo size %.6gin,%.6gin noenhanced color rounded fontscale 1 "
			    "linewidth 1.5 background rgb '#%06x' ",
			    picture->width / 100, picture->height / 100, picture->style->page);
	else
		text_printf(out, "set terminal %s size %.0f,%.0f noenhanced background rgb '#%06x' ",
			    picture->format == PLOT_SVG     ? "svg rounded"
			    : picture->format == PLOT_SIXEL ? "sixelgd truecolor"
							    : "pngcairo rounded",
			    picture->width, picture->height, picture->style->page);
	picture_put_font(picture, 12, false);
	text_putc(out, '\n');
}

static void axes_put(struct picture *picture)
{
	struct text *out = picture->out;
	const struct axis *time = &picture->time, *memory = &picture->memory;
	double below = (picture->base - picture->bottom) * picture_y_pixel(picture);

	text_printf(out, "set lmargin at screen %.7g\nset rmargin at screen %.7g\n",
		    picture->left / picture->width, picture->right / picture->width);
	text_printf(out, "set bmargin at screen %.7g\nset tmargin at screen %.7g\n",
		    picture->bottom / picture->height, picture->top / picture->height);
	text_printf(out, "unset key\nset border 1 lw %.3g lc rgb '#%06x'\n", 1.2 * picture->scale,
		    picture->style->line);
	text_printf(out, "set grid ytics lt 1 lw %.3g lc rgb '#%06x' dt solid back\n", picture->scale,
		    picture->style->grid);
	text_printf(out, "set xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n", time->from, time->to,
		    memory->from - below, memory->to);
	tics_put(picture);
}

static void titles_put(struct picture *picture, const struct plot_options *options)
{
	double scale = picture->scale, x = picture->left, middle = (picture->left + picture->right) / 2;
	char *clean = scene_title(&picture->scene, options->title);
	/* Bold letters are wider than those that label_width knows. */
	char *title = label_shorten(clean, picture->width - x - 30 * scale, 17 * 1.12 * scale);
	picture_put_label(picture, title, x, picture->height - 28 * scale, "left", 17, true,
			  picture->style->ink);
	free(title);
	free(clean);

	struct text line = {0};
	scene_put_summary(&line, &picture->scene);
	slope_put_words(picture, &line);
	picture_put_label(picture, line.data, x, picture->height - 53 * scale, "left", 13, false,
			  picture->style->faint);
	text_clear(&line);
	tics_put_time_title(picture, &line);
	picture_put_label(picture, line.data, middle, picture->bottom - 42 * scale, "center", 12.5, false,
			  picture->style->faint);
	text_clear(&line);
	bool from_zero = picture->memory.is_log || picture->memory.from <= 0;
	text_printf(&line, "memory (%s)%s", picture->memory.unit, from_zero ? "" : ", not from zero");
	text_puts(picture->out, "set label ");
	label_put_quoted(picture->out, line.data);
	text_printf(picture->out, " at screen %.7g,%.7g center rotate by 90 noenhanced tc rgb '#%06x' ",
		    18 * scale / picture->width,
		    (picture->base + picture->strip_bottom) / 2 / picture->height, picture->style->faint);
	picture_put_font(picture, 12.5, false);
	text_putc(picture->out, '\n');
	text_free(&line);
}

void picture_put_script(const struct run *run, const struct plot_options *options, struct text *out)
{
	struct picture picture = {
		.out = out,
		.options = options,
		.format = options->format,
		.style = style_get(options->dark),
	};

	layout_set(&picture, run);
	terminal_put(&picture);
	axes_put(&picture);
	titles_put(&picture, options);
	legend_put(&picture);
	panel_put(&picture);
	marks_put(&picture);
	free(picture.on_curve);
	lanes_free(&picture.lanes);
	curves_free(&picture.curves);
	scene_free(&picture.scene);
}

#include <math.h>
#include <stdlib.h>

#include "band.h"
#include "label.h"
#include "picture.h"

/* ---- data blocks --------------------------------------------------------------- */

static void point_put(struct picture *picture, double x, double y)
{
	text_printf(picture->out, "%.7g %.7g\n", x, y);
}

static void curve_put(struct picture *picture)
{
	text_puts(picture->out, "$curve << EOD\n");
	for (size_t i = 0; i < picture->scene.curve_count; i++)
		point_put(picture, picture_x(picture, picture->scene.curve[i].time_ns),
			  picture_y(picture, picture->scene.curve[i].rss));
	text_puts(picture->out, "EOD\n");
}

static size_t owner_shown(const struct scene *scene, size_t interval)
{
	size_t owner = scene->owner[interval];
	return owner == SCENE_NOBODY ? SCENE_NOBODY : scene->blocks[owner].shown;
}

/* The pieces of the area beneath the curve that belong to one function. */
static bool area_put(struct picture *picture, size_t shown, const char *name)
{
	const struct scene *scene = &picture->scene;
	bool any = false, inside = false;

	for (size_t i = 0; i + 1 < scene->curve_count; i++) {
		if (owner_shown(scene, i) != shown) {
			inside = false;
			continue;
		}
		if (!any)
			text_printf(picture->out, "$%s << EOD\n", name);
		else if (!inside)
			text_putc(picture->out, '\n');
		if (!inside)
			point_put(picture, picture_x(picture, scene->curve[i].time_ns),
				  picture_y(picture, scene->curve[i].rss));
		point_put(picture, picture_x(picture, scene->curve[i + 1].time_ns),
			  picture_y(picture, scene->curve[i + 1].rss));
		any = inside = true;
	}
	if (any)
		text_puts(picture->out, "EOD\n");
	return any;
}

/* '[' or ']': a line with two serifs. */
static void bracket_put(struct picture *picture, double x, double low, double high, double serif)
{
	point_put(picture, x + serif, high);
	point_put(picture, x, high);
	point_put(picture, x, low);
	point_put(picture, x + serif, low);
	text_putc(picture->out, '\n');
}

/* A call that was left without a return: half of a ']'. */
static void half_put(struct picture *picture, double x, double low, double high, double serif)
{
	point_put(picture, x + serif, high);
	point_put(picture, x, high);
	point_put(picture, x, low);
	text_putc(picture->out, '\n');
}

static void chevron_put(struct picture *picture, double x, double low, double high, double serif)
{
	point_put(picture, x + serif, high);
	point_put(picture, x, (low + high) / 2);
	point_put(picture, x + serif, low);
	text_putc(picture->out, '\n');
}

static double serif_of(const struct picture *picture, const struct scene_block *block)
{
	double pixel = picture_x_pixel(picture), most = 6 * picture->scale;
	double half = (picture_x(picture, block->to_ns) - picture_x(picture, block->from_ns)) / pixel / 2;
	/* Serifs of a very short call meet rather than vanish. */
	return pixel * (half > most ? most : fmax(half, 2 * picture->scale));
}

enum end { END_ENTER, END_LEAVE, END_NOTICED };

/* How far an end of a block reaches to the right, or to the left if negative. */
static double end_reach(const struct picture *picture, const struct scene_block *block, enum end end)
{
	double serif = serif_of(picture, block);
	return end == END_ENTER ? serif : block->open ? -1.6 * serif : -serif;
}

/* Brackets in thinner rows of the strip would hide the bars between them. */
static bool rows_are_thin(const struct picture *picture)
{
	return picture->row_height < 8 * picture->scale;
}

/* Between two rows of the strip; rows that are hardly visible touch. */
static double row_gap(const struct picture *picture)
{
	double most = 1.5 * picture->scale, part = 0.12 * picture->row_height;
	return part < most ? part : most;
}

static double cell_high(const struct picture *picture, unsigned row)
{
	return picture->memory.to - (row * picture->row_height + row_gap(picture)) * picture_y_pixel(picture);
}

static double cell_low(const struct picture *picture, unsigned row)
{
	return picture->memory.to -
	       ((row + 1) * picture->row_height - row_gap(picture)) * picture_y_pixel(picture);
}

/* Where it stands on the curve. Calls that are open at the end of all would have their marks in one place; the inner
 * ones step back. */
static double end_on_curve(const struct picture *picture, const struct scene_block *block, enum end end)
{
	double step = picture_x_pixel(picture) * 5 * picture->scale * (block->depth < 5 ? block->depth : 5);

	if (end == END_ENTER)
		return picture_x(picture, block->from_ns);
	return picture_x(picture, block->to_ns) -
	       (block->open && block->to_ns >= picture->scene.run->end_ns ? step : 0);
}

/* One end of a block, on the curve and on its cell in the strip. */
static void end_put(struct picture *picture, const struct scene_block *block, enum end end, bool on_curve)
{
	double half = picture_half_height(picture, block->depth) * picture_y_pixel(picture);
	uint64_t time_ns = end == END_ENTER ? block->from_ns : block->to_ns;
	double x = picture_x(picture, time_ns);
	double y = picture_y(picture, end == END_ENTER ? block->from_rss : block->to_rss);
	double serif = end_reach(picture, block, end);
	double high = cell_high(picture, block->row), low = cell_low(picture, block->row);

	const struct run *run = picture->scene.run;
	if (time_ns > run->end_ns || time_ns < run->start_ns) /* beyond the window */
		return;
	/* Where the curve is close to the time axis brackets stand on the axis rather than be cut by it. */
	y = fmax(y, picture->memory.from + half + picture->scale * picture_y_pixel(picture));

	void (*put)(struct picture *, double, double, double, double) = bracket_put;
	if (end != END_ENTER && (block->open || block->unwound))
		put = block->open ? chevron_put : half_put;
	if (on_curve)
		put(picture, end_on_curve(picture, block, end), y - half, y + half, serif);
	if (!rows_are_thin(picture))
		put(picture, x, low, high, serif);
}

static bool block_has_end(const struct scene_block *block, enum end end)
{
	bool noticed = !block->exact && !block->open;
	return end == END_ENTER || (end == END_NOTICED) == noticed;
}

/* Sharp ends of a function, or those noticed later. */
static bool ends_put(struct picture *picture, size_t shown, const char *name, bool noticed)
{
	bool any = false;
	for (size_t i = 0; i < picture->scene.block_count; i++) {
		const struct scene_block *block = &picture->scene.blocks[i];
		enum end leave = noticed ? END_NOTICED : END_LEAVE;
		bool has_leave = block->shown == shown && block_has_end(block, leave);
		if (block->shown != shown || (noticed && !has_leave))
			continue;
		if (!any)
			text_printf(picture->out, "$%s << EOD\n", name);
		any = true;
		if (!noticed)
			end_put(picture, block, END_ENTER, picture->on_curve[i]);
		if (has_leave)
			end_put(picture, block, leave, picture->on_curve[i]);
	}
	if (any)
		text_puts(picture->out, "EOD\n");
	return any;
}

static double cell_density(const struct picture *picture, const struct scene_block *block)
{
	if (block->calls > 1 || rows_are_thin(picture))
		return 0.55;
	return block->exact && !block->open ? 0.35 : 0.2;
}

/* Rectangles "left right low high colour". */
static void boxes_put(struct picture *picture)
{
	const struct scene *scene = &picture->scene;
	double least = picture_x_pixel(picture) * picture->scale;

	for (int cells = 0; cells < (picture->row_height > 0 ? 2 : 1); cells++) {
		text_printf(picture->out, "$%s << EOD\n", cells ? "cells" : "bands");
		for (size_t i = 0; i < scene->block_count; i++) {
			const struct scene_block *block = &scene->blocks[i];
			/* Shades this light add up to a wrong colour when many lie on each other. */
			if (!cells && block->row >= 3)
				continue;
			double from = picture_x(picture, block->from_ns),
			       to = picture_x(picture, block->to_ns);
			double high = cell_high(picture, block->row), low = cell_low(picture, block->row);
			unsigned colour = picture_colour(picture, block->shown);
			text_printf(picture->out, "%.7g %.7g %.7g %.7g %u\n", from, fmax(to, from + least),
				    cells ? low : picture->memory.from, cells ? high : low,
				    cells ? style_tint(picture->style, colour, cell_density(picture, block))
					  : colour);
		}
		text_puts(picture->out, "EOD\n");
	}
}

/* ---- labels ----------------------------------------------------------------------- */

static void cell_name_put(struct picture *picture, const struct scene_block *block)
{
	uint64_t end_ns = picture->scene.run->end_ns;
	uint64_t start_ns = picture->scene.run->start_ns;
	double from = picture_pixel_x(picture, block->from_ns > start_ns ? block->from_ns : start_ns);
	double to = picture_pixel_x(picture, block->to_ns < end_ns ? block->to_ns : end_ns);
	double room = to - from - (block->open ? 20 : 13) * picture->scale, em = 12 * picture->scale;
	struct text text = {0};

	if (block->shown == picture->scene.function_count)
		return;
	text_puts(&text, picture->scene.functions[block->shown].label);
	if (block->calls > 1) {
		text_puts(&text, " ×");
		label_put_number(&text, block->calls);
	}
	/* Three letters of a name are worse than none. */
	if (room > 44 * picture->scale || label_width(text.data, em) <= room) {
		char *label = label_shorten(text.data, room, em);
		picture_put_label(picture, label, from + 7 * picture->scale,
				  picture->top - (block->row + 0.5) * picture->row_height, "left", 12, false,
				  picture->style->ink);
		free(label);
	}
	text_free(&text);
}

/* At the first of its rows. */
static void recording_names_put(struct picture *picture)
{
	const struct run *run = picture->scene.run;
	double scale = picture->scale;
	unsigned row = 0;

	for (size_t i = 0; i < run->recording_count; i++) {
		if (rows_are_thin(picture) || !scene_recording_row(&picture->scene, i, &row))
			continue;
		char *clean = label_clean(run->recordings[i].name);
		char *label = label_shorten(clean, picture->left - 10 * scale, 10.5 * scale);
		picture_put_label(picture, label, picture->left - 6 * scale,
				  picture->top - (row + 0.5) * picture->row_height, "right", 10.5, false,
				  picture->style->faint);
		free(label);
		free(clean);
	}
}

double marks_top(const struct picture *picture, double from, double to)
{
	double top = picture->base;
	for (size_t i = 0; i < picture->scene.block_count; i++) {
		const struct scene_block *block = &picture->scene.blocks[i];
		for (int leave = 0; leave < 2; leave++) {
			enum end end = leave ? END_LEAVE : END_ENTER;
			double at = end_on_curve(picture, block, end), pixel = picture_x_pixel(picture);
			double x = picture->left + (at - picture->time.from) / pixel;
			double y = picture_pixel_y(picture, leave ? block->to_rss : block->from_rss);
			double other = x + end_reach(picture, block, end) / pixel;
			if (picture->on_curve[i] && (x > from || other > from) && (x < to || other < to))
				top = fmax(top, y + picture_half_height(picture, block->depth));
		}
	}
	return top;
}

/* ---- the plot command ----------------------------------------------------------------- */

static void area_style_put(struct text *plot, const char *name, unsigned colour, double density)
{
	text_printf(
		plot,
		", $%s using 1:2 with filledcurves y1=BASE fc rgb '#%06x' fs transparent solid %.2f noborder",
		name, colour, density);
}

/* With an edge around them, of the page's colour, brackets stand out from an area of their own colour. */
static void ends_style_put(const struct picture *picture, struct text *plot, const char *name, size_t shown,
			   unsigned colour)
{
	text_printf(plot,
		    ", $%s using 1:2 with lines lw %.3g lc rgb '#60%06x', $%s using 1:2 with lines lw %.3g "
		    "dt %s "
		    "lc rgb '#%06x'",
		    name, 5 * picture->scale, picture->style->page, name, 2.5 * picture->scale,
		    picture_dash(picture, shown), colour);
}

static void curve_style_put(struct picture *picture)
{
	text_printf(picture->out, ", $curve using 1:2 with lines lw %.3g lc rgb '#%06x'", 2 * picture->scale,
		    picture->style->curve);
}

static void function_put(struct picture *picture, struct text *areas, struct text *ends, size_t shown)
{
	char *area = mem_printf("area%zu", shown), *sharp = mem_printf("ends%zu", shown);
	char *faint = mem_printf("late%zu", shown);
	unsigned colour = picture_colour(picture, shown);

	if (!picture->curves.has_layers && area_put(picture, shown, area))
		area_style_put(areas, area, colour, 0.42);
	if (!picture->options->flame && ends_put(picture, shown, sharp, false))
		ends_style_put(picture, ends, sharp, shown, colour);
	if (!picture->options->flame && ends_put(picture, shown, faint, true))
		ends_style_put(picture, ends, faint, shown, style_tint(picture->style, colour, 0.6));
	free(area);
	free(sharp);
	free(faint);
}

/* Then the curve lies on top; else brackets do, so that steep pieces of the curve do not hide them. */
static bool is_crowded(const struct picture *picture)
{
	size_t left_out = 0;
	for (size_t i = 0; i < picture->scene.block_count; i++)
		left_out += !picture->on_curve[i];
	return left_out > picture->scene.block_count / 4;
}

/* Data, and the parts of the plot command from the lowest up; what comes later lies on top. */
struct layers {
	struct text back, areas, lines, ends;
};

static void layers_fill(struct picture *picture, struct layers *layers)
{
	const struct scene *scene = &picture->scene;

	curve_put(picture);
	if (picture->lanes.rows > 0)
		text_puts(&layers->back, ", $bars using 1:3:1:2:3:4:5 with boxxyerror lc rgb variable fs "
					 "solid noborder");
	if (scene->block_count > 0) {
		boxes_put(picture);
		text_puts(&layers->back, ", $bands using 1:3:1:2:3:4:5 with boxxyerror lc rgb variable fs "
					 "transparent solid 0.05 noborder");
		if (picture->row_height > 0)
			text_puts(&layers->back, ", $cells using 1:3:1:2:3:4:5 with boxxyerror lc rgb "
						 "variable fs solid noborder");
	}
	if (scene->run->recording_count == 0 && band_put(picture))
		text_printf(&layers->back,
			    ", $peaks using 1:2:3 with filledcurves fc rgb '#%06x' fs solid noborder",
			    style_tint(picture->style, picture->style->outside, 0.45));
	curves_put(picture, &layers->areas, &layers->lines);
	if (scene->run->recording_count == 0 && !picture->curves.has_layers &&
	    area_put(picture, SCENE_NOBODY, "outside"))
		area_style_put(&layers->areas, "outside", picture->style->outside, 0.45);
	for (size_t i = scene->function_count + 1; i-- > 0;)
		function_put(picture, &layers->areas, &layers->ends, i);
	if (slope_put(picture))
		text_printf(&layers->lines, ", $trend using 1:2 with lines lw %.3g dt (3,6) lc rgb '#%06x'",
			    1.5 * picture->scale, picture->style->peak);
}

void marks_put(struct picture *picture)
{
	const struct scene *scene = &picture->scene;
	struct layers layers = {0};

	picture->on_curve = crowd_thin(picture);
	layers_fill(picture, &layers);
	if (picture->row_height >= 14 * picture->scale)
		for (size_t i = 0; i < scene->block_count; i++)
			cell_name_put(picture, &scene->blocks[i]);
	recording_names_put(picture);
	struct run_sample peak = peak_put(picture);
	text_printf(picture->out, "BASE = %.10g\nPEAK_X = %.10g\nPEAK_Y = %.10g\n", picture->memory.from,
		    picture_x(picture, peak.time_ns), picture_y(picture, peak.rss));
	/* NaN keeps the command whole without any sample. */
	text_puts(picture->out, "plot NaN notitle");
	text_puts(picture->out, layers.back.data ? layers.back.data : "");
	text_puts(picture->out, layers.areas.data ? layers.areas.data : "");
	curve_style_put(picture);
	text_puts(picture->out, layers.lines.data ? layers.lines.data : "");
	text_puts(picture->out, layers.ends.data ? layers.ends.data : "");
	if (is_crowded(picture))
		curve_style_put(picture);
	text_printf(picture->out,
		    ", '+' every ::::0 using (PEAK_X):(PEAK_Y) with points pt 7 ps %.3g lc rgb '#%06x'\n",
		    0.8 * picture->scale, picture->style->curve);
	text_free(&layers.back);
	text_free(&layers.areas);
	text_free(&layers.lines);
	text_free(&layers.ends);
}

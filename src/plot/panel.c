#include "panel.h"

#include <stdlib.h>

#include "label.h"

/* Pixels before scaling: of a row, between lanes, and beneath the memory axis, whose lowest tic reaches down. */
enum { ROW = 15, LEAST_ROW = 5, GAP = 7, HEAD = 5 };

void panel_set(struct picture *picture)
{
	double scale = picture->scale, high = picture->top - picture->bottom, share = 0.42;
	const struct run *run = picture->scene.run;

	picture->base = picture->bottom;
	if (!picture->options->lanes && !picture->options->flame)
		return;
	double rows = share * high / (LEAST_ROW * scale), columns = picture->right - picture->left;
	lanes_build(&picture->lanes, &picture->scene, rows > 1 ? (unsigned)rows : 1,
		    (uint64_t)(2.5 * scale * (double)(run->end_ns - run->start_ns) / columns));
	double gaps = ((double)(picture->lanes.count + 1) * GAP + HEAD) * scale;
	double need = picture->lanes.rows * ROW * scale + gaps;
	if (picture->lanes.rows > 0)
		picture->base += need < share * high + gaps ? need : share * high + gaps;
	/* A curve is left in any case. */
	if (picture->base > picture->bottom + 0.6 * high)
		picture->base = picture->bottom + 0.6 * high;
}

/* Between lanes; many leave no room for it. */
static double lane_gap(const struct picture *picture)
{
	double gap = GAP * picture->scale, room = picture->base - picture->bottom - HEAD * picture->scale;
	double gaps = (double)(picture->lanes.count + 1);

	return gap * gaps > room / 3 ? room / 3 / gaps : gap;
}

/* The upper edge of a row, in pixels. */
static double row_top(const struct picture *picture, size_t lane, unsigned row, double *row_height)
{
	const struct lanes *lanes = &picture->lanes;
	double gap = lane_gap(picture), top = picture->base - HEAD * picture->scale;

	*row_height = (top - picture->bottom - gap * (double)(lanes->count + 1)) / lanes->rows;
	return top - gap * (double)(lane + 1) - *row_height * row;
}

static double place_y(const struct picture *picture, double pixel)
{
	return picture->memory.from + (pixel - picture->base) * picture_y_pixel(picture);
}

static void bar_name_put(struct picture *picture, const struct lane_bar *bar, double middle)
{
	const struct run *run = picture->scene.run;
	uint64_t shown_to = bar->to_ns < run->end_ns ? bar->to_ns : run->end_ns;
	double from = picture_pixel_x(picture, bar->from_ns > run->start_ns ? bar->from_ns : run->start_ns);
	double room, em = 11 * picture->scale;
	struct text text = {0};

	if (bar->shown == picture->scene.function_count)
		return;
	room = picture_pixel_x(picture, shown_to) - from - 8 * picture->scale;
	text_puts(&text, picture->scene.functions[bar->shown].label);
	if (bar->calls > 1) {
		text_puts(&text, " ×");
		label_put_number(&text, bar->calls);
	}
	if (room > 44 * picture->scale || label_width(text.data, em) <= room) {
		char *label = label_shorten(text.data, room, em);
		picture_put_label(picture, label, from + 4 * picture->scale, middle, "left", 11, false,
				  picture->style->ink);
		free(label);
	}
	text_free(&text);
}

static void lane_name_put(struct picture *picture, size_t index)
{
	const struct lane *lane = &picture->lanes.lanes[index];
	double height, top = row_top(picture, index, lane->first_row, &height), scale = picture->scale;
	char *name = lanes_name(&picture->lanes, lane, picture->scene.run);
	double pitch = (height * lane->rows + lane_gap(picture)) / scale,
	       em = pitch < 11 ? pitch * 0.95 : 10.5;
	if (pitch >= 8) {
		char *label = label_shorten(name, picture->left - 10 * scale, em * scale);
		picture_put_label(picture, label, picture->left - 6 * scale, top - height * lane->rows / 2,
				  "right", em, false, picture->style->faint);
		free(label);
	}
	free(name);
}

/* Calls that never ended, or whose end was noticed later, or that were left without a return, are paler. */
static double bar_density(const struct lane_bar *bar)
{
	return bar->open || bar->noticed ? 0.35 : bar->unwound ? 0.5 : 0.7;
}

/* Rectangles "left right low high colour". */
static void bars_put(struct picture *picture)
{
	double least = picture_x_pixel(picture) * picture->scale;

	text_puts(picture->out, "$bars << EOD\n");
	for (size_t i = 0; i < picture->lanes.bar_count; i++) {
		const struct lane_bar *bar = &picture->lanes.bars[i];
		double height, top = row_top(picture, bar->lane, bar->row, &height);
		double from = picture_x(picture, bar->from_ns), to = picture_x(picture, bar->to_ns);
		double gap = height > 8 * picture->scale ? 0.5 * picture->scale : 0;
		unsigned colour = picture_colour(picture, bar->shown);
		text_printf(picture->out, "%.9g %.9g %.7g %.7g %u\n", from,
			    to < from + least ? from + least : to, place_y(picture, top - height + gap),
			    place_y(picture, top - gap),
			    style_tint(picture->style, colour, bar_density(bar)));
	}
	text_puts(picture->out, "EOD\n");
}

static void bar_names_put(struct picture *picture)
{
	for (size_t i = 0; i < picture->lanes.bar_count; i++) {
		const struct lane_bar *bar = &picture->lanes.bars[i];
		double height, top = row_top(picture, bar->lane, bar->row, &height);
		if (height >= 11 * picture->scale)
			bar_name_put(picture, bar, top - height / 2);
	}
}

void panel_put(struct picture *picture)
{
	const struct lanes *lanes = &picture->lanes;

	if (lanes->rows == 0)
		return;
	text_printf(picture->out,
		    "set arrow from first %.10g,%.10g to first %.10g,%.10g nohead lw %.3g lc rgb '#%06x'\n",
		    picture->time.from, picture->memory.from, picture->time.to, picture->memory.from,
		    1.2 * picture->scale, picture->style->line);
	bars_put(picture);
	bar_names_put(picture);
	for (size_t i = 0; i < lanes->count; i++)
		lane_name_put(picture, i);
	if (lanes->left_out > 0) {
		struct text line = {0};
		text_puts(&line, "… and ");
		label_put_count(&line, lanes->left_out, "more thread");
		picture_put_label(picture, line.data, picture->right, picture->bottom - 42 * picture->scale,
				  "right", 11, false, picture->style->faint);
		text_free(&line);
	}
}

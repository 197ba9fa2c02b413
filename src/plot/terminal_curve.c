#include <stdlib.h>

#include "band.h"
#include "label.h"
#include "terminal_page.h"

static struct cell *cell_at(const struct page *page, struct cell *layer, unsigned column, unsigned row)
{
	return &layer[row * page->width + column];
}

/* Where the curve is in each column, in bytes; below zero where it is not. `owner` is the index of a block. */
struct course {
	double *rss;
	size_t *owner;
};

static struct course course_find(const struct page *page)
{
	const struct scene *scene = &page->scene;
	struct course course = {mem_alloc(page->width * sizeof(*course.rss)),
				mem_alloc(page->width * sizeof(*course.owner))};
	size_t at = 0;

	for (unsigned column = 0; column < page->width; column++) {
		double part = ((double)column - PAGE_LEFT) / (page->right - PAGE_LEFT);
		double time = (double)scene->run->start_ns +
			      part * (page->time.to - page->time.from) * page->time.divisor;
		course.rss[column] = -1;
		course.owner[column] = SCENE_NOBODY;
		while (at + 2 < scene->curve_count && (double)scene->curve[at + 1].time_ns <= time)
			at++;
		if (column <= PAGE_LEFT || column > page->right || scene->curve_count == 0)
			continue;
		const struct run_sample *one = &scene->curve[at];
		const struct run_sample *next = &scene->curve[at + 1 < scene->curve_count ? at + 1 : at];
		if ((double)next->time_ns < time)
			continue;
		double span = (double)(next->time_ns - one->time_ns),
		       along = span > 0 ? (time - (double)one->time_ns) / span : 0;
		course.rss[column] = (double)one->rss + along * ((double)next->rss - (double)one->rss);
		course.owner[column] = scene->owner[at];
	}
	return course;
}

/* The area beneath the curve is written with the letters of functions. */
static void area_fill(struct page *page, const struct course *course)
{
	for (unsigned column = PAGE_LEFT + 1; column <= page->right; column++) {
		if (course->owner[column] == SCENE_NOBODY)
			continue;
		size_t shown = page->scene.blocks[course->owner[column]].shown;
		for (unsigned row = page_row(page, course->rss[column]) + 1; row < page->bottom; row++)
			*cell_at(page, page->behind, column, row) =
				(struct cell){page_letter(page, shown), page_colour(page, shown)};
	}
}

/* The highest mark of the time that each column stands for. */
static uint64_t *marks_find(const struct page *page)
{
	const struct run_line *marks = band_marks(page->scene.run);
	uint64_t *highest = mem_alloc(page->width * sizeof(*highest));

	for (size_t i = 1; marks && i < marks->count; i++) {
		unsigned to = page_column(page, marks->points[i].time_ns);
		for (unsigned column = page_column(page, marks->points[i - 1].time_ns); column <= to;
		     column++)
			if (marks->points[i].rss > highest[column])
				highest[column] = marks->points[i].rss;
	}
	return highest;
}

/* Dots above the curve: what memory was at most between two samples. */
static void band_fill(struct page *page, const struct course *course)
{
	uint64_t *highest = marks_find(page);

	for (unsigned column = PAGE_LEFT + 1; column <= page->right; column++) {
		if (course->rss[column] < 0 || (double)highest[column] <= course->rss[column])
			continue;
		unsigned curve = page_row(page, course->rss[column]);
		for (unsigned row = page_row(page, (double)highest[column]); row < curve; row++)
			*cell_at(page, page->behind, column, row) = (struct cell){'.', PAGE_NO_COLOUR};
	}
	free(highest);
}

static void peak_fill(struct page *page)
{
	const struct run *run = page->scene.run;
	const struct curve *child = curves_above(&page->curves, run->peak_rss);
	struct run_sample peak = child ? curve_highest(child) : band_peak(run);
	uint64_t level = child ? peak.rss : run->peak_rss;
	unsigned row = page_row(page, (double)level), column = page_column(page, peak.time_ns);
	struct text label = {0};

	for (unsigned x = PAGE_LEFT + 1; x <= page->right; x += 2)
		*cell_at(page, page->behind, x, row) = (struct cell){'-', PAGE_NO_COLOUR};
	for (unsigned y = row; y < page->bottom; y++)
		*cell_at(page, page->behind, column, y) = (struct cell){':', PAGE_NO_COLOUR};
	text_printf(&label, "%s ", child ? child->label : "peak");
	scene_put_bytes(&label, &page->scene, level);
	char *shorter = label_shorten(label.data, page->right - PAGE_LEFT, 0);
	unsigned width = (unsigned)label_width(shorter, 0),
		 from = column > width / 2 ? column - width / 2 : 0;
	from = from < PAGE_LEFT + 1 ? PAGE_LEFT + 1 : from;
	from = from + width > page->right + 1 ? page->right + 1 - width : from;
	page_put_words(page, shorter, from, row - 1, PAGE_NO_COLOUR);
	free(shorter);
	text_free(&label);
}

/* Two brackets that meet in one place go side by side, the inner one inside. */
static void bracket_fill(struct page *page, const struct scene_block *block, bool enter)
{
	unsigned column = page_column(page, enter ? block->from_ns : block->to_ns);
	unsigned row = page_row(page, (double)(enter ? block->from_rss : block->to_rss));

	for (unsigned tries = 0; tries < 4; tries++) {
		struct cell *cell = cell_at(page, page->before, column, row);
		if (!cell->glyph) {
			*cell = (struct cell){enter         ? '['
					      : block->open ? '>'
							    : ']',
					      page_colour(page, block->shown)};
			return;
		}
		if (enter ? column >= page->right : column <= PAGE_LEFT + 1)
			return;
		column = enter ? column + 1 : column - 1;
	}
}

static void brackets_fill(struct page *page)
{
	for (unsigned depth = 0; depth < page->scene.depths; depth++) {
		for (size_t i = 0; i < page->scene.block_count; i++) {
			/* What is in another process is not where the curve is. */
			if (page->scene.blocks[i].depth != depth ||
			    (page->scene.blocks[i].elsewhere &&
			     page->options->children != PLOT_CHILDREN_CURVES))
				continue;
			bracket_fill(page, &page->scene.blocks[i], true);
			bracket_fill(page, &page->scene.blocks[i], false);
		}
	}
}

static void layer_put(struct page *page, const struct cell *layer, const char *depth)
{
	for (unsigned row = 0; row < page->height; row++) {
		const struct cell *cells = &layer[row * page->width];
		for (unsigned from = 0, to; from < page->width; from = to) {
			struct text glyphs = {0};
			for (to = from;
			     to < page->width && cells[to].glyph && cells[to].colour == cells[from].colour;
			     to++)
				text_putc(&glyphs, cells[to].glyph);
			if (to == from) {
				to++;
				continue;
			}
			text_puts(page->out, "set label ");
			label_put_quoted(page->out, glyphs.data);
			text_printf(page->out, " at character %u,%u left noenhanced %s", from,
				    page->height - 1 - row, depth);
			if (cells[from].colour != PAGE_NO_COLOUR)
				text_printf(page->out, " tc rgb '#%06x'", (unsigned)cells[from].colour);
			text_putc(page->out, '\n');
			text_free(&glyphs);
		}
	}
}

void page_fill_layers(struct page *page)
{
	struct course course = course_find(page);

	page->behind = mem_alloc((size_t)page->width * page->height * sizeof(*page->behind));
	page->before = mem_alloc((size_t)page->width * page->height * sizeof(*page->before));
	if (page->scene.run->recording_count == 0)
		band_fill(page, &course);
	area_fill(page, &course);
	peak_fill(page);
	if (!page->options->flame)
		brackets_fill(page);
	layer_put(page, page->behind, "back");
	layer_put(page, page->before, "front");
	free(page->behind);
	free(page->before);
	free(course.rss);
	free(course.owner);
}

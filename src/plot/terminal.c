#include "terminal.h"

#include <stdlib.h>
#include <string.h>

#include "axis.h"
#include "label.h"
#include "scene.h"
#include "style.h"

enum {
	DEFAULT_COLUMNS = 100,
	DEFAULT_ROWS = 30,
	LEAST_COLUMNS = 40,
	LEAST_ROWS = 12,
	LEFT = 10,  /* columns for the tics of the memory axis */
	RIGHT = 2,  /* columns that the last tic of the time axis may need */
	TITLES = 2, /* rows */
	NO_COLOUR = -1,
};

/* One layer of single characters; drawn as labels, one for each stretch of a colour. */
struct cell {
	char glyph; /* 0: nothing */
	int colour; /* 0xRRGGBB or NO_COLOUR */
};

struct page {
	struct text *out;
	struct scene scene;
	bool colour;
	unsigned width, height;
	unsigned strip_rows, legend_rows, legend_columns;
	unsigned top, bottom, right; /* the plot: first and last row (the time axis), last column */
	struct axis time, memory;
	struct cell *behind, *before; /* the curve */
};

/* ---- places ---------------------------------------------------------------------- */

static unsigned rounded(double value, unsigned most)
{
	return value <= 0 ? 0 : value >= most ? most : (unsigned)(value + 0.5);
}

static unsigned column_of(const struct page *page, uint64_t time_ns)
{
	double at = ((double)time_ns - (double)page->scene.run->start_ns) / page->time.divisor /
		    (page->time.to - page->time.from);
	return LEFT + rounded(at * (page->right - LEFT), page->right - LEFT);
}

static unsigned row_of(const struct page *page, double rss)
{
	double range = page->memory.to - page->memory.from;
	double at = (rss / page->memory.divisor - page->memory.from) / range;
	return page->bottom - rounded(at * (page->bottom - page->top), page->bottom - page->top);
}

static int colour_of(const struct page *page, size_t shown)
{
	return page->colour ? (int)style_colour(style_get(false), shown, page->scene.function_count)
			    : NO_COLOUR;
}

static char letter_of(const struct page *page, size_t shown)
{
	return shown < page->scene.function_count ? (char)('a' + shown % 26) : '~';
}

static struct cell *cell_at(const struct page *page, struct cell *layer, unsigned column, unsigned row)
{
	return &layer[row * page->width + column];
}

/* ---- words ------------------------------------------------------------------------ */

static void words_put(struct page *page, const char *clean, unsigned column, unsigned row, int colour)
{
	text_puts(page->out, "set label ");
	label_put_quoted(page->out, clean);
	text_printf(page->out, " at character %u,%u left noenhanced front", column, page->height - 1 - row);
	if (colour != NO_COLOUR)
		text_printf(page->out, " tc rgb '#%06x'", (unsigned)colour);
	text_putc(page->out, '\n');
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
			if (cells[from].colour != NO_COLOUR)
				text_printf(page->out, " tc rgb '#%06x'", (unsigned)cells[from].colour);
			text_putc(page->out, '\n');
			text_free(&glyphs);
		}
	}
}

/* ---- parts ------------------------------------------------------------------------- */

static void titles_put(struct page *page, const struct plot_options *options)
{
	char *clean = scene_title(&page->scene, options->title);
	char *title = label_shorten(clean, page->width - 4, 0);
	struct text line = {0};

	words_put(page, title, 2, 0, NO_COLOUR);
	scene_put_summary(&line, &page->scene);
	if (page->memory.from > 0)
		text_puts(&line, " · axis not from zero");
	char *summary = label_shorten(line.data, page->width - 4, 0);
	words_put(page, summary, 2, 1, NO_COLOUR);
	free(summary);
	text_free(&line);
	free(title);
	free(clean);
}

/* The scene tells no more rows apart than the page has. */
static uint64_t rows_hidden(const struct page *page)
{
	const struct run *run = page->scene.run;
	uint64_t rows = page->scene.rows;

	/* A damaged file may have any depth: one more than that can need a bit more. */
	for (size_t i = 0; i < run->call_count; i++)
		rows = rows > run->calls[i].depth ? rows : (uint64_t)run->calls[i].depth + 1;
	return rows - page->strip_rows;
}

/* "[my_func1-----]", "[a--]", "[]", "a"; '>' at the end of a call that never ended. */
static void strip_put(struct page *page)
{
	for (size_t i = 0; i < page->scene.block_count; i++) {
		const struct scene_block *block = &page->scene.blocks[i];
		unsigned from = column_of(page, block->from_ns),
			 width = column_of(page, block->to_ns) - from + 1;
		char letter[] = {letter_of(page, block->shown), 0};
		struct text name = {0}, cell = {0};

		if (block->row >= page->strip_rows)
			continue;
		if (block->shown < page->scene.function_count) {
			text_puts(&name, page->scene.functions[block->shown].label);
			if (block->calls > 1) {
				text_puts(&name, " ×");
				label_put_number(&name, block->calls);
			}
		}
		bool fits = name.data && (width >= 12 || label_width(name.data, 0) + 2 <= width);
		char *label = label_shorten(fits ? name.data : letter, width > 2 ? width - 2 : 1, 0);
		if (width == 1) {
			text_puts(&cell, letter);
		} else {
			text_putc(&cell, '[');
			text_puts(&cell, width > 2 ? label : "");
			while (label_width(cell.data, 0) + 1 < width)
				text_putc(&cell, '-');
			text_putc(&cell, block->open ? '>' : ']');
		}
		words_put(page, cell.data, from, TITLES + block->row, colour_of(page, block->shown));
		free(label);
		text_free(&name);
		text_free(&cell);
	}
	if (rows_hidden(page) > 0) {
		struct text rest = {0};
		text_puts(&rest, "… ");
		label_put_count(&rest, rows_hidden(page), "more row");
		words_put(page, rest.data, LEFT + 1, TITLES + page->strip_rows, NO_COLOUR);
		text_free(&rest);
	}
}

/* The area beneath the curve is written with the letters of functions. */
static void area_fill(struct page *page)
{
	const struct scene *scene = &page->scene;
	size_t at = 0;

	for (unsigned column = LEFT + 1; column <= page->right && scene->curve_count > 0; column++) {
		double part = (double)(column - LEFT) / (page->right - LEFT);
		double time = (double)scene->run->start_ns +
			      part * (page->time.to - page->time.from) * page->time.divisor;
		while (at + 2 < scene->curve_count && (double)scene->curve[at + 1].time_ns <= time)
			at++;
		const struct run_sample *one = &scene->curve[at];
		const struct run_sample *next = &scene->curve[at + 1 < scene->curve_count ? at + 1 : at];
		if (scene->owner[at] == SCENE_NOBODY || (double)next->time_ns < time)
			continue;
		double span = (double)(next->time_ns - one->time_ns),
		       along = span > 0 ? (time - (double)one->time_ns) / span : 0;
		double rss = (double)one->rss + along * ((double)next->rss - (double)one->rss);
		size_t shown = scene->blocks[scene->owner[at]].shown;
		for (unsigned row = row_of(page, rss) + 1; row < page->bottom; row++)
			*cell_at(page, page->behind, column, row) =
				(struct cell){letter_of(page, shown), colour_of(page, shown)};
	}
}

static void peak_fill(struct page *page)
{
	const struct run *run = page->scene.run;
	unsigned row = row_of(page, (double)run->peak_rss), column = column_of(page, run->peak_sample_ns);
	struct text label = {0};

	for (unsigned x = LEFT + 1; x <= page->right; x += 2)
		*cell_at(page, page->behind, x, row) = (struct cell){'-', NO_COLOUR};
	for (unsigned y = row; y < page->bottom; y++)
		*cell_at(page, page->behind, column, y) = (struct cell){':', NO_COLOUR};
	text_puts(&label, "peak ");
	scene_put_bytes(&label, &page->scene, run->peak_rss);
	unsigned width = (unsigned)label_width(label.data, 0),
		 from = column > width / 2 ? column - width / 2 : 0;
	from = from < LEFT + 1 ? LEFT + 1 : from;
	from = from + width > page->right + 1 ? page->right + 1 - width : from;
	words_put(page, label.data, from, row - 1, NO_COLOUR);
	text_free(&label);
}

/* Two brackets that meet in one place go side by side, the inner one inside. */
static void bracket_fill(struct page *page, const struct scene_block *block, bool enter)
{
	unsigned column = column_of(page, enter ? block->from_ns : block->to_ns);
	unsigned row = row_of(page, (double)(enter ? block->from_rss : block->to_rss));

	for (unsigned tries = 0; tries < 4; tries++) {
		struct cell *cell = cell_at(page, page->before, column, row);
		if (!cell->glyph) {
			*cell = (struct cell){enter         ? '['
					      : block->open ? '>'
							    : ']',
					      colour_of(page, block->shown)};
			return;
		}
		if (enter ? column >= page->right : column <= LEFT + 1)
			return;
		column = enter ? column + 1 : column - 1;
	}
}

static void brackets_fill(struct page *page)
{
	for (unsigned depth = 0; depth < page->scene.depths; depth++) {
		for (size_t i = 0; i < page->scene.block_count; i++) {
			if (page->scene.blocks[i].depth != depth)
				continue;
			bracket_fill(page, &page->scene.blocks[i], true);
			bracket_fill(page, &page->scene.blocks[i], false);
		}
	}
}

static void legend_line(const struct page *page, size_t index, struct text *line)
{
	const struct scene *scene = &page->scene;
	text_clear(line);
	text_printf(line, "%c ", letter_of(page, index));
	if (index == scene->function_count) {
		text_printf(line, "… and %zu more", scene->others);
		return;
	}
	struct text figures = {0};
	scene_put_figures(&figures, scene, &scene->functions[index]);
	double room = page->width - 8 - label_width(figures.data, 0);
	char *name = label_shorten(scene->functions[index].label, room < 8 ? 8 : room, 0);
	text_printf(line, "%s  %s", name, figures.data);
	free(name);
	text_free(&figures);
}

static size_t legend_count(const struct page *page)
{
	return page->scene.function_count + (page->scene.others > 0);
}

static unsigned legend_widest(const struct page *page)
{
	struct text line = {0};
	double widest = 0;
	for (size_t i = 0; i < legend_count(page); i++) {
		legend_line(page, i, &line);
		double width = label_width(line.data, 0);
		widest = width > widest ? width : widest;
	}
	text_free(&line);
	return (unsigned)widest;
}

static void legend_put(struct page *page)
{
	unsigned column_width = (page->width - 2) / page->legend_columns;
	struct text line = {0};
	for (size_t i = 0; i < legend_count(page); i++) {
		unsigned column = 2 + (unsigned)(i / page->legend_rows) * column_width;
		unsigned row = page->height - page->legend_rows + (unsigned)(i % page->legend_rows);
		legend_line(page, i, &line);
		char *short_line = label_shorten(line.data, page->width - column, 0);
		words_put(page, short_line, column, row, colour_of(page, i));
		free(short_line);
	}
	text_free(&line);
}

/* ---- all ------------------------------------------------------------------------------ */

static void page_lay_out(struct page *page, const struct run *run, const struct plot_options *options)
{
	unsigned width = options->width ? options->width : DEFAULT_COLUMNS;
	unsigned height = options->height ? options->height : DEFAULT_ROWS;
	page->width = width < LEAST_COLUMNS ? LEAST_COLUMNS : width;
	page->height = height < LEAST_ROWS ? LEAST_ROWS : height;
	page->colour = options->colour;
	page->right = page->width - 1 - RIGHT;

	unsigned functions = page->height / 4;
	struct scene_detail detail = {
		.columns = page->right - LEFT,
		.call_columns = 3,
		.gap_columns = 1,
		.rows = page->height,
		.functions = functions > 16 ? 16 : functions,
		.blocks = page->width * 8,
		.unit = options->unit,
	};
	scene_build(&page->scene, run, &detail);

	unsigned strip = page->height / 8;
	page->strip_rows = page->scene.rows < strip ? page->scene.rows : strip;
	unsigned count = (unsigned)legend_count(page), widest = legend_widest(page);
	page->legend_columns = count > 0 ? (page->width - 2) / (widest + 3) : 1;
	page->legend_columns = page->legend_columns < 1 ? 1 : page->legend_columns;
	page->legend_rows = (count + page->legend_columns - 1) / page->legend_columns;
	page->top = TITLES + page->strip_rows + (rows_hidden(page) > 0);
	page->bottom = page->height - 1 - page->legend_rows - 1;

	const struct scene *scene = &page->scene;
	axis_set_time(&page->time, run->before_ns, run->before_ns + (run->end_ns - run->start_ns));
	axis_set_bytes(&page->memory, scene_memory_from(scene), scene->high_rss, scene->unit);
	/* Above the peak there is a row for its label; not 1.5, where gnuplot and row_of might round apart. */
	double high = page->memory.to, rows = page->bottom - page->top;
	page->memory.to = page->memory.from + (high - page->memory.from) * rows / (rows - 1.7);
	axis_set_tics(&page->memory, high, rows / 3 > 2 ? (unsigned)(rows / 3) : 2);
	axis_set_tics(&page->time, page->time.to, page->width / 12);
}

static void frame_put(struct page *page)
{
	struct text *out = page->out;
	text_printf(out, "set encoding utf8\nset terminal dumb size %u,%u aspect 1 noenhanced %s\n",
		    page->width, page->height, page->colour ? "ansi256" : "mono");
	text_printf(
		out,
		"unset key\nset border 3\nset lmargin %d\nset rmargin %d\nset tmargin %u\nset bmargin %u\n",
		LEFT, RIGHT, page->top, page->height - 1 - page->bottom);
	text_printf(out, "set xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n", page->time.from,
		    page->time.to, page->memory.from, page->memory.to);
	text_printf(out, "set xtics nomirror scale 0 format '%%g %s' %.10g,%.10g,%.10g\n", page->time.unit,
		    page->time.tic_from, page->time.tic_step, page->time.tic_to);
	text_printf(out, "set ytics nomirror scale 0 format '%%g %s' %.10g,%.10g,%.10g\n", page->memory.unit,
		    page->memory.tic_from, page->memory.tic_step, page->memory.tic_to);
}

void terminal_put_script(const struct run *run, const struct plot_options *options, struct text *out)
{
	struct page page = {.out = out};
	const struct scene *scene = &page.scene;

	page_lay_out(&page, run, options);
	page.behind = mem_alloc((size_t)page.width * page.height * sizeof(*page.behind));
	page.before = mem_alloc((size_t)page.width * page.height * sizeof(*page.before));
	frame_put(&page);
	titles_put(&page, options);
	strip_put(&page);
	area_fill(&page);
	peak_fill(&page);
	brackets_fill(&page);
	layer_put(&page, page.behind, "back");
	layer_put(&page, page.before, "front");
	if (legend_count(&page) > 0)
		legend_put(&page);

	/* The second curve keeps the plot whole when the first is a single point. */
	text_puts(out, "$curve << EOD\n");
	for (size_t i = 0; i < scene->curve_count; i++)
		text_printf(out, "%.7g %.7g\n",
			    page.time.from + ((double)scene->curve[i].time_ns - (double)run->start_ns) /
						     page.time.divisor,
			    (double)scene->curve[i].rss / page.memory.divisor);
	text_puts(out, "EOD\nplot NaN notitle, $curve using 1:2 with lines lt 1 lc black notitle\n");

	free(page.behind);
	free(page.before);
	scene_free(&page.scene);
}

void terminal_clean(const struct text *drawn, struct text *page)
{
	size_t kept = 0; /* up to here the line has more than blanks */
	text_puts(page, "");
	for (size_t i = 0; i < drawn->length; i++) {
		char byte = drawn->data[i];
		if (byte == '\f')
			continue;
		if (byte == '\n') {
			page->length = kept;
			page->data[kept] = 0;
		}
		text_putc(page, byte);
		if (byte != ' ')
			kept = page->length;
	}
}

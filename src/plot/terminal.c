#include "terminal.h"

#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "label.h"
#include "style.h"
#include "terminal_page.h"

enum {
	DEFAULT_COLUMNS = 100,
	DEFAULT_ROWS = 30,
	LEAST_COLUMNS = 40,
	LEAST_ROWS = 12,
	LEAST_PLOT = 5, /* rows of the curve */
	RIGHT = 2,      /* columns that the last tic of the time axis may need */
};

/* gnuplot's characters for lines, from line type 1 on. */
static const char line_glyphs[] = "*#$%@&=";

/* ---- places ---------------------------------------------------------------------- */

static unsigned rounded(double value, unsigned most)
{
	return value <= 0 ? 0 : value >= most ? most : (unsigned)(value + 0.5);
}

unsigned page_column(const struct page *page, uint64_t time_ns)
{
	double at = ((double)time_ns - (double)page->scene.run->start_ns) / page->time.divisor /
		    (page->time.to - page->time.from);
	return PAGE_LEFT + rounded(at * (page->right - PAGE_LEFT), page->right - PAGE_LEFT);
}

unsigned page_row(const struct page *page, double rss)
{
	double range = page->memory.to - page->memory.from;
	double at = (rss / page->memory.divisor - page->memory.from) / range;
	return page->bottom - rounded(at * (page->bottom - page->top), page->bottom - page->top);
}

int page_colour(const struct page *page, size_t shown)
{
	return page->colour ? (int)style_colour(style_get(false),
						shown < page->scene.function_count
							? page->scene.functions[shown].hue
							: page->scene.function_count,
						page->scene.function_count)
			    : PAGE_NO_COLOUR;
}

char page_letter(const struct page *page, size_t shown)
{
	return shown < page->scene.function_count ? (char)('a' + shown % 26) : '~';
}

/* ---- words ------------------------------------------------------------------------ */

void page_put_words(struct page *page, const char *clean, unsigned column, unsigned row, int colour)
{
	text_puts(page->out, "set label ");
	label_put_quoted(page->out, clean);
	text_printf(page->out, " at character %u,%u left noenhanced front", column, page->height - 1 - row);
	if (colour != PAGE_NO_COLOUR)
		text_printf(page->out, " tc rgb '#%06x'", (unsigned)colour);
	text_putc(page->out, '\n');
}

/* ---- parts ------------------------------------------------------------------------- */

static void titles_put(struct page *page, const struct plot_options *options)
{
	char *clean = scene_title(&page->scene, options->title);
	char *title = label_shorten(clean, page->width - 4, 0);
	struct text line = {0};

	page_put_words(page, title, 2, 0, PAGE_NO_COLOUR);
	scene_put_summary(&line, &page->scene);
	if (page->memory.from > 0)
		text_puts(&line, " · axis not from zero");
	char *summary = label_shorten(line.data, page->width - 4, 0);
	page_put_words(page, summary, 2, 1, PAGE_NO_COLOUR);
	free(summary);
	text_free(&line);
	free(title);
	free(clean);
}

static char glyph_of(size_t curve)
{
	return line_glyphs[curve % (sizeof(line_glyphs) - 1)];
}

static void legend_line(const struct page *page, const struct entry *entry, struct text *line)
{
	struct text name = {0}, figures = {0};

	entry_put_words(&page->scene, &page->curves, entry, &name, &figures);
	text_clear(line);
	text_printf(line, "%c ",
		    entry->kind == ENTRY_CURVE      ? glyph_of(entry->index)
		    : entry->kind == ENTRY_FUNCTION ? page_letter(page, entry->index)
						    : page_letter(page, page->scene.function_count));
	/* Beside a name of eight letters; half a figure is worse than none. */
	entry_fit_figures(&figures, page->width - 14.0, 0);
	double room = page->width - 8 - label_width(figures.data, 0);
	char *shorter = label_shorten(name.data, room < 8 ? 8 : room, 0);
	text_printf(line, "%s%s%s", shorter, *figures.data ? "  " : "", figures.data);
	free(shorter);
	text_free(&figures);
	text_free(&name);
}

static unsigned legend_widest(const struct page *page, const struct entries *entries)
{
	struct text line = {0};
	double widest = 0;
	for (size_t i = 0; i < entries->count; i++) {
		legend_line(page, &entries->items[i], &line);
		double width = label_width(line.data, 0);
		widest = width > widest ? width : widest;
	}
	text_free(&line);
	return (unsigned)widest;
}

static int entry_colour(const struct page *page, const struct entry *entry)
{
	if (entry->kind != ENTRY_CURVE)
		return page_colour(page,
				   entry->kind == ENTRY_FUNCTION ? entry->index : page->scene.function_count);
	/* The first has the terminal's own. */
	return page->colour && entry->index > 0 ? (int)page->curves.items[entry->index].colour
						: PAGE_NO_COLOUR;
}

static void legend_put(struct page *page)
{
	struct entries entries = entries_list(&page->scene, &page->curves);
	unsigned column_width = (page->width - 2) / page->legend_columns;
	struct text line = {0};
	for (size_t i = 0; i < entries.count; i++) {
		unsigned column = 2 + (unsigned)(i / page->legend_rows) * column_width;
		unsigned row = page->height - page->legend_rows + (unsigned)(i % page->legend_rows);
		legend_line(page, &entries.items[i], &line);
		char *short_line = label_shorten(line.data, page->width - column, 0);
		page_put_words(page, short_line, column, row, entry_colour(page, &entries.items[i]));
		free(short_line);
	}
	text_free(&line);
	free(entries.items);
}

/* ---- all ------------------------------------------------------------------------------ */

static void legend_set(struct page *page)
{
	struct entries entries = entries_list(&page->scene, &page->curves);
	bool hidden = page->options->legend == PLOT_LEGEND_NONE;
	unsigned count = hidden ? 0 : (unsigned)entries.count, widest = legend_widest(page, &entries);

	page->legend_columns = count > 0 ? (page->width - 2) / (widest + 3) : 1;
	page->legend_columns = page->legend_columns < 1 ? 1 : page->legend_columns;
	page->legend_rows = (count + page->legend_columns - 1) / page->legend_columns;
	free(entries.items);
}

/* Lanes below the time axis, or the strip above the curve. */
static void rows_set(struct page *page)
{
	unsigned taken = PAGE_TITLES + page->legend_rows + 2 + LEAST_PLOT, strip = page->height / 8;
	/* One for a lane, one that says how many there is no room for. */
	unsigned room = page->height > taken + 2 ? page->height - taken : 2;

	if (page->options->lanes || page->options->flame)
		page_choose_lanes(page, page->height / 3 < room ? page->height / 3 : room);
	else
		page->strip_rows = page->scene.rows < strip ? page->scene.rows : strip;
}

static void axes_set(struct page *page)
{
	struct scene *scene = &page->scene;
	const struct run *run = scene->run;

	if (page->curves.high > scene->high_rss)
		scene->high_rss = page->curves.high;
	if (page->curves.low < scene->low_rss)
		scene->low_rss = page->curves.low;
	axis_set_time(&page->time, run->before_ns, run->before_ns + (run->end_ns - run->start_ns));
	axis_set_bytes(&page->memory, scene_memory_from(scene), scene->high_rss, scene->unit);
	/* Above the peak there is a row for its label; not 1.5, where gnuplot and page_row might round apart. */
	double high = page->memory.to, rows = page->bottom - page->top;
	page->memory.to = page->memory.from + (high - page->memory.from) * rows / (rows - 1.7);
	axis_set_tics(&page->memory, high, rows / 3 > 2 ? (unsigned)(rows / 3) : 2);
	axis_set_tics(&page->time, page->time.to, page->width / 12);
}

static void page_lay_out(struct page *page, const struct run *run)
{
	const struct plot_options *options = page->options;
	unsigned width = options->width ? options->width : DEFAULT_COLUMNS;
	unsigned height = options->height ? options->height : DEFAULT_ROWS;
	page->width = width < LEAST_COLUMNS ? LEAST_COLUMNS : width;
	page->height = height < LEAST_ROWS ? LEAST_ROWS : height;
	page->colour = options->colour;
	page->right = page->width - 1 - RIGHT;

	curves_build(&page->curves, run, options, style_get(false), page->right - PAGE_LEFT);
	unsigned functions = page->height / 4;
	struct scene_detail detail = {
		.columns = page->right - PAGE_LEFT,
		.call_columns = 3,
		.gap_columns = 1,
		.rows = page->height,
		.functions = functions > 16 ? 16 : functions,
		.blocks = page->width * 8,
		.unit = options->unit,
	};
	scene_build(&page->scene, run, &detail);
	legend_set(page);
	rows_set(page);
	page->top = PAGE_TITLES + page->strip_rows + (page->lane_rows == 0 && page_rows_hidden(page) > 0);
	page->bottom = page->height - 1 - page->legend_rows - page->lane_rows - 1;
	axes_set(page);
}

static void frame_put(struct page *page)
{
	struct text *out = page->out;
	text_printf(out, "set encoding utf8\nset terminal dumb size %u,%u aspect 1 noenhanced %s\n",
		    page->width, page->height, page->colour ? "ansi256" : "mono");
	text_printf(
		out,
		"unset key\nset border 3\nset lmargin %d\nset rmargin %d\nset tmargin %u\nset bmargin %u\n",
		PAGE_LEFT, RIGHT, page->top, page->height - 1 - page->bottom);
	text_printf(out, "set xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n", page->time.from,
		    page->time.to, page->memory.from, page->memory.to);
	text_printf(out, "set xtics nomirror scale 0 format '%%g %s' %.10g,%.10g,%.10g\n", page->time.unit,
		    page->time.tic_from, page->time.tic_step, page->time.tic_to);
	text_printf(out, "set ytics nomirror scale 0 format '%%g %s' %.10g,%.10g,%.10g\n", page->memory.unit,
		    page->memory.tic_from, page->memory.tic_step, page->memory.tic_to);
}

static void points_put(struct page *page, const char *name, const struct run_sample *points, size_t count)
{
	text_printf(page->out, "$%s << EOD\n", name);
	for (size_t i = 0; i < count; i++)
		text_printf(page->out, "%.7g %.7g\n",
			    page->time.from +
				    ((double)points[i].time_ns - (double)page->scene.run->start_ns) /
					    page->time.divisor,
			    (double)points[i].rss / page->memory.divisor);
	text_puts(page->out, "EOD\n");
}

/* The last lies on top; the first curve twice, as it keeps the plot whole when others are single points. */
static void curves_draw(struct page *page)
{
	struct text command = {0};

	points_put(page, "curve", page->scene.curve, page->scene.curve_count);
	text_puts(&command, "plot NaN notitle");
	for (size_t i = 0; i < page->curves.count; i++) {
		const struct curve *curve = &page->curves.items[i];
		char *name = mem_printf("other%zu", i);
		if (curve->count > 0) {
			points_put(page, name, curve->points, curve->count);
			text_printf(&command, ", $%s using 1:2 with lines lt %zu lc ", name,
				    i % (sizeof(line_glyphs) - 1) + 1);
			text_printf(&command, page->colour ? "rgb '#%06x' notitle" : "black notitle",
				    curve->colour);
		}
		free(name);
	}
	text_puts(&command, ", $curve using 1:2 with lines lt 1 lc black notitle\n");
	text_puts(page->out, command.data);
	text_free(&command);
}

void terminal_put_script(const struct run *run, const struct plot_options *options, struct text *out)
{
	struct page page = {.out = out, .options = options};

	page_lay_out(&page, run);
	frame_put(&page);
	titles_put(&page, options);
	if (page.lane_rows > 0)
		page_put_lanes(&page);
	else if (!options->lanes && !options->flame)
		page_put_strip(&page);
	page_fill_layers(&page);
	if (page.legend_rows > 0)
		legend_put(&page);
	curves_draw(&page);
	lanes_free(&page.lanes);
	curves_free(&page.curves);
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

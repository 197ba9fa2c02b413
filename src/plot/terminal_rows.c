#include <stdlib.h>

#include "label.h"
#include "terminal_page.h"

/* ---- above the curve -------------------------------------------------------------- */

/* The scene tells no more rows apart than the page has. */
uint64_t page_rows_hidden(const struct page *page)
{
	const struct run *run = page->scene.run;
	uint64_t rows = page->scene.rows;

	/* A damaged file may have any depth: one more than that can need a bit more. */
	for (size_t i = 0; i < run->call_count; i++)
		rows = rows > run->calls[i].depth ? rows : (uint64_t)run->calls[i].depth + 1;
	return rows - page->strip_rows;
}

/* "[my_func1-----]", "[a--]", "[]", "a"; '>' at the end of a call that never ended. */
static void cell_put(struct page *page, size_t shown, uint64_t calls, bool open, unsigned from, unsigned to,
		     unsigned row)
{
	char letter[] = {page_letter(page, shown), 0};
	unsigned width = to - from + 1;
	struct text name = {0}, cell = {0};

	if (shown < page->scene.function_count) {
		text_puts(&name, page->scene.functions[shown].label);
		if (calls > 1) {
			text_puts(&name, " ×");
			label_put_number(&name, calls);
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
		text_putc(&cell, open ? '>' : ']');
	}
	page_put_words(page, cell.data, from, row, page_colour(page, shown));
	free(label);
	text_free(&name);
	text_free(&cell);
}

static void rest_put(struct page *page, uint64_t count, const char *noun, unsigned row)
{
	struct text rest = {0};

	text_puts(&rest, "… ");
	label_put_count(&rest, count, noun);
	page_put_words(page, rest.data, PAGE_LEFT + 1, row, PAGE_NO_COLOUR);
	text_free(&rest);
}

/* To the left of a row. */
static void row_name_put(struct page *page, const char *name, unsigned row)
{
	char *label = label_shorten(name, PAGE_LEFT - 1, 0);

	page_put_words(page, label, PAGE_LEFT - 1 - (unsigned)label_width(label, 0), row, PAGE_NO_COLOUR);
	free(label);
}

static void recording_names_put(struct page *page)
{
	const struct run *run = page->scene.run;
	unsigned row = 0;

	for (size_t i = 0; i < run->recording_count; i++) {
		char *clean = label_clean(run->recordings[i].name);
		if (scene_recording_row(&page->scene, i, &row) && row < page->strip_rows)
			row_name_put(page, clean, PAGE_TITLES + row);
		free(clean);
	}
}

void page_put_strip(struct page *page)
{
	for (size_t i = 0; i < page->scene.block_count; i++) {
		const struct scene_block *block = &page->scene.blocks[i];
		if (block->row < page->strip_rows)
			cell_put(page, block->shown, block->calls, block->open,
				 page_column(page, block->from_ns), page_column(page, block->to_ns),
				 PAGE_TITLES + block->row);
	}
	recording_names_put(page);
	if (page_rows_hidden(page) > 0)
		rest_put(page, page_rows_hidden(page), "more row", PAGE_TITLES + page->strip_rows);
}

/* ---- lanes ------------------------------------------------------------------------ */

void page_choose_lanes(struct page *page, unsigned most)
{
	const struct run *run = page->scene.run;
	uint64_t least_ns = 3 * (run->end_ns - run->start_ns) / (page->right - PAGE_LEFT) + 1;

	lanes_build(&page->lanes, &page->scene, most, least_ns);
	if (page->lanes.left_out > 0 && most > 1) {
		lanes_free(&page->lanes);
		lanes_build(&page->lanes, &page->scene, most - 1, least_ns);
	}
	page->lane_rows = page->lanes.rows + (page->lanes.left_out > 0 && page->lanes.rows < most);
}

static void lane_name_put(struct page *page, const struct lane *lane, unsigned row)
{
	char *name = lanes_name(&page->lanes, lane, page->scene.run);

	row_name_put(page, name, row);
	free(name);
}

void page_put_lanes(struct page *page)
{
	unsigned top = page->bottom + 2; /* below the axis and its tics */

	for (size_t i = 0; i < page->lanes.count; i++)
		lane_name_put(page, &page->lanes.lanes[i], top + page->lanes.lanes[i].first_row);
	for (size_t i = 0; i < page->lanes.bar_count; i++) {
		const struct lane_bar *bar = &page->lanes.bars[i];
		cell_put(page, bar->shown, bar->calls, bar->open, page_column(page, bar->from_ns),
			 page_column(page, bar->to_ns), top + bar->row);
	}
	if (page->lane_rows > page->lanes.rows)
		rest_put(page, page->lanes.left_out, "more thread", top + page->lanes.rows);
}
